//! The way of a request through the gateway. This is the only file that knows the order.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use alicloud_spec::{Protocol, Style};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};
use serde_json::Value;

use crate::admin;
use crate::answer::{self, Answers};
use crate::catalog::{Catalog, Target, nearest};
use crate::check::{self, Input};
use crate::checks::{Check, Checks};
use crate::clock::{self, Clock};
use crate::cycle::Circle;
use crate::disfigure;
use crate::doubles::{Double, Doubles};
use crate::error::{Error, ServiceError};
use crate::fault::{Fault, Faults};
use crate::idempotency::{Key, Tokens, Turn};
use crate::latency::Latencies;
use crate::ledger::{Effect, Ledger};
use crate::lock::lock;
use crate::log::{Log, Record};
use crate::reply::{self, Body, Format, Reply};
use crate::request::Request;
use crate::state::World;
use crate::stub::{Call, Stubs};
use crate::throttle::Throttle;
use crate::verify::{Caller, Scheme, Verifier};

#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) seed: u64,
    pub(crate) catalog: Catalog,
    pub(crate) verifier: Verifier,
    pub(crate) stubs: Stubs,
    pub(crate) world: World,
    pub(crate) doubles: Doubles,
    pub(crate) faults: Faults,
    pub(crate) throttle: Throttle,
    pub(crate) latencies: Latencies,
    pub(crate) tokens: Tokens,
    pub(crate) ledger: Ledger,
    pub(crate) log: Log,
    /// Answer modes by operation; the empty name stands for all others.
    pub(crate) answers: Mutex<Vec<(String, Answers)>>,
    pub(crate) served: AtomicU64,
}

/// What the server has to do for a request.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) response: Response<Bytes>,
    pub(crate) delay: Duration,
    /// The part of a fault that happens on the wire.
    pub(crate) fault: Option<Fault>,
}

/// Whether someone has already asked which fault befalls a request.
#[derive(Debug)]
pub(crate) enum Foreseen {
    /// Not yet: the head did not say which operation it is for.
    No,
    Yes(Option<Fault>),
}

/// What is found out about a request on its way.
#[derive(Default)]
struct Trace {
    target: Option<Target>,
    /// How the caller was verified.
    scheme: Option<Scheme>,
    unverified: Vec<&'static str>,
    fault: Option<Fault>,
    delay: Duration,
}

impl Engine {
    pub(crate) fn checks(&self) -> Checks {
        self.verifier.checks
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.verifier.clock
    }

    /// Whether there is an operation or a double of that name.
    pub(crate) fn find_operation(&self, name: &str) -> Result<(), Error> {
        let doubles = Double::ALL.iter().map(|double| double.name());
        let known = || self.catalog.names().chain(doubles.clone());
        if known().any(|known| known == name) {
            return Ok(());
        }
        let nearest = nearest(name, known()).map(str::to_owned);
        Err(Error::UnknownOperation { name: name.to_owned(), nearest })
    }

    /// Decides about faults when only the head of a request is there.
    pub(crate) fn foresee(&self, head: &Request) -> Foreseen {
        if let Some(double) = Double::of(head) {
            return Foreseen::Yes(self.faults.strike(double.name()));
        }
        if self.faults.is_empty() {
            return Foreseen::Yes(None);
        }
        match self.catalog.find(head) {
            Ok(target) => Foreseen::Yes(self.faults.strike(&target.name)),
            Err(_) => Foreseen::No,
        }
    }

    /// Answers a request that has arrived completely.
    pub(crate) fn handle(&self, request: Request, foreseen: Foreseen) -> Outcome {
        if let Some(reply) = admin::answer(self, &request) {
            let trace = Trace::default();
            let format = self.format(&request, "", &trace);
            return Outcome { response: reply::write(reply, format), delay: Duration::ZERO, fault: None };
        }
        let started = Instant::now();
        let number = self.served.fetch_add(1, Ordering::Relaxed) + 1;
        let request_id = answer::request_id(self.seed, number);
        let mut trace = Trace::default();
        let reply = self.respond(&request, &request_id, foreseen, &mut trace).unwrap_or_else(Reply::from);

        let verdict = match (&reply.body, trace.scheme) {
            (Body::Error(error), _) => error.code.clone(),
            (_, Some(scheme)) => scheme.name().to_owned(),
            (_, None) => "unverified".to_owned(),
        };
        let mut response = reply::write(reply, self.format(&request, &request_id, &trace));
        self.sign_off(&mut response, &request_id, &trace);
        let fault = trace.fault;
        let lost = matches!(fault, Some(Fault::ResetBeforeExecute | Fault::ResetAfterExecute));
        self.log.add(Record {
            number,
            time: self.clock().millis(),
            request,
            target: trace.target,
            verdict,
            fault: fault.as_ref().map(|fault| format!("{fault:?}")),
            status: (!lost).then_some(response.status()),
            request_id,
            reply_headers: response.headers().clone(),
            reply_body: response.body().clone(),
            duration: started.elapsed(),
        });
        Outcome { response, delay: trace.delay, fault }
    }

