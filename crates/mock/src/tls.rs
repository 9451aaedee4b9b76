//! A TLS listener with certificates made on the spot.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::error::Error;
use crate::wire::Resettable;

/// The certificate that the gateway shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Certificate {
    /// Good for `localhost` and `127.0.0.1`, signed by the gateway's own authority.
    Good,
    /// No longer valid.
    Expired,
    /// Not valid yet.
    NotYetValid,
    /// For another host.
    WrongHost,
    /// A wildcard that does not reach as far as the host.
    WrongWildcard,
    /// Signed by itself.
    SelfSigned,
    /// Signed by an authority that nobody knows.
    UnknownAuthority,
    /// For clients, not for servers.
    WrongPurpose,
}

impl Certificate {
    /// All certificates that a client has to refuse.
    pub const BAD: &[Self] = &[
        Self::Expired,
        Self::NotYetValid,
        Self::WrongHost,
        Self::WrongWildcard,
        Self::SelfSigned,
        Self::UnknownAuthority,
        Self::WrongPurpose,
    ];
}

/// What a TLS listener needs, and the authority that clients have to trust.
pub(crate) struct Identity {
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) authority: String,
}

pub(crate) fn identity(certificate: Certificate) -> Result<Identity, Error> {
    let failed = |error: &dyn std::fmt::Display| {
        Error::io(format!("make a certificate ({error})"), std::io::ErrorKind::InvalidData.into())
    };
    make(certificate).map_err(|error| failed(&error)).and_then(|(chain, key, authority)| {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| failed(&error))?;
        Ok(Identity { config: Arc::new(config), authority })
    })
}

type Made = (Vec<rustls::pki_types::CertificateDer<'static>>, PrivateKeyDer<'static>, String);

fn make(certificate: Certificate) -> Result<Made, rcgen::Error> {
    let authority = authority("alicloud-mock test authority")?;
    let key = KeyPair::generate()?;
    let hosts: &[&str] = match certificate {
        Certificate::WrongHost => &["elsewhere.example"],
        Certificate::WrongWildcard => &["*.localhost.example", "*.0.0.1"],
        _ => &["localhost", "127.0.0.1"],
    };
    let mut params = CertificateParams::new(hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>())?;
    params.distinguished_name.push(DnType::CommonName, "alicloud-mock");
    params.extended_key_usages = vec![match certificate {
        Certificate::WrongPurpose => ExtendedKeyUsagePurpose::ClientAuth,
        _ => ExtendedKeyUsagePurpose::ServerAuth,
    }];
    match certificate {
        Certificate::Expired => params.not_after = date_time_ymd(2001, 1, 1),
        Certificate::NotYetValid => params.not_before = date_time_ymd(4000, 1, 1),
        _ => {}
    }
    let signed = match certificate {
        Certificate::SelfSigned => params.self_signed(&key)?,
        Certificate::UnknownAuthority => {
            let unknown = self::authority("nobody knows me")?;
            params.signed_by(&key, &unknown)?
        }
        _ => params.signed_by(&key, &authority)?,
    };
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok((vec![signed.der().clone()], key, authority.pem()))
}

fn authority(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

impl Resettable for TlsStream<TcpStream> {
    fn make_close_reset(&self) {
        self.get_ref().0.make_close_reset();
    }
}
