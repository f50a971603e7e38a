//! An operation of the document, with everything that precedes its handler.
//!
//! The principal is authenticated first: 401 and 403 precede every other check. Then path and query are checked against the
//! description. Everything up to the head of the response happens within the time limit of the operation.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use poem::endpoint::BoxEndpoint;
use poem::{Endpoint, Request, Response};
use poem_openapi::registry::{MetaOperation, MetaOperationParam, MetaParamIn, MetaSchemaRef};
use tokio::time::{Instant, timeout_at};
use url::form_urlencoded;

use crate::http::body::BodyRules;
use crate::http::limits::{Limits, Stated};
use crate::http::params::QueryPairs;
use crate::http::principal::{Access, Tokens};
use crate::http::problem::{FieldErrors, Kind, Problem};
use crate::http::schema::{Schemas, check_parameter, child};

const NOT_UTF8: &str = "must be UTF-8 within its percent-encoding";

/// What every operation depends on.
pub(crate) struct Dependencies {
    /// The published schemas.
    pub(crate) schemas: Schemas,
    /// Verifies access tokens.
    pub(crate) tokens: Tokens,
    /// The limits that single operations state.
    pub(crate) limits: &'static [Stated],
}

/// A handler that receives only authorised requests whose paths and queries fit its description.
pub(crate) struct Operation {
    /// `None` if it is public.
    access: Option<Access>,
    path: Vec<Parameter>,
    /// `None` if the query is not checked.
    query: Option<Vec<Parameter>>,
    /// For the extractor of the body, if the operation has one.
    body: Option<Arc<BodyRules>>,
    timeout: Duration,
    endpoint: BoxEndpoint<'static>,
}

impl Operation {
    /// An operation of the document with its path template.
    pub(crate) fn described(
        template: &str,
        description: &MetaOperation,
        endpoint: BoxEndpoint<'static>,
        dependencies: &Dependencies,
    ) -> Self {
        let Dependencies { schemas, tokens, limits } = dependencies;
        let parameters = |parent, place| Parameter::all(parent, place, &description.params, schemas);
        let mut path = parameters("/path", MetaParamIn::Path);
        path.sort_by_key(|parameter| template.find(&format!("{{{}}}", parameter.name)));
        for (number, parameter) in path.iter_mut().enumerate() {
            parameter.name = numbered(number);
        }
        let limits = Limits::of(description.operation_id, limits);
        Self {
            access: Access::described(description, tokens),
            path,
            query: Some(parameters("/query", MetaParamIn::Query)),
            body: BodyRules::described(description, schemas, limits).map(Arc::new),
            timeout: limits.timeout,
            endpoint,
        }
    }

    /// An operation that is not in the document.
    pub(crate) fn undescribed(endpoint: BoxEndpoint<'static>) -> Self {
        Self { access: None, path: Vec::new(), query: None, body: None, timeout: Limits::DEFAULT.timeout, endpoint }
    }

    /// Authenticates the principal, checks the request and calls the handler. The response or the error carries the principal.
    pub(crate) async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let deadline = Instant::now() + self.timeout;
        let Some(access) = &self.access else { return in_time(deadline, self.run(request)).await };
        let principal = in_time(deadline, async { Ok(access.authenticate(&request).await?) }).await?;
        let result = match access.authorize(&principal) {
            Ok(()) => {
                request.set_data(principal.clone());
                in_time(deadline, self.run(request)).await
            }
            Err(problem) => Err(problem.into()),
        };
        match result {
            Ok(mut response) => {
                response.set_data(principal);
                Ok(response)
            }
            Err(mut error) => {
                error.set_data(principal);
                Err(error)
            }
        }
    }

    async fn run(&self, mut request: Request) -> poem::Result<Response> {
        let mut errors = FieldErrors::default();
        self.check_path(&request, &mut errors);
        let pairs = self.check_query(request.uri().query(), &mut errors);
        if !errors.is_empty() {
            return Err(Problem::invalid(errors).into());
        }
        if !pairs.is_empty() {
            request.set_data(QueryPairs(pairs));
        }
        if let Some(body) = &self.body {
            request.set_data(Arc::clone(body));
        }
        self.endpoint.call(request).await
    }

    fn check_path(&self, request: &Request, errors: &mut FieldErrors) {
        for parameter in &self.path {
            match request.raw_path_param(&parameter.name) {
                Some(text) => parameter.check(text, errors),
                None => errors.add(&parameter.pointer, NOT_UTF8),
            }
        }
    }

    /// The parameters of the query.
    fn check_query(&self, query: Option<&str>, errors: &mut FieldErrors) -> Vec<(String, String)> {
        let (Some(known), Some(query)) = (&self.query, query) else { return Vec::new() };
        if percent_decode_str(query).decode_utf8().is_err() {
            errors.add("/query", NOT_UTF8);
        }
        check_pairs(known, form_urlencoded::parse(query.as_bytes()), errors)
    }
}

