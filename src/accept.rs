//! The accept loop: connections with limits.
//!
//! `axum::serve` sets no time limit for a request's head: a half-sent one stays open for ever. Here a
//! connection that sends no whole head within `header_timeout` (an idle one, too), or whose request is not
//! read and answered within `request_timeout`, is closed, and there is a cap on their number: at the cap, whoever comes
//! takes the place of the connection that is idle for longest, so that a crowd of silent ones keeps nobody out. One look
//! a second at all connections costs less than a timer for each request. HTTP/1 only, because hyper-util's automatic
//! choice waits for ever on a silent connection; so a connection has one request at a time, and the cap is the cap of
//! requests, too.

use axum::http::{HeaderValue, Request, header};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

/// The largest head of a request, and how much of a body is read at once.
const READ_BUFFER: usize = 64 * 1024;
/// How long to wait when the system gives no more connections (too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often connections are looked at, at least; shorter where a limit is shorter.
const LONGEST_LOOK: Duration = Duration::from_secs(1);
/// How often it is said that there are too many connections.
const WARN_EVERY: Duration = Duration::from_secs(60);
/// How long an idle connection is left alone when stopping: its last answer may still be on its way.
const LINGER: Duration = Duration::from_millis(200);

/// The limits of a door.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Time for a request's head, and for an idle connection to send the next one.
    pub header_timeout: Duration,
    /// Time for a request's body and its answer.
    pub request_timeout: Duration,
    /// How many connections, and so requests, are served at once; one more takes an idle one's place, else it waits.
    pub max_connections: usize,
}

/// What answers requests.
pub trait Answering:
    Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> Answering for S where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Serves until told to stop, then lets every running request finish.
pub async fn run(listener: TcpListener, service: impl Answering, limits: Limits, stop: CancellationToken) {
    let mut door = Door::new(service, limits);
    let slots = Arc::new(Semaphore::new(limits.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
    let mut looks = tokio::time::interval(door.look);
    let mut waiting = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = looks.tick() => {
                door.close_overdue(limits.header_timeout);
                if waiting.is_some() {
                    door.make_room();
                }
            }
            accepted = listener.accept(), if waiting.is_none() => match accepted {
                Ok((stream, _)) => {
                    if slots.available_permits() == 0 {
                        door.make_room();
                    }
                    waiting = Some(stream);
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    // Too many open files, most likely.
                    door.close_longest_idle();
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            slot = slots.clone().acquire_owned(), if waiting.is_some() => match (slot, waiting.take()) {
                (Ok(slot), Some(stream)) => door.open(stream, slot),
                _ => break,
            },
        }
    }
    drop(listener);
    door.finish().await;
}

/// The open connections of a door.
struct Door<S> {
    service: S,
    limits: Limits,
    look: Duration,
    started: Instant,
    is_stopping: Arc<AtomicBool>,
    connections: TaskTracker,
    open: Vec<(Arc<Pulse>, AbortHandle)>,
    warned: Option<Instant>,
}

/// What a connection is doing, and since when.
#[derive(Default)]
struct Pulse {
    is_answering: AtomicBool,
    since_ms: AtomicU64,
}

impl<S: Answering> Door<S> {
    fn new(service: S, limits: Limits) -> Self {
        let shortest = limits.header_timeout.min(limits.request_timeout) / 4;
        Self {
            service,
            limits,
            look: shortest.clamp(Duration::from_millis(10), LONGEST_LOOK),
            started: Instant::now(),
            is_stopping: Arc::default(),
            connections: TaskTracker::new(),
            open: Vec::new(),
            warned: None,
        }
    }

    fn open(&mut self, stream: TcpStream, slot: OwnedSemaphorePermit) {
        let pulse = Arc::new(Pulse::default());
        pulse.since_ms.store(millis(self.started), Ordering::Relaxed);
        let serving =
            serve(stream, self.service.clone(), Arc::clone(&pulse), self.started, self.is_stopping.clone());
        let task = self.connections.spawn(async move {
            serving.await;
            drop(slot);
        });
        self.open.push((pulse, task.abort_handle()));
    }

    /// Closes what takes too long; an idle connection may be so for `idle`.
    fn close_overdue(&mut self, idle: Duration) {
        let now = millis(self.started);
        let limits = self.limits;
        self.open.retain(|(pulse, task)| {
            let since = now.saturating_sub(pulse.since_ms.load(Ordering::Relaxed));
            let is_answering = pulse.is_answering.load(Ordering::Relaxed);
            let limit = if is_answering { limits.request_timeout } else { idle };
            if u128::from(since) > limit.as_millis() {
                task.abort();
            }
            !task.is_finished()
        });
    }

    /// Makes room for one more connection than allowed, and says so now and then.
    fn make_room(&mut self) {
        if self.warned.is_none_or(|at| at.elapsed() >= WARN_EVERY) {
            self.warned = Some(Instant::now());
            let max_connections = self.limits.max_connections;
            tracing::warn!(max_connections, "as many connections as allowed: idle ones give way");
        }
        self.close_longest_idle();
    }

    /// Without an idle connection none is closed.
    fn close_longest_idle(&mut self) {
        let idle =
            self.open.iter().enumerate().filter(|(_, (pulse, task))| {
                !task.is_finished() && !pulse.is_answering.load(Ordering::Relaxed)
            });
        let longest = idle.min_by_key(|(_, (pulse, _))| pulse.since_ms.load(Ordering::Relaxed));
        if let Some(place) = longest.map(|(place, _)| place) {
            self.open.swap_remove(place).1.abort();
        }
    }

    async fn finish(mut self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        self.connections.close();
        let mut looks = tokio::time::interval(self.look.min(LINGER));
        let connections = self.connections.clone();
        loop {
            tokio::select! {
                () = connections.wait() => break,
                _ = looks.tick() => self.close_overdue(LINGER.min(self.limits.header_timeout)),
            }
        }
    }
}

async fn serve<S>(
    stream: TcpStream,
    service: S,
    pulse: Arc<Pulse>,
    started: Instant,
    is_stopping: Arc<AtomicBool>,
) where
    S: Answering,
{
    // Answers are small: waiting to fill a packet would only delay them.
    drop(stream.set_nodelay(true));
    let answer = service_fn(move |request: Request<Incoming>| {
        pulse.is_answering.store(true, Ordering::Relaxed);
        pulse.since_ms.store(millis(started), Ordering::Relaxed);
        let answering = service.clone().call(request);
        let (pulse, is_stopping) = (Arc::clone(&pulse), Arc::clone(&is_stopping));
        async move {
            let mut response = answering.await?;
            if is_stopping.load(Ordering::Relaxed) {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            pulse.since_ms.store(millis(started), Ordering::Relaxed);
            pulse.is_answering.store(false, Ordering::Relaxed);
            Ok::<_, Infallible>(response)
        }
    });
    let served = http1::Builder::new()
        .max_buf_size(READ_BUFFER)
        .writev(false)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection broke");
    }
}

fn millis(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