    fn respond(
        &self,
        request: &Request,
        request_id: &str,
        foreseen: Foreseen,
        trace: &mut Trace,
    ) -> Result<Reply, ServiceError> {
        if let Some(double) = Double::of(request) {
            return Ok(self.double(double, request, foreseen, trace));
        }
        self.verifier.refuse_real_keys(request)?;
        let target = self.catalog.find(request)?;
        trace.target = Some(target.clone());
        let caller = self.verifier.verify(request, &target.operation)?;
        trace.unverified.extend(&caller.unverified);
        trace.scheme = Some(caller.scheme);

        let fault = match foreseen {
            Foreseen::Yes(fault) => fault,
            Foreseen::No => self.faults.strike(&target.name),
        };
        trace.fault.clone_from(&fault);
        if let Some(reply) = fault.as_ref().and_then(disfigure::instead) {
            return Ok(reply);
        }

        let mut input = check::check(request, &target, self.checks())?;
        trace.unverified.extend(&input.unverified);
        let owner = caller.access_key_id.as_deref().unwrap_or_default();
        self.throttle.admit(&target.name, owner, self.clock().millis())?;
        trace.delay = self.latencies.draw(&target.name);

        let circle = match &fault {
            Some(Fault::PageCycle { length }) => Some(Circle::enter(*length, &target.operation, &mut input.parameters)),
            _ => None,
        };
        let mut reply = self.execute(&target, caller, input, request_id, trace)?;
        if let Some(circle) = circle {
            reply = circle.close(reply);
        }
        Ok(match fault {
            Some(fault) => disfigure::reply(reply, &fault),
            None => reply,
        })
    }

    fn double(&self, double: Double, request: &Request, foreseen: Foreseen, trace: &mut Trace) -> Reply {
        if let Foreseen::Yes(fault) = foreseen {
            trace.fault = fault;
        }
        if let Some(reply) = trace.fault.as_ref().and_then(disfigure::instead) {
            return reply;
        }
        let Verifier { keys, clock, .. } = &self.verifier;
        let reply = self.doubles.answer(double, request, keys, clock);
        if reply.is_success() {
            self.ledger.call("", double.name());
        }
        match &trace.fault {
            Some(fault) => disfigure::reply(reply, fault),
            None => reply,
        }
    }

    /// Runs the operation, at most once per client token.
    fn execute(
        &self,
        target: &Target,
        caller: Caller,
        input: Input,
        request_id: &str,
        trace: &mut Trace,
    ) -> Result<Reply, ServiceError> {
        let now = self.clock().millis();
        let token = ["ClientToken", "clientToken", "client_token"]
            .iter()
            .find_map(|name| input.parameters.get(*name))
            .and_then(Value::as_str)
            .filter(|token| !token.is_empty())
            .map(str::to_owned);
        let key = token.clone().filter(|_| self.checks().enforces(Check::Idempotency)).map(|token| Key {
            owner: caller.access_key_id.clone().unwrap_or_default(),
            product: target.product.product.clone(),
            operation: target.name.clone(),
            token,
        });
        let claim = match key.map(|key| self.tokens.begin(key, &input.parameters, now)).transpose()? {
            Some(Turn::Again(reply, first)) => {
                self.ledger.repeated(&first);
                return Ok(with_id(reply, target, request_id));
            }
            Some(Turn::First(claim)) => Some(claim),
            None => None,
        };
        let call = Call {
            product: target.product.product.clone(),
            version: target.product.version.clone(),
            operation: target.name.clone(),
            parameters: input.parameters,
            access_key_id: caller.access_key_id,
            request_id: request_id.to_owned(),
        };
        let reply = match self.stubs.answer(&call) {
            Some((reply, delay)) => {
                trace.delay += delay;
                with_id(reply, target, request_id)
            }
            None => match self.modelled(&call, now) {
                Some(answer) => with_id(Reply::document(target.success(), answer?), target, request_id),
                None => {
                    let answers = self.answers_of(&target.name);
                    answer::make(target, &call.parameters, answers, self.seed, now, request_id)
                }
            },
        };
        if reply.is_success() {
            self.ledger.call(&target.product.product, &target.name);
            if target.mutates() {
                self.ledger.effect(Effect {
                    product: call.product,
                    operation: call.operation,
                    parameters: call.parameters,
                    client_token: token,
                    nonce: caller.nonce,
                    request_id: request_id.to_owned(),
                    requests: 1,
                    time: self.clock().now(),
                });
            }
            if let Some(claim) = claim {
                claim.keep(&reply, request_id, trace.delay);
            }
        }
        Ok(reply)
    }

