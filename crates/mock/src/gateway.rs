//! The gateway as its users hold it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use alicloud_spec::Spec;
use serde_json::Value;

use crate::answer::Answers;
use crate::catalog::Catalog;
use crate::checks::{Check, Checks};
#[cfg(feature = "client")]
use crate::client::InProcess;
use crate::clock::Clock;
use crate::doubles::{self, Doubles};
use crate::engine::Engine;
use crate::error::Error;
use crate::fault::{Fault, Faults, When};
use crate::keys::Keyring;
use crate::latency::{Latencies, Latency};
use crate::ledger::Ledger;
use crate::lock::lock;
use crate::log::{self, Exchange, Log};
use crate::server::{Connections, Server};
use crate::state::World;
use crate::stub::{On, Stubs};
use crate::throttle::Throttle;
#[cfg(feature = "tls")]
use crate::tls::{self, Certificate};
use crate::verify::{Nonces, Verifier};

/// The access key that every gateway knows.
const ACCESS_KEY: (&str, &str) = ("testid", "testsecret");

/// A free port of loopback.
const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A gateway on loopback that verifies, checks, answers and remembers.
///
/// Each has its own port, keys, clock, stubs and ledger; it stops when dropped.
pub struct MockGateway {
    pub(crate) engine: Arc<Engine>,
    /// None when the gateway is reached in process only.
    server: Option<Server>,
    endpoint: String,
    #[cfg(feature = "tls")]
    authority: String,
}

impl MockGateway {
    /// Describes a gateway.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it listens, for example `http://127.0.0.1:40123`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The certificate authority that clients have to trust, as PEM text; empty without TLS.
    #[cfg(feature = "tls")]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Where it listens; port 0 when it does not.
    pub fn address(&self) -> SocketAddr {
        self.server.as_ref().map_or(LOOPBACK, |server| server.address)
    }

    /// What happens to new connections from now on. Those that are open stay, unless connections are refused.
    /// Without effect on a gateway that does not listen.
    pub fn connections(&self, connections: Connections) {
        if let Some(server) = &self.server {
            server.connections(connections);
        }
    }

    /// A transport that reaches the gateway without a socket:
    /// `Config::builder().transport(gateway.transport())`.
    #[cfg(feature = "client")]
    pub fn transport(&self) -> InProcess {
        InProcess { engine: Arc::clone(&self.engine) }
    }

    /// An access key id and its secret that the gateway accepts.
    pub fn credentials(&self) -> (&'static str, &'static str) {
        ACCESS_KEY
    }

    /// The keys that the gateway accepts; more can be added.
    pub fn keys(&self) -> &Keyring {
        &self.engine.verifier.keys
    }

    /// The gateway's clock.
    pub fn clock(&self) -> &Clock {
        self.engine.clock()
    }

    /// The effects that calls had.
    pub fn ledger(&self) -> &Ledger {
        &self.engine.ledger
    }

    /// Tells what an operation answers: `gateway.on("DescribeRegions").reply(json!({…}))`.
    pub fn on(&self, operation: &str) -> On {
        self.engine.stubs.on(operation)
    }

    /// The resources that the gateway remembers.
    pub fn world(&self) -> &World {
        &self.engine.world
    }

    /// The services around the API: instance metadata, STS, OAuth, CloudSSO and the like.
    pub fn doubles(&self) -> &Doubles {
        &self.engine.doubles
    }

    /// Asserts that an operation had exactly so many effects; see [`Ledger::assert_effects`].
    ///
    /// # Panics
    /// When it had more or fewer.
    #[track_caller]
    pub fn assert_effects(&self, operation: &str, expected: usize) {
        self.ledger().assert_effects(operation, expected);
    }

    /// Whether a loaded spec or a double has the operation; a rule for a misspelt one would never strike.
    ///
    /// # Errors
    /// [`Error::UnknownOperation`], with the name that is likely meant.
    pub fn find_operation(&self, operation: &str) -> Result<(), Error> {
        self.engine.find_operation(operation)
    }

    /// Orders trouble: `gateway.fault(When::operation("RunInstances").nth(1), Fault::ResetAfterExecute)`.
    pub fn fault(&self, when: When, fault: Fault) {
        self.engine.faults.add(when, fault);
    }

    /// Lets an operation be called so often per access key and window of the gateway's clock.
    pub fn throttle(&self, operation: &str, calls: u32, window: Duration) {
        self.engine.throttle.limit(Some(operation), calls, window);
    }

    /// Lets each access key make so many calls of any kind per window of the gateway's clock.
    pub fn throttle_all(&self, calls: u32, window: Duration) {
        self.engine.throttle.limit(None, calls, window);
    }

    /// How long calls of an operation take, or those of all operations that have no latency of their own
    /// (`*`).
    pub fn latency(&self, operation: &str, latency: Latency) {
        self.engine.latencies.set(Some(operation).filter(|name| *name != "*"), latency);
    }

    /// How invented answers of all operations look.
    pub fn answers(&self, answers: Answers) {
        lock(&self.engine.answers).push((String::new(), answers));
    }

    /// How invented answers of one operation look.
    pub fn answers_of(&self, operation: &str, answers: Answers) {
        lock(&self.engine.answers).push((operation.to_owned(), answers));
    }

    /// The last requests and their answers, oldest first, without secrets.
    pub fn requests(&self) -> Vec<Exchange> {
        self.engine.log.exchanges()
    }

    /// The last requests as an HTTP archive (HAR 1.2).
    pub fn har(&self) -> Value {
        log::har(&self.requests(), &self.endpoint)
    }

    /// How many requests it has answered.
    pub fn served(&self) -> u64 {
        self.engine.served.load(Ordering::Relaxed)
    }

