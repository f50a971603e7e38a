//! Problems of the errors that several modules of the domain share. Other errors are mapped beside their operations.

use domain::billing::coins::Insufficient;
use domain::billing::subscriptions::InvalidTransition;
use domain::idempotency::Conflict;
use domain::identity::Forbidden;
use domain::page::InvalidCursor;
use domain::revision::Stale;
use domain::{LimitReached, ServiceError};

use super::{Kind, Problem};

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let mut problem = match error {
            ServiceError::Unavailable(_) => Self::new(Kind::Unavailable, "Retry after the delay in `Retry-After`."),
            ServiceError::Bug(_) => Self::new(Kind::Internal, "The server failed. Report the request id."),
        };
        problem.0.cause = Some(error);
        problem
    }
}

impl From<Forbidden> for Problem {
    fn from(_: Forbidden) -> Self {
        Self::new(Kind::Forbidden, "This operation requires an administrator, or a key or permission with the scope of its area.")
    }
}

impl From<InvalidCursor> for Problem {
    fn from(_: InvalidCursor) -> Self {
        Self::new(Kind::InvalidCursor, "Use a cursor only with the filters of its list, or start without one.")
    }
}

impl From<Stale> for Problem {
    fn from(_: Stale) -> Self {
        Self::new(Kind::PreconditionFailed, "Read the resource again and repeat the change with its new ETag in If-Match.")
    }
}

impl From<Conflict> for Problem {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::InUse => {
                Self::new(Kind::IdempotencyKeyInUse, "Wait for the first request to end, then send the same request again.")
            }
            Conflict::Reused => Self::new(Kind::IdempotencyKeyReused, "Use a new Idempotency-Key for a new request."),
        }
    }
}

impl From<Insufficient> for Problem {
    fn from(Insufficient { required, available }: Insufficient) -> Self {
        let detail = format!("{required} coins are required and {available} are available.");
        let mut problem = Self::new(Kind::InsufficientCoins, detail);
        let document = &mut problem.0.document;
        (document.required, document.available) = (Some(required), Some(available));
        document.shortfall = Some(required - available);
        problem
    }
}

impl From<LimitReached> for Problem {
    fn from(LimitReached { limit, used, plan }: LimitReached) -> Self {
        let detail = format!("{used} of {limit} are used. /v1/subscription/stats shows what is left and when the counts reset.");
        let mut problem = Self::new(Kind::PlanLimit, detail);
        let document = &mut problem.0.document;
        (document.limit, document.used, document.plan) = (Some(limit), Some(used), Some(plan));
        problem
    }
}

impl From<InvalidTransition> for Problem {
    fn from(invalid: InvalidTransition) -> Self {
        Self::new(Kind::SubscriptionTransitionInvalid, "Use one of the `allowed_actions`.").allowing(invalid)
    }
}

impl Problem {
    /// The user has a subscription that has not ended.
    pub(crate) fn already_subscribed(present: InvalidTransition) -> Self {
        Self::new(Kind::AlreadySubscribed, "Change or cancel the present subscription instead.").allowing(present)
    }

    fn allowing(mut self, InvalidTransition { state, allowed_actions }: InvalidTransition) -> Self {
        self.0.document.state = Some(state);
        self.0.document.allowed_actions = Some(allowed_actions);
        self
    }
}