    /// The answer of an operation that has more behind it than its spec.
    fn modelled(&self, call: &Call, now: i64) -> Option<Result<Value, ServiceError>> {
        let Verifier { keys, clock, .. } = &self.verifier;
        self.doubles.operation(call, keys, clock).or_else(|| self.world.answer(call, now))
    }

    /// Forgets what has happened.
    pub(crate) fn reset(&self) {
        self.stubs.clear();
        self.faults.clear();
        self.latencies.clear();
        self.log.clear();
        self.ledger.clear();
        lock(&self.answers).clear();
    }

    fn answers_of(&self, operation: &str) -> Answers {
        let answers = lock(&self.answers);
        let mode = |name: &str| answers.iter().rev().find(|(known, _)| known == name).map(|(_, mode)| *mode);
        mode(operation).or_else(|| mode("")).unwrap_or_default()
    }

    fn format<'a>(&self, request: &'a Request, request_id: &'a str, trace: &'a Trace) -> Format<'a> {
        let accept = request.header("accept").unwrap_or_default();
        let xml = match request.parameter("Format") {
            _ if matches!(trace.fault, Some(Fault::XmlError { .. })) => true,
            _ if trace.target.as_ref().is_some_and(|target| target.product.protocol == Protocol::Oss) => true,
            Some(format) => format.eq_ignore_ascii_case("xml"),
            // The older RPC protocol answers XML unless told otherwise.
            None if request.parameter("Action").is_some() => !accept.contains("json"),
            None => accept.contains("xml") && !accept.contains("json"),
        };
        let target = trace.target.as_ref();
        let lower_case = target.is_some_and(|target| {
            let first = target.operation.response.fields.first().or(target.operation.parameters.first());
            target.style == Style::Roa
                && first.is_some_and(|field| field.name.starts_with(|letter: char| letter.is_lowercase()))
        });
        Format {
            xml,
            lower_case,
            protocol: target.map_or_else(Protocol::default, |target| target.product.protocol),
            operation: target.map_or("", |target| target.name.as_str()),
            product: target.map_or("", |target| target.product.code.as_str()),
            host: request.host(),
            request_id,
        }
    }

    /// The headers that every answer has.
    fn sign_off(&self, response: &mut Response<Bytes>, request_id: &str, trace: &Trace) {
        let mut put = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        };
        put("date", clock::http_date(self.clock().millis()));
        let protocol = trace.target.as_ref().map_or_else(Protocol::default, |target| target.product.protocol);
        let name = match protocol {
            Protocol::Sls => "x-log-requestid",
            Protocol::Oss => "x-oss-request-id",
            _ => "x-acs-request-id",
        };
        put(name, request_id.to_owned());
        put("x-mock-specs", format!("{:016x}", self.catalog.hash()));
        let mut unverified: Vec<&str> = self.checks().skipped().map(Check::key).collect();
        unverified.extend(&trace.unverified);
        if !unverified.is_empty() {
            put("x-mock-unverified", unverified.join(", "));
        }
        if let Some(Fault::HeaderFlood(count)) = trace.fault {
            for number in 0..count {
                if let Ok(name) = HeaderName::try_from(format!("x-flood-{number}")) {
                    response.headers_mut().insert(name, HeaderValue::from_static("water"));
                }
            }
        }
    }
}

/// Gives an answer from a stub, from state or from an earlier call the id of this request. Services with
/// paths carry it in a header.
fn with_id(mut reply: Reply, target: &Target, request_id: &str) -> Reply {
    if let (Style::Rpc, Body::Document(Value::Object(members))) = (target.style, &mut reply.body)
        && !members.keys().any(|name| name.eq_ignore_ascii_case("requestid") || name == "request_id")
    {
        members.insert("RequestId".to_owned(), request_id.into());
    }
    reply
}
