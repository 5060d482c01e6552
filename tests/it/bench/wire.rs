//! The wire between the bot and the platform: it can be cut, go deaf, or spoil one call.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// What becomes of a call's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoil {
    /// It is closed when the call arrives, as a server does that has waited for too long; nothing is passed on.
    Closed,
    /// Nothing is passed on any more and nobody says so: the other end is gone without a word.
    Deaf,
    /// The platform acts, and the connection is reset in the middle of the answer's body.
    HalfAnswer,
}

/// An address of the wire's own, so that nobody else takes its port while it is down.
const ADDRESS: &str = "127.0.0.2:0";

pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    target: Arc<Mutex<Option<SocketAddr>>>,
    spoils: Arc<Mutex<Vec<(&'static str, Spoil)>>>,
    is_up: watch::Sender<bool>,
    _stop: DropGuard,
}

impl Wire {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind(ADDRESS).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (is_up, seen) = watch::channel(true);
        let end = End { target: Arc::default(), spoils: Arc::default(), is_up: seen };
        let (target, spoils) = (Arc::clone(&end.target), Arc::clone(&end.spoils));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let token = stop.clone();
        let accept = accept(end, listener, address, tasks.clone(), stop.clone());
        tasks.spawn(async move { token.run_until_cancelled(accept).await });
        Self { address, target, spoils, is_up, _stop: stop.drop_guard() }
    }

    pub(crate) fn lead_to(&self, target: SocketAddr) {
        *self.target.lock().expect("not poisoned") = Some(target);
    }

    /// The next call of this action is spoiled.
    pub(crate) fn spoil(&self, action: &'static str, spoil: Spoil) {
        self.spoils.lock().expect("not poisoned").push((action, spoil));
    }

    pub(crate) fn is_spoiled(&self) -> bool {
        self.spoils.lock().expect("not poisoned").is_empty()
    }

    /// Down: connections are closed and new ones refused.
    pub(crate) fn set_up(&self, is_up: bool) {
        self.is_up.send_replace(is_up);
    }
}

/// What every connection shares.
#[derive(Clone)]
struct End {
    target: Arc<Mutex<Option<SocketAddr>>>,
    spoils: Arc<Mutex<Vec<(&'static str, Spoil)>>>,
    is_up: watch::Receiver<bool>,
}

async fn accept(
    end: End,
    listener: TcpListener,
    address: SocketAddr,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let (mut falls, mut rises) = (end.is_up.clone(), end.is_up.clone());
    let mut listener = Some(listener);
    loop {
        let listening = match listener.take() {
            Some(listening) => listening,
            None => TcpListener::bind(address).await.expect("the port is still ours"),
        };
        loop {
            tokio::select! {
                () = async { drop(falls.wait_for(|is_up| !is_up).await) } => break,
                Ok((stream, _)) = listening.accept() => {
                    let (token, end) = (stop.clone(), end.clone());
                    tasks.spawn(async move { token.run_until_cancelled(end.pass(stream)).await });
                }
            }
        }
        drop(listening);
        if rises.wait_for(|is_up| *is_up).await.is_err() {
            return;
        }
    }
}

impl End {
    /// Passes on what one connection says, until it ends, is spoiled or the wire goes down.
    async fn pass(self, mut from: TcpStream) {
        let target = *self.target.lock().expect("not poisoned");
        let Some(Ok(mut to)) = futures_util::future::OptionFuture::from(target.map(TcpStream::connect)).await
        else {
            return;
        };
        let (mut asked, mut answered) = (vec![0; 16_384], vec![0; 16_384]);
        let mut falls = self.is_up.clone();
        let mut is_half = false;
        loop {
            tokio::select! {
                () = async { drop(falls.wait_for(|is_up| !is_up).await) } => return,
                Ok(length) = from.read(&mut asked) => {
                    let spoil = self.spoil_of(&asked[..length]);
                    is_half = spoil == Some(Spoil::HalfAnswer);
                    if length == 0 || spoil == Some(Spoil::Closed) {
                        return;
                    }
                    if spoil == Some(Spoil::Deaf) {
                        return std::future::pending().await;
                    }
                    if to.write_all(&asked[..length]).await.is_err() {
                        return;
                    }
                }
                Ok(length) = to.read(&mut answered) => {
                    let passed = if is_half { length.saturating_sub(1) } else { length };
                    if length == 0 || from.write_all(&answered[..passed]).await.is_err() {
                        return;
                    }
                    if is_half {
                        // Read by now or not: what follows is a reset, not an end.
                        from.set_zero_linger().expect("a socket");
                        return;
                    }
                }
                else => return,
            }
        }
    }

    fn spoil_of(&self, asked: &[u8]) -> Option<Spoil> {
        let asked = String::from_utf8_lossy(asked);
        let mut spoils = self.spoils.lock().expect("not poisoned");
        let place =
            spoils.iter().position(|(action, _)| asked.contains(&format!("/agent/action/{action} ")))?;
        Some(spoils.remove(place).1)
    }
}
