//! The accept loop and the life of one connection.
use super::reset::{Reset, ResetOnRequest};
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{Request, Response, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// Connections at the same time; more wait to be accepted.
const CONNECTIONS: usize = 4_096;
/// How long the head of a request may take, which is also how long an idle connection lives.
const HEADER_TIME: Duration = Duration::from_secs(75);
/// How long a TLS handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// The wait after an accept that failed for want of resources.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What every connection needs.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) router: Router,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// A transport under which the TCP connection can be found.
trait Transport: AsyncRead + AsyncWrite + Unpin {
    fn tcp(&self) -> &TcpStream;
}

impl Transport for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Transport for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Accepts until the sandbox stops.
pub(super) async fn accept(listener: TcpListener, door: Door) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = door.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((tcp, _)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let own = door.clone();
        door.tasks.spawn(async move {
            tokio::select! {
                () = own.stop.cancelled() => {}
                () = greet(tcp, &own) => {}
            }
            drop(slot);
        });
    }
}

async fn greet(tcp: TcpStream, door: &Door) {
    // Small answers go out at once; a failure here only costs speed.
    drop(tcp.set_nodelay(true));
    match &door.tls {
        None => serve(tcp, door.router.clone()).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_TIME, tls.accept(tcp)).await {
                serve(stream, door.router.clone()).await;
            }
        }
    }
}

async fn serve<T: Transport + 'static>(transport: T, router: Router) {
    let service = service_fn(move |request: Request<Incoming>| answer(router.clone(), request));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(transport), service);
    let Err(error) = (&mut connection).await else { return };
    let asked = std::error::Error::source(&error).is_some_and(|source| source.is::<ResetOnRequest>());
    if asked {
        let transport = connection.into_parts().io.into_inner();
        // Without lingering, closing sends a reset. If that fails the caller still loses the connection.
        drop(transport.tcp().set_zero_linger());
    }
}

async fn answer(router: Router, request: Request<Incoming>) -> Result<Response<Body>, ResetOnRequest> {
    let Ok(response) = router.oneshot(request.map(Body::new)).await;
    if response.extensions().get::<Reset>().is_some() { Err(ResetOnRequest) } else { Ok(response) }
}
