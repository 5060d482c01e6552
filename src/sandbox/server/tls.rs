//! A certificate authority for one run, and the certificate of localhost that it signs.
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// The names that the certificate is for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificates could not be made.
    #[error("cannot make certificates")]
    Certificate(#[from] rcgen::Error),
    /// They could not be used.
    #[error("cannot use the certificates")]
    Setup(#[from] rustls::Error),
    /// The authority's certificate could not be written.
    #[error("cannot write the authority's certificate to {path}")]
    Write {
        /// Where it should go.
        path: PathBuf,
        /// Why it could not.
        source: std::io::Error,
    },
}

/// Makes the authority and the acceptor, and writes the authority's certificate to `ca_out`.
pub(super) fn acceptor(ca_out: &Path) -> Result<TlsAcceptor, TlsError> {
    if CryptoProvider::get_default().is_none() {
        // An error says that somebody else was faster; theirs is as good.
        drop(aws_lc_rs::default_provider().install_default());
    }
    let authority = authority()?;
    let mut params = CertificateParams::new(NAMES.map(str::to_owned))?;
    params.distinguished_name.push(DnType::CommonName, "chimein sandbox");
    // Python refuses a certificate without it from 3.13 on.
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &authority)?;
    std::fs::write(ca_out, authority.pem())
        .map_err(|source| TlsError::Write { path: ca_out.to_owned(), source })?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, "chimein sandbox authority");
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}
