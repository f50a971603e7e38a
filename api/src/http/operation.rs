//! An operation of the document, with everything that precedes its handler.
//!
//! The principal is authenticated first: 401 and 403 precede every other check. Then path and query are checked against the
//! description. Everything up to the head of the response happens within the time limit of the operation.

use std::future::Future;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use poem::endpoint::BoxEndpoint;
use poem::{Endpoint, Request, Response};
use poem_openapi::registry::{MetaOperation, MetaOperationParam, MetaParamIn, MetaSchemaRef};
use tokio::time::{Instant, timeout_at};

use crate::http::limits::{Limits, Stated};
use crate::http::params::QueryPairs;
use crate::http::principal::{Access, Tokens};
use crate::http::problem::{FieldError, Kind, Problem};
use crate::http::schema::{Schemas, child, parameter_errors};

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
    body: Option<Schemas>,
    limits: Limits,
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
        Self {
            access: Access::described(description, tokens),
            path,
            query: Some(parameters("/query", MetaParamIn::Query)),
            body: description.request.is_some().then(|| Arc::clone(schemas)),
            limits: Limits::of(description.operation_id, limits),
            endpoint,
        }
    }

    /// An operation that is not in the document.
    pub(crate) fn undescribed(endpoint: BoxEndpoint<'static>) -> Self {
        Self { access: None, path: Vec::new(), query: None, body: None, limits: Limits::DEFAULT, endpoint }
    }

    /// Authenticates the principal, checks the request and calls the handler. The response or the error carries the principal.
    pub(crate) async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let deadline = Instant::now() + self.limits.timeout;
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
        let pairs: Vec<(String, String)> = request.uri().query().map(|_| request.params()).transpose()?.unwrap_or_default();
        let mut errors = Vec::new();
        if request.uri().query().is_some_and(|query| percent_decode_str(query).decode_utf8().is_err()) {
            errors.push(FieldError { pointer: "/query".into(), detail: "must be UTF-8 within its percent-encoding".into() });
        }
        self.check_path(&request, &mut errors);
        self.check_query(&pairs, &mut errors);
        if !errors.is_empty() {
            return Err(Problem::invalid(errors).into());
        }
        if !pairs.is_empty() {
            request.set_data(QueryPairs(pairs));
        }
        if let Some(schemas) = &self.body {
            request.set_data(Arc::clone(schemas));
        }
        self.endpoint.call(request).await
    }

    fn check_path(&self, request: &Request, errors: &mut Vec<FieldError>) {
        for parameter in &self.path {
            match request.raw_path_param(&parameter.name) {
                Some(text) => errors.extend(parameter.errors(text)),
                None => errors.push(parameter.error("must be UTF-8 within its percent-encoding")),
            }
        }
    }

    fn check_query(&self, pairs: &[(String, String)], errors: &mut Vec<FieldError>) {
        let Some(query) = &self.query else { return };
        for (index, (name, text)) in pairs.iter().enumerate() {
            match query.iter().find(|parameter| parameter.name == *name) {
                None => errors.push(FieldError { pointer: child("/query", name), detail: "is not a known parameter".into() }),
                Some(known) if pairs[..index].iter().any(|(earlier, _)| earlier == name) => {
                    errors.push(known.error("must not be repeated"));
                }
                Some(known) => errors.extend(known.errors(text)),
            }
        }
    }
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

    fn errors(&self, text: &str) -> Vec<FieldError> {
        parameter_errors(&self.schemas, &self.schema, text, &self.pointer)
    }

    fn error(&self, detail: &str) -> FieldError {
        FieldError { pointer: self.pointer.clone(), detail: detail.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::StreamExt;
    use futures_util::stream::unfold;
    use poem::endpoint::make_sync;
    use poem::{Body, EndpointExt};

    use super::*;

    #[tokio::test]
    async fn the_time_limit_does_not_end_the_body_of_a_response() {
        let limits = Limits { timeout: Duration::from_millis(50), ..Limits::DEFAULT };
        let endpoint = make_sync(move |_| {
            let ticks = unfold(tokio::time::interval(2 * limits.timeout), async |mut ticks| {
                ticks.tick().await;
                Some((Ok::<_, std::io::Error>("tick"), ticks))
            });
            Response::builder().body(Body::from_bytes_stream(ticks.take(2)))
        });
        let operation = Operation { limits, ..Operation::undescribed(endpoint.boxed()) };
        let response = operation.call(Request::default()).await.unwrap();
        assert_eq!(response.into_body().into_string().await.unwrap(), "ticktick");
    }
}
