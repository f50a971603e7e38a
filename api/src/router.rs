//! From a request to its operation.
//!
//! poem-openapi describes each operation; the table is built from these descriptions, so that a path answers 405 with `Allow`, and
//! path and query are held to the published schemas before a handler sees them.

use std::collections::{BTreeMap, HashMap};

use poem::endpoint::BoxEndpoint;
use poem::http::header::ALLOW;
use poem::http::{HeaderValue, Method};
use poem::{Endpoint, Request, Response, Route};
use poem_openapi::OpenApi;
use poem_openapi::registry::{MetaOperation, MetaOperationParam, MetaParamIn, MetaSchemaRef};
use serde_json::Value;

use crate::params::QueryPairs;
use crate::problem::{FieldError, Kind, Problem};
use crate::{registry, schema};

/// The routes of all operations of an API.
pub(crate) fn routes<A: OpenApi>(api: A) -> Route {
    let mut endpoints = HashMap::new();
    api.add_routes(&mut endpoints);
    let mut resources: BTreeMap<String, Resource> = BTreeMap::new();
    for path in A::meta().into_iter().flat_map(|api| api.paths) {
        let route = route(&path.path);
        let mut endpoints = endpoints.remove(&route).unwrap_or_default();
        let resource = resources.entry(route).or_default();
        for description in path.operations {
            let method = description.method.clone();
            if let Some(endpoint) = endpoints.remove(&method) {
                resource.add(method, Operation::new(&path.path, description, endpoint));
            }
        }
    }
    resources.into_iter().fold(Route::new(), |routes, (path, resource)| routes.at(path, resource))
}

/// The path of the document in the router's terms: parameters are numbered.
fn route(template: &str) -> String {
    let mut number = 0..;
    let segments = template.split('/').map(|segment| match segment.starts_with('{').then(|| number.next()).flatten() {
        Some(number) => format!(":param{number}"),
        None => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Everything that can be done at one path.
#[derive(Default)]
pub(crate) struct Resource(Vec<(Method, Operation)>);

impl Resource {
    /// A path that is there for people, with nothing but a `GET`.
    pub(crate) fn page(endpoint: BoxEndpoint<'static>) -> Self {
        Self(vec![(Method::GET, Operation { path: Vec::new(), query: None, endpoint })])
    }

    fn add(&mut self, method: Method, operation: Operation) {
        self.0.push((method, operation));
    }

    fn not_allowed(&self) -> Problem {
        let mut allowed: Vec<&str> = self.0.iter().map(|(method, _)| method.as_str()).collect();
        if allowed.contains(&"GET") {
            allowed.push("HEAD");
        }
        let allow = HeaderValue::try_from(allowed.join(", ")).unwrap_or(HeaderValue::from_static("GET"));
        Problem::new(Kind::MethodNotAllowed, "The Allow header names the methods that are.").with_header(ALLOW, allow)
    }
}

impl Endpoint for Resource {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        // The body of the answer to HEAD is left out by the server, which keeps its length.
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        match self.0.iter().find(|(known, _)| known == method) {
            Some((_, operation)) => operation.call(request).await,
            None => Err(self.not_allowed().into()),
        }
    }
}

/// One operation and what its path and query may be.
struct Operation {
    /// By the router's name for it.
    path: Vec<(String, Parameter)>,
    /// `None` when the query is nobody's concern.
    query: Option<Vec<Parameter>>,
    endpoint: BoxEndpoint<'static>,
}

struct Parameter {
    name: String,
    schema: MetaSchemaRef,
}

impl Operation {
    fn new(template: &str, description: MetaOperation, endpoint: BoxEndpoint<'static>) -> Self {
        let of = |place: MetaParamIn, params: &[MetaOperationParam]| -> Vec<Parameter> {
            let params = params.iter().filter(|param| param.in_type == place);
            params.map(|param| Parameter { name: param.name.clone(), schema: param.schema.clone() }).collect()
        };
        let mut path = of(MetaParamIn::Path, &description.params);
        path.sort_by_key(|parameter| template.find(&format!("{{{}}}", parameter.name)));
        let path = path.into_iter().enumerate().map(|(number, parameter)| (format!("param{number}"), parameter)).collect();
        Self { path, query: Some(of(MetaParamIn::Query, &description.params)), endpoint }
    }

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let mut faults = Vec::new();
        self.check_path(&request, &mut faults);
        let pairs: Vec<(String, String)> = request.uri().query().map(|_| request.params()).transpose()?.unwrap_or_default();
        self.check_query(&pairs, &mut faults);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults).into());
        }
        if !pairs.is_empty() {
            request.set_data(QueryPairs(pairs));
        }
        self.endpoint.call(request).await
    }

    fn check_path(&self, request: &Request, faults: &mut Vec<FieldError>) {
        for (raw, parameter) in &self.path {
            let pointer = format!("/path/{}", parameter.name);
            match request.raw_path_param(raw) {
                Some(text) => faults.extend(parameter.faults(text, &pointer)),
                None => faults.push(FieldError { pointer, detail: "must be UTF-8 within its percent-encoding".into() }),
            }
        }
    }

    fn check_query(&self, pairs: &[(String, String)], faults: &mut Vec<FieldError>) {
        let Some(query) = &self.query else { return };
        for (index, (name, text)) in pairs.iter().enumerate() {
            let pointer = format!("/query/{name}");
            let detail = match query.iter().find(|parameter| parameter.name == *name) {
                None => "is not a known parameter",
                Some(_) if pairs[..index].iter().any(|(earlier, _)| earlier == name) => "must not be repeated",
                Some(parameter) => {
                    faults.extend(parameter.faults(text, &pointer));
                    continue;
                }
            };
            faults.push(FieldError { pointer, detail: detail.to_owned() });
        }
    }
}

impl Parameter {
    fn faults(&self, text: &str, pointer: &str) -> Vec<FieldError> {
        let integer = matches!(&self.schema, MetaSchemaRef::Inline(schema) if schema.ty == "integer");
        let value = integer.then(|| text.parse::<i64>().ok()).flatten().map_or_else(|| text.into(), Value::from);
        schema::faults(registry(), &self.schema, &value, pointer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_a_path_are_numbered() {
        assert_eq!(route("/v1/chats/{id}/messages/{message_id}"), "/v1/chats/:param0/messages/:param1");
        assert_eq!(route("/health"), "/health");
    }
}