/// The parameters among the pairs of a query. Each pair is read once, and none after the last error that is reported.
fn check_pairs<'q>(
    known: &[Parameter],
    pairs: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>,
    errors: &mut FieldErrors,
) -> Vec<(String, String)> {
    // Has each known name at most once.
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, text) in pairs {
        match known.iter().find(|parameter| parameter.name == name) {
            None => errors.add(child("/query", &name), "is not a known parameter"),
            Some(parameter) if found.iter().any(|(earlier, _)| *earlier == name) => {
                errors.add(&parameter.pointer, "must not be repeated");
            }
            Some(parameter) => {
                parameter.check(&text, errors);
                found.push((name.into_owned(), text.into_owned()));
            }
        }
        if errors.is_full() {
            break;
        }
    }
    found
}

/// The result of a step of an operation, if it is there before the deadline.
async fn in_time<T>(deadline: Instant, step: impl Future<Output = poem::Result<T>>) -> poem::Result<T> {
    let late = |_| Err(Problem::new(Kind::Unavailable, "The operation took too long. Retry later.").into());
    timeout_at(deadline, step).await.unwrap_or_else(late)
}

/// The name of a path parameter in the routes of poem-openapi, which numbers them.
pub(crate) fn numbered(number: usize) -> String {
    format!("param{number}")
}

struct Parameter {
    name: String,
    pointer: String,
    schema: MetaSchemaRef,
    schemas: Schemas,
}

impl Parameter {
    fn all(parent: &str, place: MetaParamIn, described: &[MetaOperationParam], schemas: &Schemas) -> Vec<Self> {
        let described = described.iter().filter(|described| described.in_type == place);
        let parameter = |described: &MetaOperationParam| Self {
            name: described.name.clone(),
            pointer: child(parent, &described.name),
            schema: described.schema.clone(),
            schemas: Arc::clone(schemas),
        };
        described.map(parameter).collect()
    }

    fn check(&self, text: &str, errors: &mut FieldErrors) {
        check_parameter(&self.schemas, &self.schema, text, &self.pointer, errors);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use poem_openapi::registry::MetaSchema;

    use super::*;

    fn text(name: &str) -> Parameter {
        let schema = MetaSchemaRef::Inline(Box::new(MetaSchema { max_length: Some(3), ..MetaSchema::new("string") }));
        Parameter { name: name.to_owned(), pointer: child("/query", name), schema, schemas: Schemas::default() }
    }

    /// The parameters, the pointers of the errors, and how many pairs were read.
    fn checked(query: &str) -> (Vec<(String, String)>, Vec<String>, usize) {
        let (read, mut errors) = (Cell::new(0), FieldErrors::default());
        let pairs = form_urlencoded::parse(query.as_bytes()).inspect(|_| read.set(read.get() + 1));
        let found = check_pairs(&[text("q"), text("sort")], pairs, &mut errors);
        (found, errors.into_vec().into_iter().map(|error| error.pointer).collect(), read.get())
    }

    #[test]
    fn a_query_has_known_parameters_at_most_once() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(checked("sort=a+b&q=%C3%A9").0, [pair("sort", "a b"), pair("q", "é")]);
        assert_eq!(checked("q=1234&a/b=1&q=2&sort&q=3").1, ["/query/q", "/query/a~1b", "/query/q", "/query/q"]);
    }

    #[test]
    fn the_work_for_a_query_of_errors_does_not_grow_with_its_length() {
        for query in ["a&".repeat(3990) + &"q&".repeat(3990), "q&".repeat(8000), "q=1234&a&".repeat(3000)] {
            let (_, errors, read) = checked(&query);
            assert_eq!(errors.len(), FieldErrors::MAX);
            assert!(read <= FieldErrors::MAX + 2, "{read} pairs were read");
        }
    }
}
