//! An operation of the document, with everything that precedes its handler.
//!
//! The principal is authenticated first, and the request is charged to it: 401, 429 and 403 precede every other check. Then path and query are checked against the
//! description. Everything up to the head of the response happens within the time limit of the operation.

use std::sync::Arc;
use std::time::Duration;

use domain::identity::Principal;
use domain::limits::Subject;
use poem::endpoint::BoxEndpoint;
use poem::error::ResponseError;
use poem::{Endpoint, Request, Response};
use poem_openapi::registry::{MetaOperation, MetaParamIn};
use tokio::time::timeout;

use crate::http::body_rules::BodyRules;
use crate::http::limits::{Limits, Stated};
use crate::http::parameter::{NOT_UTF8, Parameter, check_query};
use crate::http::params::QueryPairs;
use crate::http::principal::{Access, Tokens};
use crate::http::problem::{FieldErrors, Kind, Problem, Result};
use crate::http::rate_limit::{OperationCharge, RateHeaders, RateLimits};
use crate::http::schema::Schemas;

/// What every operation depends on.
pub(crate) struct Dependencies {
    /// The published schemas.
    pub(crate) schemas: Schemas,
    /// Verifies access tokens.
    pub(crate) tokens: Tokens,
    /// Charges requests.
    pub(crate) rates: RateLimits,
    /// The limits that single operations state.
    pub(crate) limits: &'static [Stated],
}

/// A handler that receives only authorised requests whose paths and queries fit its description.
pub(crate) struct Operation {
    /// `None` if it is public.
    access: Option<Access>,
    /// `None` if it is not limited.
    charge: Option<OperationCharge>,
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
        let Dependencies { schemas, tokens, rates, limits } = dependencies;
        let parameters = |parent, place| Parameter::all(parent, place, &description.params, schemas);
        let mut path = parameters("/path", MetaParamIn::Path);
        path.sort_by_key(|parameter| template.find(&format!("{{{}}}", parameter.name)));
        for (number, parameter) in path.iter_mut().enumerate() {
            parameter.name = numbered(number);
        }
        let limits = Limits::of(description.operation_id, limits);
        Self {
            access: Access::described(template, description, tokens),
            charge: rates.of(template, description.operation_id, &description.method, limits.rate),
            path,
            query: Some(parameters("/query", MetaParamIn::Query)),
            body: BodyRules::described(description, schemas, limits).map(Arc::new),
            timeout: limits.timeout,
            endpoint,
        }
    }

    /// An operation that is not in the document.
    pub(crate) fn undescribed(endpoint: BoxEndpoint<'static>) -> Self {
        let timeout = Limits::DEFAULT.timeout;
        Self { access: None, charge: None, path: Vec::new(), query: None, body: None, timeout, endpoint }
    }

    /// Authenticates the principal, charges the request, checks it and calls the handler. The response or the error carries the
    /// principal and what is left of its limits.
    pub(crate) async fn call(&self, request: Request) -> poem::Result<Response> {
        let mut asked = Asked::default();
        let late = |_| Err(Problem::new(Kind::Unavailable, "The operation took too long. Retry later.").into());
        let result = timeout(self.timeout, self.run(request, &mut asked)).await.unwrap_or_else(late);
        let result = match asked.rates {
            Some(rates) => with_rates(result, rates),
            None => result,
        };
        match asked.principal {
            Some(principal) => with_data(result, principal),
            None => result,
        }
    }

    async fn run(&self, mut request: Request, asked: &mut Asked) -> poem::Result<Response> {
        match &self.access {
            Some(access) if !access.admits_guest(&request) => {
                let principal = self.authenticate(access, &request, asked).await?;
                access.authorize(&principal)?;
                request.set_data(principal);
            }
            _ => self.charge_client(&request, asked).await?,
        }
        let mut errors = FieldErrors::default();
        self.check_path(&request, &mut errors);
        let pairs = self.query.as_deref().map_or_else(Vec::new, |known| check_query(known, request.uri().query(), &mut errors));
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

    /// Authenticates the principal and charges it; a failure is charged to the client.
    async fn authenticate(&self, access: &Access, request: &Request, asked: &mut Asked) -> Result<Principal> {
        let principal = match access.authenticate(request).await {
            Ok(principal) => principal,
            Err(problem) => {
                if problem.status().is_client_error() {
                    self.charge_client(request, asked).await?;
                }
                return Err(problem);
            }
        };
        asked.principal = Some(principal);
        if let Some(charge) = &self.charge {
            match charge.charge_subject(Subject::of(&principal)).await {
                Ok(rates) => asked.rates = Some(rates),
                Err(refused) => {
                    asked.rates = Some(refused.headers());
                    return Err(refused.into());
                }
            }
        }
        Ok(principal)
    }

    async fn charge_client(&self, request: &Request, asked: &mut Asked) -> Result<()> {
        let Some(charge) = &self.charge else { return Ok(()) };
        charge.charge_client(request).await.map_err(|refused| {
            asked.rates = Some(refused.headers());
            refused.into()
        })
    }

    fn check_path(&self, request: &Request, errors: &mut FieldErrors) {
        for parameter in &self.path {
            match request.raw_path_param(&parameter.name) {
                Some(text) => parameter.check(text, errors),
                None => errors.add(&parameter.pointer, NOT_UTF8),
            }
        }
    }
}

