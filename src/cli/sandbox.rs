//! `chimein sandbox`: a LiveChat on your desk, until it is told to stop.

use super::{block_on, complain, told_to_stop};
use crate::sandbox::{Addresses, Options, Sandbox};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What `sandbox` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to listen: a loopback address; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4040")]
    listen: SocketAddr,
    /// Speaks https, with a certificate of an authority made at the start
    #[arg(long)]
    tls: bool,
    /// Where to write the authority's certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca_out: Option<PathBuf>,
    /// A world to begin with (not built yet)
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Prints addresses and credentials as one line of JSON
    #[arg(long)]
    json: bool,
}

/// Runs the sandbox; the exit code is 0 after a clean stop.
pub(super) fn run(args: Args) -> anyhow::Result<u8> {
    if args.seed.is_some() {
        complain("--seed is not built yet: the sandbox begins with its own small world");
        return Ok(2);
    }
    block_on(async move {
        let options =
            Options { listen: args.listen, tls: args.tls, ca_out: args.ca_out, ..Options::default() };
        let sandbox = Sandbox::start(options).await?;
        let mut out = std::io::stdout();
        if args.json {
            writeln!(out, "{}", serde_json::to_string(sandbox.addresses())?)?;
        } else {
            tell(sandbox.addresses(), &mut out)?;
        }
        out.flush()?;
        told_to_stop()?.await;
        sandbox.stop().await;
        Ok(0)
    })
}

fn tell(addresses: &Addresses, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "A LiveChat on your desk. Ctrl-C ends it, and nothing of it is kept.\n")?;
    if let serde_json::Value::Object(lines) = serde_json::to_value(addresses)? {
        for (name, value) in lines.iter().filter(|(_, value)| !value.is_null()) {
            writeln!(out, "  {name:22} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))?;
        }
    }
    Ok(())
}