    /// Forgets stubs, faults, latencies, answer modes, requests and effects; keys, clock, resources and client
    /// tokens stay.
    pub fn reset(&self) {
        self.engine.reset();
    }

    /// Stops the gateway and closes its connections.
    pub fn stop(mut self) {
        if let Some(server) = &mut self.server {
            server.stop();
        }
    }
}

impl fmt::Debug for MockGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockGateway")
            .field("endpoint", &self.endpoint)
            .field("served", &self.served())
            .finish_non_exhaustive()
    }
}

/// What a gateway is to be like.
#[derive(Debug)]
#[must_use = "a gateway has to be started"]
pub struct Builder {
    specs: Vec<Spec>,
    folders: Vec<PathBuf>,
    seed: u64,
    checks: Checks,
    address: SocketAddr,
    workers: usize,
    remembered: usize,
    stateful: bool,
    #[cfg(feature = "tls")]
    certificate: Option<Certificate>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            specs: Vec::new(),
            folders: Vec::new(),
            seed: 0,
            checks: Checks::default(),
            address: LOOPBACK,
            workers: 1,
            remembered: 1000,
            stateful: false,
            #[cfg(feature = "tls")]
            certificate: None,
        }
    }
}

impl Builder {
    /// Serves a product; call it once for each.
    pub fn product(mut self, spec: Spec) -> Self {
        self.specs.push(spec);
        self
    }

    /// Serves all products whose specs are below a folder, as `<product>/<version>.json`; or those of one
    /// product's folder, or the spec of one file.
    ///
    /// An operation is read when it is first called; a spec that is broken there answers `InvalidSpec`.
    pub fn specs_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// The number from which answers, request ids and chances are drawn; 0 at first.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Does not enforce a rule. Answers say so in `x-mock-unverified`.
    pub fn skip(mut self, check: Check) -> Self {
        self.checks.skip(check);
        self
    }

    /// Enforces a rule that is off at first.
    pub fn enforce(mut self, check: Check) -> Self {
        self.checks.enforce(check);
        self
    }

    /// Listens here instead of on a free port of loopback.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Threads that serve; 1 at first.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// How many requests [`MockGateway::requests`] remembers; 1,000 at first.
    pub fn remember(mut self, requests: usize) -> Self {
        self.remembered = requests;
        self
    }

    /// Gives every modelled product state from the start; see [`World`].
    pub fn stateful(mut self) -> Self {
        self.stateful = true;
        self
    }

    /// Serves TLS with a certificate made on the spot.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, certificate: Certificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// Starts the gateway.
    ///
    /// # Errors
    /// When a spec cannot be read or the address is taken.
    #[allow(clippy::unused_async, reason = "callers need not change when starting begins to wait")]
    pub async fn start(self) -> Result<MockGateway, Error> {
        self.start_blocking()
    }

    /// Starts the gateway, for programs without an async runtime.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_blocking(self) -> Result<MockGateway, Error> {
        #[cfg(feature = "tls")]
        let (scheme, tls, authority) = match self.certificate.map(tls::identity).transpose()? {
            Some(identity) => ("https", Some(identity.config), identity.authority),
            None => ("http", None, String::new()),
        };
        #[cfg(not(feature = "tls"))]
        let (scheme, tls) = ("http", ());
        let (address, workers) = (self.address, self.workers);
        let engine = self.engine()?;
        let server = Server::start(Arc::clone(&engine), address, workers, tls)?;
        let endpoint = format!("{scheme}://{}", server.address);
        engine.doubles.at(&endpoint);
        Ok(MockGateway {
            engine,
            server: Some(server),
            endpoint,
            #[cfg(feature = "tls")]
            authority,
        })
    }

    /// Starts the gateway without a socket, for sandboxes that have none: it is reached by
    /// [`MockGateway::transport`] alone, and its endpoint is a name that nobody resolves.
    ///
    /// # Errors
    /// A spec cannot be read.
    #[cfg(feature = "client")]
    pub fn in_process(self) -> Result<MockGateway, Error> {
        let (engine, endpoint) = (self.engine()?, "http://gateway.invalid".to_owned());
        engine.doubles.at(&endpoint);
        Ok(MockGateway {
            engine,
            server: None,
            endpoint,
            #[cfg(feature = "tls")]
            authority: String::new(),
        })
    }

    /// Everything but the way to reach it.
    fn engine(self) -> Result<Arc<Engine>, Error> {
        let mut catalog = Catalog::default();
        self.specs.into_iter().for_each(|spec| catalog.add(spec));
        catalog.add_paths(&self.folders)?;
        for spec in doubles::specs()? {
            if !catalog.has(&spec.product, &spec.version) {
                catalog.add(spec);
            }
        }
        let world = World::new(self.seed);
        if self.stateful {
            world.whole();
        }
        let clock = Clock::default();
        let keys = Keyring::new(clock.clone(), !self.checks.enforces(Check::RealKeys));
        keys.add(ACCESS_KEY.0, ACCESS_KEY.1)?;
        Ok(Arc::new(Engine {
            seed: self.seed,
            catalog,
            verifier: Verifier { keys, clock, nonces: Nonces::default(), checks: self.checks },
            stubs: Stubs::default(),
            world,
            doubles: Doubles::new(self.seed),
            faults: Faults::new(self.seed),
            throttle: Throttle::default(),
            latencies: Latencies::new(self.seed),
            tokens: crate::idempotency::Tokens::default(),
            ledger: Ledger::default(),
            log: Log::new(self.remembered),
            answers: std::sync::Mutex::default(),
            served: AtomicU64::new(0),
        }))
    }
}
