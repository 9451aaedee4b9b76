//! The operations the gateway knows, and which one a request means.

mod load;

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use alicloud_spec::{Access, Endpoints, Kind, Method, Operation, Place, Protocol, RetryClass, Shape, Spec, Style};

use self::load::{Late, Lent};
use crate::check::path::Template;
use crate::error::{Error, ServiceError};
use crate::request::Request;

/// All loaded product versions.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    products: Vec<Arc<Product>>,
    /// Products by the operations they have.
    actions: HashMap<String, Vec<usize>>,
    hash: u64,
}

/// One product version.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) product: String,
    pub(crate) code: String,
    pub(crate) version: String,
    pub(crate) protocol: Protocol,
    endpoints: Endpoints,
    types: Late<BTreeMap<String, Shape>>,
    operations: BTreeMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    style: Style,
    template: Template,
    /// Pairs of the query that are a part of the path template.
    fixed: Vec<(String, String)>,
    /// Known for operations with a path only.
    methods: Vec<Method>,
    operation: Late<Lent>,
}

/// The operation that a request means.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) product: Arc<Product>,
    pub(crate) name: String,
    pub(crate) style: Style,
    pub(crate) operation: Arc<Operation>,
    /// Decoded values of the path template.
    pub(crate) path: Vec<(String, String)>,
    /// Pairs of the query that the path template fixes.
    pub(crate) fixed: Vec<(String, String)>,
}

impl Catalog {
    pub(crate) fn add(&mut self, spec: Spec) {
        let digest = load::digest(&serde_json::to_string(&spec).unwrap_or_default());
        self.insert(Product::whole(spec), digest);
    }

    /// Adds specs, and all below folders.
    pub(crate) fn add_paths(&mut self, paths: &[PathBuf]) -> Result<(), Error> {
        for (product, digest) in load::specs(paths)? {
            self.insert(product, digest);
        }
        Ok(())
    }

    fn insert(&mut self, product: Product, digest: u64) {
        self.hash = self.hash.rotate_left(5) ^ digest;
        let at = self.products.len();
        for name in product.operations.keys() {
            self.actions.entry(name.clone()).or_default().push(at);
        }
        self.products.push(Arc::new(product));
    }

    pub(crate) fn has(&self, product: &str, version: &str) -> bool {
        self.products.iter().any(|known| known.product == product && known.version == version)
    }

    pub(crate) fn products(&self) -> &[Arc<Product>] {
        &self.products
    }

    /// Names of all operations of all products.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.actions.keys().map(String::as_str)
    }

    /// Tells one set of specs from another.
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    /// Finds the operation by name and version, or by method and path when the request names none.
    pub(crate) fn find(&self, request: &Request) -> Result<Target, ServiceError> {
        // Services with a protocol of their own name neither version nor operation.
        if request.headers.contains_key("x-log-apiversion") || own_protocol(request) == Protocol::Oss {
            return self.by_path(request, None);
        }
        let version = request.header("x-acs-version").or_else(|| request.parameter("Version"));
        match request.header("x-acs-action").or_else(|| request.parameter("Action")) {
            Some(action) => self.by_name(request, action, version),
            None => self.by_path(request, version),
        }
    }

    fn by_name(&self, request: &Request, action: &str, version: Option<&str>) -> Result<Target, ServiceError> {
        let Some(named) = self.actions.get(action) else {
            let names = self.actions.keys().map(String::as_str);
            let hint = nearest(action, names).map(|name| format!(" Is {name} meant?")).unwrap_or_default();
            return Err(ServiceError::entry(
                404,
                "InvalidAction.NotFound",
                format!("Specified api is not found: no loaded spec has the operation {action}.{hint}"),
            ));
        };
        let version = version
            .ok_or_else(|| ServiceError::entry(400, "MissingVersion", "Version is mandatory for this action."))?;
        let mut of_version: Vec<&Arc<Product>> =
            named.iter().filter_map(|at| self.products.get(*at)).filter(|product| product.version == version).collect();
        if of_version.is_empty() {
            let known: Vec<&str> =
                named.iter().filter_map(|at| self.products.get(*at)).map(|product| product.version.as_str()).collect();
            return Err(ServiceError::entry(
                404,
                "NoSuchVersion",
                format!("{action} has no version `{version}`; the loaded specs have {}.", known.join(", ")),
            ));
        }
        // Operations such as TagResources occur in several products; host and path tell them apart.
        of_version.sort_by_key(|product| {
            let path = product.template(action).and_then(|template| template.read(request.path())).is_some();
            (!product.has_host(request.host()), !path, !product.takes(action, request))
        });
        let product = of_version.first().copied().cloned();
        product.and_then(|product| product.target(action, request.path())).unwrap_or_else(|| {
            Err(ServiceError::entry(
                404,
                "InvalidAction.NotFound",
                format!("Specified api is not found: {action} is not at the path {}.", request.path()),
            ))
        })
    }

    fn by_path(&self, request: &Request, version: Option<&str>) -> Result<Target, ServiceError> {
        let fits = |product: &&Arc<Product>| version.is_none_or(|version| product.version == version);
        let best = self
            .products
            .iter()
            .filter(fits)
            .flat_map(|product| product.operations.iter().map(move |(name, entry)| (product, name, entry)))
            .filter(|(_, _, entry)| entry.style == Style::Roa && named(&entry.methods, request.method.as_str()))
            .filter(|(product, _, entry)| product.speaks(request) && entry.is_fixed_in(request))
            .filter(|(_, _, entry)| entry.template.read(request.path()).is_some())
            .max_by_key(|(product, name, entry)| {
                let weight = entry.template.weight();
                (product.has_host(request.host()), weight, entry.fixed.len(), product.fit(name, request))
            });
        let target = best.and_then(|(product, name, _)| product.clone().target(name, request.path()));
        target.unwrap_or_else(|| {
            Err(match request.path() {
                "/" => ServiceError::entry(400, "MissingAction", "Action is mandatory for this action."),
                path => {
                    let reason = "Specified api is not found: no operation of the loaded specs is at";
                    let reason = format!("{reason} {} {path}.", request.method);
                    ServiceError::entry(404, "InvalidAction.NotFound", reason)
                }
            })
        })
    }
}

