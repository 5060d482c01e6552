//! The accept loop: connections with limits.
//!
//! `axum::serve` sets no time limit for a request's head: a half-sent one stays open for ever.
//! Here every connection has one (which also ends idle connections), and there is a cap on their
//! number. HTTP/1 only, because hyper-util's automatic choice waits for ever on a silent connection.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The largest head of a request, and how much of a body is read at once.
const READ_BUFFER: usize = 64 * 1024;
/// How long to wait when the system gives no more connections (too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The limits of a door.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Time for a request's head, and for an idle connection to send the next one.
    pub header_timeout: Duration,
    /// How many connections are served at once; more wait to be accepted.
    pub max_connections: usize,
}

/// Serves until told to stop, then lets every running request finish.
pub async fn run(listener: TcpListener, routes: Router, limits: Limits, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(limits.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
    let connections = TaskTracker::new();
    loop {
        let accepted = stop.run_until_cancelled(async {
            let slot = slots.clone().acquire_owned().await;
            (slot, listener.accept().await)
        });
        match accepted.await {
            None => break,
            Some((Ok(slot), Ok((stream, _)))) => {
                let connection = connection(stream, routes.clone(), limits.header_timeout, stop.clone());
                connections.spawn(async move {
                    connection.await;
                    drop(slot);
                });
            }
            Some((_, Err(error))) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            Some((Err(_), _)) => break,
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn connection(stream: TcpStream, routes: Router, header_timeout: Duration, stop: CancellationToken) {
    // Answers are small: waiting to fill a packet would only delay them.
    drop(stream.set_nodelay(true));
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(READ_BUFFER)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    tokio::pin!(serving);
    let served = tokio::select! {
        served = serving.as_mut() => served,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection broke");
    }
}