/// What the response says of a request.
#[derive(Default)]
struct Asked {
    principal: Option<Principal>,
    rates: Option<RateHeaders>,
}

/// The result with the headers of the limits; those of an error are added by the edge.
fn with_rates(result: poem::Result<Response>, rates: RateHeaders) -> poem::Result<Response> {
    match result {
        Ok(mut response) => {
            rates.add_to(&mut response);
            Ok(response)
        }
        Err(mut error) => {
            error.set_data(rates);
            Err(error)
        }
    }
}

/// The result with data for the edge, whether it is a response or an error.
pub(crate) fn with_data<T: Clone + Send + Sync + 'static>(result: poem::Result<Response>, data: T) -> poem::Result<Response> {
    match result {
        Ok(mut response) => {
            response.set_data(data);
            Ok(response)
        }
        Err(mut error) => {
            error.set_data(data);
            Err(error)
        }
    }
}

/// The name of a path parameter in the routes of poem-openapi, which numbers them.
pub(crate) fn numbered(number: usize) -> String {
    format!("param{number}")
}

#[cfg(test)]
mod tests {
    use poem::endpoint::{make, make_sync};
    use poem::http::StatusCode;
    use poem::{Body, EndpointExt};

    use super::*;

    fn operation(endpoint: BoxEndpoint<'static>, timeout: Duration) -> Operation {
        Operation { timeout, ..Operation::undescribed(endpoint) }
    }

    #[tokio::test]
    async fn the_time_limit_ends_with_the_head_of_the_response() {
        let endless = make(|_| std::future::pending::<poem::Result<Response>>()).boxed();
        let late = operation(endless, Duration::ZERO).call(Request::default()).await.unwrap_err();
        assert_eq!(late.status(), StatusCode::SERVICE_UNAVAILABLE);
        let chunk = || futures_util::stream::once(async { Ok::<_, std::io::Error>("chunk") });
        let streaming = make_sync(move |_| Response::builder().body(Body::from_bytes_stream(chunk()))).boxed();
        let response = operation(streaming, Duration::ZERO).call(Request::default()).await.unwrap();
        assert_eq!(response.into_body().into_string().await.unwrap(), "chunk");
    }

    #[test]
    fn an_operation_may_state_its_limits() {
        const STATED: Stated = &[("slow", Limits { timeout: Duration::from_mins(5), ..Limits::DEFAULT })];
        let of = |id| Limits::of(id, &[STATED]);
        assert_eq!((of(Some("slow")).timeout, of(Some("slow")).body), (Duration::from_mins(5), 256 * 1024));
        assert_eq!((of(Some("other")).timeout, of(None).timeout), (Limits::DEFAULT.timeout, Limits::DEFAULT.timeout));
    }
}
