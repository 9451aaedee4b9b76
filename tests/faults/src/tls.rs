//! Certificates, good and bad, made on the spot.

use std::sync::Arc;

use alicloud_core::transport::Pem;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};
use tokio_rustls::TlsAcceptor;

/// An authority of our own.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// It has ended.
    Expired,
    /// It has not begun.
    NotYet,
    /// It is for another name.
    WrongHost,
    /// Its wildcard stands for another level.
    WrongWildcard,
    /// It is signed by itself.
    SelfSigned,
    /// It is for clients.
    ForClients,
}

/// Flaws that a client must notice.
pub const FLAWS: [Flaw; 6] =
    [Flaw::Expired, Flaw::NotYet, Flaw::WrongHost, Flaw::WrongWildcard, Flaw::SelfSigned, Flaw::ForClients];

/// A certificate with its key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    pem: (Pem, Pem),
    protocols: Vec<Vec<u8>>,
    /// Whose clients a server takes; anybody's when there is none.
    clients_of: Option<CertificateDer<'static>>,
}

impl Authority {
    /// A new authority.
    ///
    /// # Panics
    /// The system has no random bytes.
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "fault authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its certificate.
    pub fn pem(&self) -> Pem {
        Pem::new(self.0.pem())
    }

    /// A certificate for a server on this machine.
    ///
    /// # Panics
    /// The system has no random bytes.
    pub fn issue(&self, flaw: Flaw) -> Identity {
        let names: &[&str] = match flaw {
            Flaw::WrongHost => &["other.example.com"],
            Flaw::WrongWildcard => &["*.localhost"],
            _ => &["localhost", "127.0.0.1"],
        };
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        let year = 2000 + i32::from(flaw == Flaw::NotYet) * 2000;
        match flaw {
            Flaw::Expired => params.not_after = rcgen::date_time_ymd(2001, 1, 1),
            Flaw::NotYet => {
                (params.not_before, params.not_after) =
                    (rcgen::date_time_ymd(year, 1, 1), rcgen::date_time_ymd(year + 1, 1, 1));
            }
            _ => {}
        }
        params.extended_key_usages = vec![match flaw {
            Flaw::ForClients => ExtendedKeyUsagePurpose::ClientAuth,
            _ => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        let key = KeyPair::generate().unwrap();
        let certificate = match flaw {
            Flaw::SelfSigned => params.self_signed(&key).unwrap(),
            _ => params.signed_by(&key, &self.0).unwrap(),
        };
        Identity {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            pem: (Pem::new(certificate.pem()), Pem::new(key.serialize_pem())),
            protocols: Vec::new(),
            clients_of: None,
        }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Identity {
    /// The same, and HTTP/2 is offered.
    #[must_use]
    pub fn with_http2(mut self) -> Self {
        self.protocols = vec![b"h2".to_vec()];
        self
    }

    /// The same for a server that wants certificates of an authority from its clients.
    #[must_use]
    pub fn for_clients_of(mut self, authority: &Authority) -> Self {
        self.clients_of = Some(authority.0.der().clone());
        self
    }

    /// Certificate and key in PEM text, for a client.
    pub fn pem(&self) -> (Pem, Pem) {
        self.pem.clone()
    }

    /// What a server needs.
    ///
    /// # Panics
    /// Certificate and key do not belong together.
    pub fn acceptor(&self) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match &self.clients_of {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = rustls::RootCertStore::empty();
                roots.add(authority.clone()).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let mut config = builder.with_single_cert(self.chain.clone(), self.key.clone_key()).unwrap();
        config.alpn_protocols = self.protocols.clone();
        TlsAcceptor::from(Arc::new(config))
    }
}
