//! Responses to requests whose effect comes later.

use domain::ServiceError;
use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponses, Registry};

use super::kind::{Created, Pending};
use super::{Reply, ResponseBody, response};

/// Success without a body. The effect comes later, or not at all.
pub(crate) struct Accepted;

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        StatusCode::ACCEPTED.into()
    }
}

impl ApiResponse for Accepted {
    fn meta() -> MetaResponses {
        response(
            StatusCode::ACCEPTED,
            "Accepted. The response is the same whether it has an effect or not.",
            Vec::new(),
            Vec::new(),
        )
    }

    fn register(_: &mut Registry) {}
}

/// A new resource, or one that will be created. Both have one schema, as clients want it.
pub(crate) enum CreatedOrPending<T> {
    /// It was created.
    Created(Reply<T, Created>),
    /// It will be.
    Pending(Reply<T, Pending>),
}

impl<T: ResponseBody> CreatedOrPending<T> {
    /// A resource that will be created as this.
    pub(crate) fn pending(view: &T) -> Result<Self, ServiceError> {
        Reply::of(view).map(Self::Pending)
    }
}

impl<T> IntoResponse for CreatedOrPending<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Created(reply) => reply.into_response(),
            Self::Pending(reply) => reply.into_response(),
        }
    }
}

impl<T: ResponseBody> ApiResponse for CreatedOrPending<T> {
    fn meta() -> MetaResponses {
        let mut all = Reply::<T, Created>::meta();
        all.responses.extend(Reply::<T, Pending>::meta().responses);
        all
    }

    fn register(registry: &mut Registry) {
        Reply::<T, Created>::register(registry);
    }
}
