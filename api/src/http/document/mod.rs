//! The contract as an `OpenAPI` document.
//!
//! poem-openapi describes operations from the types of their handlers. This module adds by rule the problems of an operation, closed
//! objects in requests and conditional reads, moves what operations share to the components, and corrects errors of the library.

mod bodies;
mod enums;
mod limits;
mod operations;
mod problems;
mod schemas;
mod sharing;

use std::collections::{BTreeSet, HashMap};
use std::marker::PhantomData;

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem_openapi::registry::{MetaApi, MetaPath, Registry};
use poem_openapi::{ContactObject, LicenseObject, OpenApi, OpenApiService, Tags};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value};

use crate::http::limits::Stated;
use crate::http::problem;
use crate::http::tags::Tag;

#[cfg(test)]
pub(crate) use enums::CLOSED;
pub(crate) use operations::operations;
pub(crate) use problems::Declared;

const DESCRIPTION: &str = "The subscription and content API behind an AI character and art site.

- An access token is sent as `Authorization: Bearer`, an API key as `X-API-Key`; a key needs the scope in `x-required-scope`.
- Lists are pages: `items`, and `next_cursor` if there are more.
- Absent members are omitted, never `null`.
- Errors are problem documents (RFC 9457); unknown fields, repeated fields and unknown parameters are errors.
- A request body has at most 256 KiB, unless its operation states more.
- Requests are limited by user, service key or address: 429 with a `Retry-After` after which the request is admitted.
- Every response has an `X-Request-Id`; send your own to trace a request.
- A change that requires `If-Match` expects the `ETag` of the version that it replaces.
- A request that requires an `Idempotency-Key` takes effect once per key within 24 hours, however often it is sent.
- An enumeration is open or closed, as its description says. Accept unknown values of an open one; `x-ms-enum` marks it for generators.";

/// What operations declare for the document beside their handlers.
pub(crate) struct Declarations {
    /// The problems of single operations.
    pub(crate) problems: &'static [Declared],
    /// The limits of single operations.
    pub(crate) limits: &'static [Stated],
    /// The bodies that handlers receive unparsed.
    pub(crate) raw_bodies: &'static [RawBody],
    /// Examples of parameters: `operationId`, parameter, value.
    pub(crate) parameters: &'static [(&'static str, &'static str, &'static str)],
}

/// The schema of a body that a handler receives unparsed, by `operationId`.
pub(crate) type RawBody = (&'static str, fn() -> Value);

/// The `OpenAPI` document, formatted and deterministic.
#[must_use]
pub(crate) fn document<A: OpenApi>(declared: &Declarations) -> String {
    let service = OpenApiService::new(Described::<A>(PhantomData), "Atelier", env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
        .contact(ContactObject::new().name("The maintainers of Atelier"))
        .license(LicenseObject::new("MIT OR Apache-2.0").url("https://spdx.org/licenses/MIT.html"))
        .server("/");
    let mut document: Value = serde_json::from_str(&service.spec()).unwrap_or_default();
    add_problem_schemas(&mut document);
    limits::describe::<A>(&mut document, declared.limits);
    bodies::describe_raw(&mut document, declared.raw_bodies);
    schemas::refine(&mut document);
    enums::name(&mut document);
    bodies::close(&mut document);
    document["tags"] = tags();
    operations::complete(&mut document, declared.parameters);
    problems::add(&mut document, declared.problems);
    operations::open_public(&mut document);
    sharing::share(&mut document);
    formatted(&document)
}

/// The document as text, indented by one space a level.
fn formatted(document: &Value) -> String {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(b" "));
    // Writing JSON to memory cannot fail; a document that is not UTF-8 does not exist.
    let written = document.serialize(&mut serializer);
    text.push(b'\n');
    written.ok().and_then(|()| String::from_utf8(text).ok()).unwrap_or_default()
}

/// Describes an API without its services.
struct Described<A>(PhantomData<A>);

impl<A: OpenApi> OpenApi for Described<A> {
    fn meta() -> Vec<MetaApi> {
        vec![MetaApi { paths: merged(A::meta()) }]
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
    }

    fn add_routes(self, _: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}

/// All paths, each once. Several APIs may have operations of one path; the library would write that path for each of them.
fn merged(apis: Vec<MetaApi>) -> Vec<MetaPath> {
    let mut paths: Vec<MetaPath> = Vec::new();
    for path in apis.into_iter().flat_map(|api| api.paths) {
        match paths.iter_mut().find(|known| known.path == path.path) {
            Some(known) => known.operations.extend(path.operations),
            None => paths.push(path),
        }
    }
    paths
}

fn add_problem_schemas(document: &mut Value) {
    let schemas = problem::Document::schemas().schemas.into_iter();
    for (name, schema) in schemas.filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?))) {
        document["components"]["schemas"][name] = schema;
    }
}

fn tags() -> Value {
    let mut registry = Registry::new();
    for tag in &Tag::ORDER {
        tag.register(&mut registry);
    }
    let described = |tag: &Tag| registry.tags.iter().find(|described| described.name == tag.name());
    Tag::ORDER.iter().filter_map(|tag| serde_json::to_value(described(tag)?).ok()).collect()
}

/// Collects the names of all schemas that a value refers to.
pub(crate) fn references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        Value::Object(members) => {
            let name = members.get("$ref").and_then(|target| target.as_str()?.strip_prefix("#/components/schemas/"));
            names.extend(name.map(str::to_owned));
            members.values().for_each(|member| references(member, names));
        }
        _ => {}
    }
}

/// A reference to a component.
fn reference(section: &str, name: &str) -> Value {
    let target = format!("#/components/{section}/{name}");
    Value::Object(Map::from_iter([("$ref".to_owned(), target.into())]))
}

/// `spendCoins`, `If-Match` and `message_id` as names of components: `SpendCoins`, `IfMatch`, `MessageId`.
pub(crate) fn pascal_case(name: &str) -> String {
    let words = name.split(|char: char| !char.is_ascii_alphanumeric());
    let capital = |word: &str| word.get(..1).unwrap_or_default().to_ascii_uppercase() + word.get(1..).unwrap_or_default();
    words.map(capital).collect()
}