/// The protocol that a request shows by its headers; the standard one when it shows none.
fn own_protocol(request: &Request) -> Protocol {
    let authorization = request.header("authorization").unwrap_or_default();
    if request.headers.contains_key("x-log-apiversion") {
        Protocol::Sls
    } else if authorization.starts_with("OSS ") || authorization.starts_with("OSS4-") {
        Protocol::Oss
    } else {
        Protocol::Standard
    }
}

impl Entry {
    fn is_fixed_in(&self, request: &Request) -> bool {
        let has = |(name, value): &(String, String)| {
            request.query.iter().any(|pair| pair.name == *name && pair.value == *value)
        };
        self.fixed.iter().all(has)
    }
}

/// Whether an operation takes an HTTP method.
pub(crate) fn takes(operation: &Operation, method: &str) -> bool {
    named(std::iter::once(&operation.method).chain(&operation.also), method)
}

fn named<'a>(methods: impl IntoIterator<Item = &'a Method>, name: &str) -> bool {
    methods.into_iter().any(|known| method_name(*known) == name)
}

pub(crate) const fn method_name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Patch => "PATCH",
        Method::Head => "HEAD",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
    }
}

impl Product {
    /// Names of all operations.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &str> {
        self.operations.keys().map(String::as_str)
    }

    /// The type behind a reference, or the shape itself.
    pub(crate) fn resolve<'a>(&'a self, shape: &'a Shape) -> &'a Shape {
        let mut shape = shape;
        // References to references are rare, circles are not: a few steps are enough.
        for _ in 0..8 {
            match shape.reference.as_ref().and_then(|name| self.shared().and_then(|types| types.get(name))) {
                Some(target) => shape = target,
                None => break,
            }
        }
        shape
    }

    /// The kind of a shape; anything goes when it is not known.
    pub(crate) fn kind(&self, shape: &Shape) -> Kind {
        self.resolve(shape).kind.unwrap_or(Kind::Any)
    }

    fn template(&self, action: &str) -> Option<&Template> {
        self.operations.get(action).map(|entry| &entry.template)
    }

    fn target(self: Arc<Self>, action: &str, path: &str) -> Option<Result<Target, ServiceError>> {
        let entry = self.operations.get(action)?;
        let path = entry.template.read(path)?;
        let fixed = entry.fixed.clone();
        let (style, operation) = (entry.style, entry.operation().cloned());
        let operation = operation.map_err(|reason| {
            let place = format!("{} {} {action}", self.product, self.version);
            ServiceError::entry(500, "InvalidSpec", format!("The spec of {place} cannot be read: {reason}."))
        });
        Some(operation.map(|operation| Target {
            name: action.to_owned(),
            style,
            operation,
            path,
            fixed,
            product: self,
        }))
    }

    /// Whether a request is in the protocol of the product. Anonymous calls to object storage show nothing.
    fn speaks(&self, request: &Request) -> bool {
        match (own_protocol(request), self.protocol) {
            (Protocol::Standard, Protocol::Sls) => false,
            (Protocol::Standard, Protocol::Oss) => !request.headers.contains_key("x-acs-action"),
            (Protocol::Standard, _) => true,
            (shown, own) => shown == own,
        }
    }

    /// How well an operation explains the query: several may share method and path.
    fn fit(&self, action: &str, request: &Request) -> (bool, bool, usize) {
        let Some(Ok(operation)) = self.operations.get(action).map(Entry::operation) else { return (false, false, 0) };
        let in_host = operation.parameters.iter().any(|shape| shape.place == Some(Place::Host));
        let labelled = request.label().is_some_and(|_| !self.has_plain_host(request.host()));
        let sent = |shape: &&Shape| match shape.place {
            Some(Place::Header) => request.header(&shape.name).is_some(),
            _ => request.query.iter().any(|pair| pair.name == shape.name),
        };
        let seen = |shape: &&Shape| matches!(shape.place, Some(Place::Query | Place::Header));
        let required = operation.parameters.iter().filter(seen).filter(|shape| shape.required);
        let (given, missing): (Vec<_>, Vec<_>) = required.partition(sent);
        (in_host == labelled, missing.is_empty() && self.takes(action, request), given.len())
    }

    /// Whether the operation has a parameter for every name in the query and form.
    fn takes(&self, action: &str, request: &Request) -> bool {
        let Some(Ok(operation)) = self.operations.get(action).map(Entry::operation) else { return false };
        let fixed = |name: &str| {
            let entry = self.operations.get(action);
            entry.is_some_and(|entry| entry.fixed.iter().any(|(known, _)| known == name))
        };
        request.query.iter().chain(&request.form).all(|pair| {
            crate::check::is_common(&pair.name)
                || fixed(&pair.name)
                || operation.parameters.iter().any(|parameter| {
                    let rest = pair.name.strip_prefix(parameter.name.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                })
        })
    }

    /// Whether a host is one of the product's, with or without a parameter before it.
    pub(crate) fn has_host(&self, host: &str) -> bool {
        let host = host.split(':').next().unwrap_or_default();
        self.has_plain_host(host) || host.split_once('.').is_some_and(|(_, behind)| self.has_plain_host(behind))
    }

    fn has_plain_host(&self, host: &str) -> bool {
        let host = host.split(':').next().unwrap_or_default();
        let endpoints = &self.endpoints;
        let listed = endpoints.regions.values().chain(endpoints.vpc_regions.values()).chain(&endpoints.global);
        let label = host.split('.').next().unwrap_or_default();
        let prefix = endpoints.prefix.as_deref().unwrap_or(&self.product);
        let region = host.strip_suffix(".aliyuncs.com").and_then(|host| host.split_once('.')).map(|(_, region)| region);
        let regions = [&endpoints.regions, &endpoints.vpc_regions];
        let known = |region: &str| {
            regions.iter().all(|known| known.is_empty()) || regions.iter().any(|known| known.contains_key(region))
        };
        let built = label.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            && region.is_none_or(known);
        let patterned = endpoints.patterns.values().any(|pattern| {
            let (before, after) = pattern.split_once("{region}").unwrap_or((pattern, ""));
            let region = host.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            region.is_some_and(|region| !region.contains('.'))
        });
        built || patterned || listed.into_iter().any(|known| known.trim() == host)
    }
}

impl Target {
    /// The status of a successful answer.
    pub(crate) fn success(&self) -> u16 {
        self.operation.response.status.first().copied().unwrap_or(200)
    }

    /// Whether the operation may change something.
    pub(crate) fn mutates(&self) -> bool {
        const READING: [&str; 12] = [
            "Describe", "List", "Get", "Query", "Search", "Check", "Count", "Lookup", "Show", "Is", "Validate",
            "Preview",
        ];
        match (self.operation.class, self.operation.access) {
            (Some(class), _) => class != RetryClass::Read,
            (None, Some(access)) => access != Access::Read,
            (None, None) => !READING.iter().any(|verb| {
                let rest = self.name.strip_prefix(verb).or_else(|| self.name.strip_prefix(&verb.to_lowercase()));
                rest.is_some_and(|rest| rest.chars().next().is_none_or(|next| !next.is_lowercase()))
            }),
        }
    }
}

/// The name that differs least, if any is near.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}
