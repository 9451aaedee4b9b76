//! Certificates made on the spot: the good one is trusted, every bad one refused.

mod support;

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;

use alicloud_mock::{Certificate, MockGateway};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use support::{Signer, call, fresh, http, key};

/// Calls an operation over TLS, trusting the gateway's authority and nobody else.
fn send(gateway: &MockGateway) -> Result<u16, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(gateway.authority().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(gateway.address())?);
    stream.write_all(&Signer::acs3(key()).sign(&call("DescribeThings", &[]), &fresh()))?;
    Ok(http::read(&mut stream).status)
}

#[test]
fn only_the_good_certificate_is_trusted() {
    let start = |certificate| support::start(MockGateway::builder().product(support::everything()).tls(certificate));
    let gateway = start(Certificate::Good);
    assert!(gateway.endpoint().starts_with("https://"));
    assert_eq!(send(&gateway).unwrap(), 200);
    for bad in Certificate::BAD {
        let gateway = start(*bad);
        assert!(send(&gateway).is_err(), "{bad:?}");
        assert_eq!(gateway.served(), 0, "{bad:?}: nothing was sent");
    }
}
