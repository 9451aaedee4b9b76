//! Trust and identity of TLS connections.

use super::TransportConfig;

/// TLS 1.2 or newer; the platform's authorities and those that the user adds.
#[cfg(feature = "rustls")]
pub(super) fn set_up(
    config: &TransportConfig,
    builder: reqwest::ClientBuilder,
) -> Result<reqwest::ClientBuilder, String> {
    use std::sync::Arc;

    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

    let failed = |error: rustls::Error| format!("TLS cannot be set up: {error}");
    let certificates = |pem: &super::Pem, what: &str| {
        CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .ok()
            .filter(|found| !found.is_empty())
            .ok_or_else(|| format!("{what} holds no certificate in PEM text"))
    };
    let mut roots = Vec::new();
    for pem in &config.extra_roots {
        roots.extend(certificates(pem, "an extra root")?);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        rustls_platform_verifier::Verifier::new_with_extra_roots(roots, Arc::clone(&provider)).map_err(failed)?;
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(failed)?
        // "Dangerous" is the platform's verifier in another place than the default one.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut tls = match &config.client_certificate {
        None => tls.with_no_client_auth(),
        Some((chain, key)) => {
            let chain = certificates(chain, "the client certificate")?;
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
                .map_err(|_| "the key of the client certificate is no key in PEM text".to_owned())?;
            tls.with_client_auth_cert(chain, key)
                .map_err(|_| "certificate and key of the client do not belong together".to_owned())?
        }
    };
    if config.http2 && cfg!(feature = "http2") {
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    Ok(builder.tls_backend_preconfigured(tls))
}

/// The same through the library of the platform.
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
pub(super) fn set_up(
    config: &TransportConfig,
    builder: reqwest::ClientBuilder,
) -> Result<reqwest::ClientBuilder, String> {
    let mut builder = builder.tls_backend_native().tls_version_min(reqwest::tls::Version::TLS_1_2);
    let mut roots = Vec::new();
    for pem in &config.extra_roots {
        let found = reqwest::Certificate::from_pem_bundle(pem.as_bytes());
        roots.extend(found.map_err(|_| "an extra root holds no certificate in PEM text")?);
    }
    builder = builder.tls_certs_merge(roots);
    if let Some((chain, key)) = &config.client_certificate {
        let identity = reqwest::Identity::from_pkcs8_pem(chain.as_bytes(), key.as_bytes());
        builder = builder.identity(identity.map_err(|_| "the client certificate or its key is no PEM text (PKCS 8)")?);
    }
    Ok(builder)
}

/// No TLS.
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
pub(super) fn set_up(_: &TransportConfig, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, String> {
    Ok(builder)
}

/// Whether one side refused the other's certificate or versions. reqwest calls that a failed connection
/// like any other. An alert that comes after the handshake says so only when it is about a certificate: any
/// other one may answer a request that was read.
#[cfg(feature = "rustls")]
pub(super) fn is_certificate(error: &(dyn std::error::Error + 'static), connecting: bool) -> bool {
    use rustls::Error::{AlertReceived, InvalidCertificate, PeerIncompatible};
    match error.downcast_ref() {
        Some(InvalidCertificate(_) | PeerIncompatible(_)) => return true,
        Some(AlertReceived(alert)) => return refuses(*alert, connecting),
        _ => {}
    }
    // An error that is wrapped in one of the system is not its source.
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    wrapped.is_some_and(|error| is_certificate(error, connecting))
        || error.source().is_some_and(|error| is_certificate(error, connecting))
}

/// In TLS 1.3 a server looks at the client's certificate after the client has begun to send.
#[cfg(feature = "rustls")]
fn refuses(alert: rustls::AlertDescription, connecting: bool) -> bool {
    use rustls::AlertDescription as Alert;
    match alert {
        Alert::NoCertificate
        | Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::CertificateRequired
        | Alert::UnknownCA => true,
        Alert::ProtocolVersion | Alert::HandshakeFailure => connecting,
        _ => false,
    }
}

/// The platform's libraries do not say so in their types.
#[cfg(not(feature = "rustls"))]
pub(super) fn is_certificate(error: &(dyn std::error::Error + 'static), connecting: bool) -> bool {
    connecting
        && (error.to_string().to_ascii_lowercase().contains("certificate")
            || error.source().is_some_and(|error| is_certificate(error, connecting)))
}
