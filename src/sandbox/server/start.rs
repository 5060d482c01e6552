//! Starting and stopping a sandbox.
use super::accept::{Door, accept};
use super::tls::{self, TlsError};
use crate::sandbox::addresses::Addresses;
use crate::sandbox::faces;
use crate::sandbox::faults::Faults;
use crate::sandbox::ids;
use crate::sandbox::journal::Journal;
use crate::sandbox::options::Options;
use crate::sandbox::sender::Sender;
use crate::sandbox::shared::Shared;
use crate::sandbox::world::Credentials;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections that wait to be accepted; the usual 128 makes a thousand callers at once wait for seconds.
const BACKLOG: u32 = 4_096;

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sandbox has no door to the outside.
    #[error("the sandbox listens on loopback addresses only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The address is taken or not allowed.
    #[error("cannot listen on {address}")]
    Listen {
        /// The wanted address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// No certificates.
    #[error("cannot serve https")]
    Tls(#[from] TlsError),
    /// The client that delivers webhooks could not be made.
    #[error("cannot deliver webhooks")]
    Sender(#[from] reqwest::Error),
}

/// A running sandbox. Dropping it without [`Sandbox::stop`] stops it too, without waiting.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Sandbox {
    /// Starts a sandbox; it answers when this returns.
    ///
    /// # Errors
    /// When the address is not loopback or cannot be had, or when https was asked for and cannot be served.
    pub async fn start(options: Options) -> Result<Self, Error> {
        if !options.listen.ip().is_loopback() {
            return Err(Error::NotLoopback(options.listen));
        }
        let listen = |source| Error::Listen { address: options.listen, source };
        let listener = listener(options.listen).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let ca = options.tls.then(|| options.ca_out.clone().unwrap_or_else(temporary_ca));
        let tls = ca.as_deref().map(tls::acceptor).transpose()?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let (journal, faults) = (Journal::new(), Faults::default());
        let credentials = Arc::new(Credentials::draw());
        let addresses = addresses(address, ca, &credentials);
        let sender = Sender::new(&options, journal.clone(), faults.clone(), tasks.clone(), stop.clone())?;
        let shared = Shared::new(credentials, options, addresses, sender, (journal, faults), stop.clone());
        let shared = Arc::new(shared);
        let door = Door { router: faces::router(&shared), tls, tasks: tasks.clone(), stop: stop.clone() };
        tasks.spawn(accept(listener, door));
        Ok(Self { shared, tasks, stop })
    }

    /// Where it is and what opens its doors.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.shared.addresses
    }

    /// What happened.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// What shall go wrong.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Closes all connections, gives up all deliveries, and waits until everything has ended.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn listener(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn temporary_ca() -> PathBuf {
    std::env::temp_dir().join(format!("chimein-sandbox-{}.pem", ids::short()))
}

fn addresses(address: SocketAddr, ca: Option<PathBuf>, credentials: &Credentials) -> Addresses {
    let (web, socket) = if ca.is_some() { ("https", "wss") } else { ("http", "ws") };
    // The certificate is for names, and some clients do not check addresses against it.
    let host = if ca.is_some() { format!("localhost:{}", address.port()) } else { address.to_string() };
    let url = format!("{web}://{host}");
    let organization_id = credentials.organization_id.clone();
    Addresses {
        rtm_url: format!("{socket}://{host}/v3.6/agent/rtm/ws?organization_id={organization_id}"),
        desk_url: format!("{url}/"),
        api_url: url.clone(),
        accounts_url: url.clone(),
        customer_url: url,
        organization_id,
        license_id: credentials.license_id,
        client_id: credentials.client_id.clone(),
        client_secret: credentials.client_secret.clone(),
        account_id: credentials.account_id.clone(),
        personal_access_token: credentials.personal_access_token.clone(),
        agent_id: credentials.agent_id.clone(),
        agent_token: credentials.agent_token.clone(),
        ca,
    }
}
