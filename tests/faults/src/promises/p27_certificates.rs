//! A server that cannot show who it is gets nothing.

use alicloud_core::{ErrorKind, error::Stage, transport::TransportConfig};

use super::{Figure, Promise, real};
use crate::{
    Fault, FaultServer,
    server::config,
    things,
    tls::{Authority, FLAWS, Flaw, OldServer},
};

pub(super) const PROMISE: Promise = Promise {
    id: "P27",
    title: "TLS is really verified",
    pass: "17 bad certificates, TLS 1.0 and 1.1: all refused at the first attempt, 0 bytes of request sent; 3 good ones taken",
    measure: |_| real(measure()),
};

async fn measure() -> Figure {
    let authority = Authority::new();
    let (mut wrong, mut bytes) = (Vec::new(), 0);
    for flaw in FLAWS {
        let identity = authority.issue(flaw);
        let server = FaultServer::start_tls(&identity, |_| Fault::None).await.unwrap();
        let mut transport = TransportConfig::default();
        transport.extra_roots = vec![identity.root()];
        let refusal = refusal(&server.endpoint(), transport).await;
        bytes += server.bytes();
        // One connection: it was not tried again.
        if refusal.is_err() || server.connections() != 1 || server.requests() != 0 {
            wrong.push(format!("{flaw:?}: {} connections, {refusal:?}", server.connections()));
        }
    }
    for minor in [0, 1] {
        let server = OldServer::start(minor).await.unwrap();
        let refusal = refusal(&server.endpoint(), TransportConfig::default()).await;
        if refusal.is_err() || server.seen() != (1, 0) {
            wrong.push(format!("TLS 1.{minor}: {:?}, {refusal:?}", server.seen()));
        }
    }
    let mut taken = 0;
    for flaw in [Flaw::None, Flaw::Linked, Flaw::Sound] {
        let identity = authority.issue(flaw);
        let server = FaultServer::start_tls(&identity, |_| Fault::None).await.unwrap();
        let mut transport = TransportConfig::default();
        transport.extra_roots = vec![identity.root()];
        let client = things::client(&server.builder().transport_config(transport).build().unwrap());
        match things::describe(&client, "x").send().await {
            Ok(_) => taken += 1,
            Err(error) => wrong.push(format!("{flaw:?}: {error}")),
        }
    }
    Figure::new(
        wrong.is_empty() && bytes == 0,
        format!(
            "{} flaws, 2 old versions: {bytes} bytes sent; {taken} good ones taken; {} wrong {}",
            FLAWS.len(),
            wrong.len(),
            wrong.join("; ")
        ),
    )
}

/// Calls something that changes things; `Err` says what is wrong with the refusal.
async fn refusal(endpoint: &str, transport: TransportConfig) -> Result<(), String> {
    let client = things::client(&config(endpoint).transport_config(transport).no_proxy().build().unwrap());
    let error = match things::create(&client, "x").send().await {
        Ok(_) => return Err("taken".to_owned()),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::Transport(found) if found.stage == Stage::Certificate && error.attempts() == 1 => Ok(()),
        _ => Err(error.to_string()),
    }
}
