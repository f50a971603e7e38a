//! The contract as an `OpenAPI` document.
//!
//! poem-openapi describes operations from the types of their handlers. This module adds by rule the problems of an operation, closed
//! objects in requests and conditional reads, and corrects errors of the library.

mod limits;
mod problems;

use std::collections::{BTreeSet, HashMap};
use std::marker::PhantomData;

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem_openapi::registry::{MetaApi, Registry};
use poem_openapi::{LicenseObject, OpenApi, OpenApiService, Tags};
use serde_json::{Map, Value, json};

use crate::http::limits::Stated;
use crate::http::principal;
use crate::http::problem;
use crate::http::tags::Tag;

pub(crate) use problems::Declared;

const DESCRIPTION: &str = "The subscription and content API behind an AI character and art site.

- Lists are pages: `items`, and `next_cursor` if there are more.
- Absent members are omitted, never `null`.
- Errors are problem documents (RFC 9457); unknown fields, repeated fields and unknown parameters are errors.
- A request body has at most 256 KiB, unless its operation states more.
- Every response has an `X-Request-Id`; send your own to trace a request.
- A change that requires `If-Match` expects the `ETag` of the version that it replaces.
- A request that requires an `Idempotency-Key` takes effect once per key within 24 hours, however often it is sent.";

/// The `OpenAPI` document, formatted and deterministic.
#[must_use]
pub(crate) fn document<A: OpenApi>(declared: &[Declared], limits: &[Stated]) -> String {
    let service = OpenApiService::new(Described::<A>(PhantomData), "Atelier", env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
        .license(LicenseObject::new("MIT OR Apache-2.0"))
        .server("/");
    let mut document: Value = serde_json::from_str(&service.spec()).unwrap_or_default();
    clean(&mut document);
    add_problem_schemas(&mut document);
    close_requests(&mut document);
    limits::describe::<A>(&mut document, limits);
    document["tags"] = tags();
    for operation in operations(&mut document) {
        name_security(operation.description);
        problems::add(operation.path, operation.description, declared);
        make_conditional(operation.description);
    }
    format!("{document:#}\n")
}

/// Describes an API without its services.
struct Described<A>(PhantomData<A>);

impl<A: OpenApi> OpenApi for Described<A> {
    fn meta() -> Vec<MetaApi> {
        A::meta()
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
    }

    fn add_routes(self, _: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}

/// An operation of the document.
pub(crate) struct Operation<'a> {
    pub(crate) path: &'a str,
    pub(crate) description: &'a mut Map<String, Value>,
}

/// All operations of a document.
pub(crate) fn operations(document: &mut Value) -> impl Iterator<Item = Operation<'_>> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object_mut().into_iter().flatten();
        methods.filter_map(move |(_, description)| Some(Operation { path, description: description.as_object_mut()? }))
    })
}

/// Removes redundant keywords, the second half of an `allOf` that repeats its parent beside a reference, and the fractions of whole
/// numbers.
fn clean(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Object(members) => {
            members.retain(|name, value| !(name == "deprecated" && value == false || name == "explode" && value == true));
            if let Some(Value::Array(parts)) = members.get_mut("allOf") {
                parts.retain(|part| part.get("$ref").is_some());
            }
            for name in ["minimum", "maximum"] {
                members.get_mut(name).into_iter().for_each(whole);
            }
            members.values_mut().for_each(clean);
        }
        _ => {}
    }
}

fn whole(number: &mut Value) {
    if let Some(whole) = number.as_f64().and_then(|number| number.to_string().parse::<i64>().ok()) {
        *number = whole.into();
    }
}

fn add_problem_schemas(document: &mut Value) {
    let schemas = problem::Document::schemas().schemas.into_iter();
    for (name, schema) in schemas.filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?))) {
        document["components"]["schemas"][name] = schema;
    }
    clean(&mut document["components"]["schemas"]);
}

/// Unknown fields in a request are refused, so objects in requests have no additional properties.
fn close_requests(document: &mut Value) {
    let mut names = BTreeSet::new();
    for operation in operations(document) {
        operation.description.get("requestBody").into_iter().for_each(|body| references(body, &mut names));
    }
    let schemas = &mut document["components"]["schemas"];
    let mut closed = BTreeSet::new();
    while let Some(name) = names.pop_first() {
        let Some(schema) = schemas.get_mut(&name).filter(|_| closed.insert(name)) else { continue };
        if schema["type"] == "object" {
            schema["additionalProperties"] = json!(false);
        }
        references(schema, &mut names);
    }
}

/// Shows the requirement for administrators as the scheme that it belongs to.
fn name_security(operation: &mut Map<String, Value>) {
    if operation.get("security").is_some_and(|required| *required == json!([{principal::ADMINISTRATOR: []}])) {
        operation.insert("security".to_owned(), json!([{principal::SCHEME: []}]));
    }
}

/// Collects the names of all schemas that a value refers to.
pub(crate) fn references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        Value::Object(members) => {
            let name = members.get("$ref").and_then(|target| target.as_str()?.rsplit('/').next());
            names.extend(name.map(str::to_owned));
            members.values().for_each(|member| references(member, names));
        }
        _ => {}
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

/// Adds `If-None-Match` and 304 to a read with an entity tag.
fn make_conditional(operation: &mut Map<String, Value>) {
    let tagged = &operation["responses"]["200"]["headers"]["ETag"];
    let Some(etag) = Some(tagged.clone()).filter(|etag| etag.is_object() && !operation.contains_key("requestBody")) else {
        return;
    };
    let parameter = json!({
        "name": "If-None-Match", "in": "header", "required": false, "schema": {"type": "string"},
        "description": "The ETag of the version that you have; the response is 304 without a body if it is current.",
    });
    if let Value::Array(parameters) = operation.entry("parameters").or_insert_with(|| json!([])) {
        parameters.push(parameter);
    }
    operation["responses"]["304"] = json!({"description": "The version that you have is current.", "headers": {"ETag": etag}});
}
