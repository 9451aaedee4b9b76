//! Certificates, good and bad, made on the spot.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use alicloud_core::transport::Pem;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::WebPkiClientVerifier,
    sign::{CertifiedKey, SingleCertAndKey},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// An authority of our own.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What is wrong with a certificate, or with those between it and the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// Nothing: another authority stands between.
    Linked,
    /// Nothing: a certificate like the two weak ones, whose key and hash are not.
    Sound,
    /// It has ended.
    Expired,
    /// It has not begun.
    NotYet,
    /// It is for another name.
    WrongHost,
    /// Its wildcard stands for another level.
    WrongWildcard,
    /// It has the name where names were forty years ago only.
    NoNames,
    /// It is signed by itself.
    SelfSigned,
    /// It is signed by somebody else.
    UnknownAuthority,
    /// The authority between is not shown.
    MissingLink,
    /// It is signed by a server like itself.
    NotAnAuthority,
    /// The authority between may not have another one below it.
    TooDeep,
    /// The authority between may sign for other names only.
    ForeignName,
    /// It is an authority's itself.
    IsAuthority,
    /// It is for clients.
    ForClients,
    /// It has an extension that must be understood, and nobody does.
    CriticalExtension,
    /// One bit of its signature is another one.
    Tampered,
    /// The authority signs with RSA of 1,024 bits.
    WeakKey,
    /// The authority signs SHA-1.
    WeakHash,
}

/// Flaws that a client must notice.
pub const FLAWS: [Flaw; 17] = [
    Flaw::Expired,
    Flaw::NotYet,
    Flaw::WrongHost,
    Flaw::WrongWildcard,
    Flaw::NoNames,
    Flaw::SelfSigned,
    Flaw::UnknownAuthority,
    Flaw::MissingLink,
    Flaw::NotAnAuthority,
    Flaw::TooDeep,
    Flaw::ForeignName,
    Flaw::IsAuthority,
    Flaw::ForClients,
    Flaw::CriticalExtension,
    Flaw::Tampered,
    Flaw::WeakKey,
    Flaw::WeakHash,
];

/// A certificate with its key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    pem: (Pem, Pem),
    root: Pem,
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
        Self(CertifiedIssuer::self_signed(authority("fault authority"), KeyPair::generate().unwrap()).unwrap())
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
        let mut params = CertificateParams::new(names(flaw)).unwrap();
        match flaw {
            Flaw::Expired => params.not_after = rcgen::date_time_ymd(2001, 1, 1),
            Flaw::NotYet => {
                (params.not_before, params.not_after) =
                    (rcgen::date_time_ymd(4000, 1, 1), rcgen::date_time_ymd(4001, 1, 1));
            }
            Flaw::NoNames => params.distinguished_name.push(DnType::CommonName, "127.0.0.1"),
            Flaw::IsAuthority => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            Flaw::CriticalExtension => {
                let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
                extension.set_criticality(true);
                params.custom_extensions.push(extension);
            }
            _ => {}
        }
        params.extended_key_usages = vec![match flaw {
            Flaw::ForClients => ExtendedKeyUsagePurpose::ClientAuth,
            _ => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        let key = KeyPair::generate().unwrap();
        let (certificate, links) = match flaw {
            Flaw::WeakKey => return fixture(include_str!("../fixtures/weak-key.pem")),
            Flaw::WeakHash => return fixture(include_str!("../fixtures/weak-hash.pem")),
            Flaw::Sound => return fixture(include_str!("../fixtures/sound.pem")),
            Flaw::SelfSigned => (params.self_signed(&key), Vec::new()),
            Flaw::UnknownAuthority => (params.signed_by(&key, &Self::new().0), Vec::new()),
            Flaw::Linked | Flaw::MissingLink | Flaw::NotAnAuthority | Flaw::TooDeep | Flaw::ForeignName => {
                let links = self.links(flaw);
                let certificate = params.signed_by(&key, links.last().unwrap());
                let shown = if flaw == Flaw::MissingLink { Vec::new() } else { links };
                (certificate, shown.iter().rev().map(|link| link.der().clone()).collect())
            }
            _ => (params.signed_by(&key, &self.0), Vec::new()),
        };
        let certificate = certificate.unwrap();
        let mut der = certificate.der().to_vec();
        if flaw == Flaw::Tampered {
            // Certificates end with their signature.
            *der.last_mut().unwrap() ^= 1;
        }
        Identity {
            chain: std::iter::once(der.into()).chain(links).collect(),
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            pem: (Pem::new(certificate.pem()), Pem::new(key.serialize_pem())),
            root: self.pem(),
            protocols: Vec::new(),
            clients_of: None,
        }
    }

    /// Authorities between this one and a server, from the top.
    fn links(&self, flaw: Flaw) -> Vec<CertifiedIssuer<'static, KeyPair>> {
        let mut params = authority("authority between");
        match flaw {
            Flaw::NotAnAuthority => params.is_ca = IsCa::ExplicitNoCa,
            Flaw::TooDeep => params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)),
            Flaw::ForeignName => {
                params.name_constraints = Some(NameConstraints {
                    permitted_subtrees: vec![GeneralSubtree::DnsName("example.com".to_owned())],
                    excluded_subtrees: Vec::new(),
                });
            }
            _ => {}
        }
        let first = CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.0).unwrap();
        if flaw != Flaw::TooDeep {
            return vec![first];
        }
        let params = authority("second authority between");
        let second = CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &first).unwrap();
        vec![first, second]
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params
}

