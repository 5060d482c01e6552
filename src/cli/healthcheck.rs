//! `chimein healthcheck`: asks the running bot whether it works, at the address that the settings name.

use super::{block_on, complain};
use crate::config;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// A check that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(4);

/// What `healthcheck` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A settings file; may be given several times, later ones win
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,
    /// Asks whether webhooks can be accepted, not only whether the process works
    #[arg(long)]
    ready: bool,
}

/// Asks; the exit code is 0 when the answer is 200, else 1, and 2 when the settings are wrong.
pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let config = match config::load(&args.config) {
        Ok(config) => config,
        Err(mistakes) => {
            mistakes.iter().for_each(|mistake| complain(&mistake.to_string()));
            return Ok(2);
        }
    };
    let what = if args.ready { "ready" } else { "live" };
    let url = format!("http://{}/health/{what}", reachable(config.server.listen));
    let answer = block_on(async {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(PATIENCE).build()?;
        Ok(client.get(&url).send().await?.status())
    });
    match answer {
        Ok(status) if status.is_success() => Ok(0),
        Ok(status) => {
            complain(&format!("{url} answers {status}"));
            Ok(1)
        }
        Err(error) => {
            complain(&format!("{url}: {error:#}"));
            Ok(1)
        }
    }
}

/// "Every address" is reached at the loopback one.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_reached_at_loopback() {
        for (listen, reached) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("10.0.0.7:80", "10.0.0.7:80")]
        {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), reached);
        }
    }
}
