//! Routes requests to operations, with what poem lacks: 405 with `Allow`, OPTIONS, HEAD for every GET, and the path template for the log.
//!
//! The routes are built from the descriptions of poem-openapi. Checks of requests are left to [`Operation`].

use std::collections::{BTreeMap, HashMap};

use poem::endpoint::BoxEndpoint;
use poem::http::header::ALLOW;
use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Endpoint, PathPattern, Request, Response, Route};
use poem_openapi::OpenApi;

use crate::http::operation::{Dependencies, Operation, numbered, with_data};
use crate::http::problem::{Kind, Problem};

/// Adds the routes of all operations of an API.
pub(crate) fn add<A: OpenApi>(routes: Route, api: A, dependencies: &Dependencies) -> Route {
    let mut endpoints = HashMap::new();
    api.add_routes(&mut endpoints);
    let mut resources: BTreeMap<String, Resource> = BTreeMap::new();
    for path in A::meta().into_iter().flat_map(|api| api.paths) {
        let route = route(&path.path);
        let Some(endpoints) = endpoints.get_mut(&route) else { continue };
        let resource = resources.entry(route).or_insert_with(|| Resource::at(&path.path));
        for description in path.operations {
            if let Some(endpoint) = endpoints.remove(&description.method) {
                let operation = Operation::described(&path.path, &description, endpoint, dependencies);
                resource.operations.push((description.method, operation));
            }
        }
    }
    resources.into_iter().fold(routes, |routes, (path, resource)| routes.at(path, resource))
}

/// The path of the document in the router's terms.
fn route(template: &str) -> String {
    let mut number = 0..;
    let segments = template.split('/').map(|segment| match segment.starts_with('{').then(|| number.next()).flatten() {
        Some(number) => format!(":{}", numbered(number)),
        None => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

/// All operations of a path.
pub(crate) struct Resource {
    template: PathPattern,
    operations: Vec<(Method, Operation)>,
}

impl Resource {
    /// A page that is not in the document.
    pub(crate) fn page(path: &str, endpoint: BoxEndpoint<'static>) -> Self {
        Self { operations: vec![(Method::GET, Operation::undescribed(endpoint))], ..Self::at(path) }
    }

    fn at(template: &str) -> Self {
        Self { template: PathPattern(template.into()), operations: Vec::new() }
    }

    /// The methods of this path, for `Allow`.
    fn methods(&self) -> HeaderValue {
        let mut methods: Vec<&str> = self.operations.iter().map(|(method, _)| method.as_str()).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        HeaderValue::try_from(methods.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"))
    }

    async fn answer(&self, request: Request) -> poem::Result<Response> {
        // The server omits the body of a response to HEAD and keeps its length.
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        match self.operations.iter().find(|(known, _)| known == method) {
            Some((_, operation)) => operation.call(request).await,
            None if method == Method::OPTIONS => {
                Ok(Response::builder().status(StatusCode::NO_CONTENT).header(ALLOW, self.methods()).finish())
            }
            None => {
                let problem = Problem::new(Kind::MethodNotAllowed, "Use a method in the `Allow` header.");
                Err(problem.with_header(ALLOW, self.methods()).into())
            }
        }
    }
}

impl Endpoint for Resource {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        with_data(self.answer(request).await, self.template.clone())
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