fn names(flaw: Flaw) -> Vec<String> {
    let names: &[&str] = match flaw {
        Flaw::WrongHost => &["other.example.com"],
        Flaw::WrongWildcard => &["*.localhost"],
        Flaw::NoNames => &[],
        _ => &["localhost", "127.0.0.1"],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// An authority, a certificate for this machine that it signed, and the certificate's key, in one text. They
/// were made by openssl because nothing else here signs so badly; the authority's key is not kept.
fn fixture(text: &'static str) -> Identity {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes()).collect::<Result<_, _>>().unwrap();
    let end = "-----END CERTIFICATE-----\n";
    let parts: Vec<_> = text.split_inclusive(end).collect();
    let [root, certificate, key] = parts.as_slice() else { panic!("a fixture has three parts") };
    Identity {
        chain: certificates.into_iter().skip(1).collect(),
        key: PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
        pem: (Pem::new(*certificate), Pem::new(*key)),
        root: Pem::new(*root),
        protocols: Vec::new(),
        clients_of: None,
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

    /// The authority that a client must trust, so that nothing but the flaw is a reason to refuse.
    pub fn root(&self) -> Pem {
        self.root.clone()
    }

    /// What a server needs.
    ///
    /// # Panics
    /// The key is of a kind that rustls does not know.
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
        // A server of rustls would look at its own certificate first.
        let key = rustls::crypto::ring::sign::any_supported_type(&self.key).unwrap();
        let shown = SingleCertAndKey::from(CertifiedKey::new(self.chain.clone(), key));
        let mut config = builder.with_cert_resolver(Arc::new(shown));
        config.alpn_protocols = self.protocols.clone();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A server that speaks a version of TLS from before 1.2. It answers the greeting, and counts what comes after
/// it. It stops when it is dropped.
pub struct OldServer {
    address: SocketAddr,
    /// Greetings, and records of data.
    seen: Arc<(AtomicU64, AtomicU64)>,
    _task: JoinSet<()>,
}

impl OldServer {
    /// A server that speaks TLS 1.`minor`.
    ///
    /// # Errors
    /// There is no port.
    pub async fn start(minor: u8) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let seen = Arc::new((AtomicU64::new(0), AtomicU64::new(0)));
        let counts = Arc::clone(&seen);
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = greet(stream, minor, &counts).await;
            }
        });
        Ok(Self { address, seen, _task: task })
    }

    /// Where it listens, as an endpoint.
    pub fn endpoint(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Greetings that came, and records of data after them.
    pub fn seen(&self) -> (u64, u64) {
        (self.seen.0.load(Ordering::Relaxed), self.seen.1.load(Ordering::Relaxed))
    }
}

/// Answers with its version, a cipher of that time, and no extensions.
async fn greet(mut stream: TcpStream, minor: u8, (greetings, data): &(AtomicU64, AtomicU64)) -> io::Result<()> {
    const HANDSHAKE: u8 = 22;
    const DATA: u8 = 23;
    let version = [3, minor + 1];
    loop {
        let mut head = [0; 5];
        stream.read_exact(&mut head).await?;
        let mut record = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
        stream.read_exact(&mut record).await?;
        match head[0] {
            DATA => _ = data.fetch_add(1, Ordering::Relaxed),
            HANDSHAKE => {
                greetings.fetch_add(1, Ordering::Relaxed);
                let body: Vec<u8> = [&version[..], &[7; 32], &[0, 0x00, 0x2f, 0]].concat();
                let length = u8::try_from(body.len()).unwrap();
                let hello = [&[HANDSHAKE, version[0], version[1], 0, length + 4, 2, 0, 0, length], &body[..]].concat();
                stream.write_all(&hello).await?;
            }
            _ => {}
        }
    }
}
