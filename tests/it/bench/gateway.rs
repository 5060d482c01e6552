//! The bot's address as LiveChat knows it: the same over restarts, and closed while the bot is down.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    target: Arc<Mutex<Option<SocketAddr>>>,
    _stop: DropGuard,
}

impl Gateway {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let target = Arc::new(Mutex::new(None));
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let forward = forward(listener, Arc::clone(&target), tasks.clone());
        let token = stop.clone();
        tasks.spawn(async move { token.run_until_cancelled(forward).await });
        Self { address, target, _stop: stop.drop_guard() }
    }

    /// Where connections lead from now on; `None` closes them at once.
    pub(crate) fn lead_to(&self, target: Option<SocketAddr>) {
        *self.target.lock().expect("not poisoned") = target;
    }
}

async fn forward(listener: TcpListener, target: Arc<Mutex<Option<SocketAddr>>>, tasks: TaskTracker) {
    while let Ok((mut from, _)) = listener.accept().await {
        let Some(target) = *target.lock().expect("not poisoned") else { continue };
        tasks.spawn(async move {
            if let Ok(mut to) = TcpStream::connect(target).await {
                drop(tokio::io::copy_bidirectional(&mut from, &mut to).await);
            }
        });
    }
}
