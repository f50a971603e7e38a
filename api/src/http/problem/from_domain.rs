//! The refusals that several modules of the domain share. Each module's own error is translated beside its operations.

use domain::ServiceError;
use domain::billing::coins::Insufficient;
use domain::billing::subscriptions::InvalidTransition;
use domain::billing::usage::LimitReached;
use domain::idempotency::Conflict;
use domain::identity::Forbidden;
use domain::page::InvalidCursor;
use domain::revision::Stale;

use super::{Kind, Problem};

impl From<ServiceError> for Problem {
    fn from(fault: ServiceError) -> Self {
        let mut problem = match fault {
            ServiceError::Unavailable(_) => Self::new(Kind::Unavailable, "Try again after the time that Retry-After tells."),
            ServiceError::Bug(_) => Self::new(Kind::Internal, "This is not your fault. Tell us the request id."),
        };
        problem.0.cause = Some(fault);
        problem
    }
}

impl From<Forbidden> for Problem {
    fn from(_: Forbidden) -> Self {
        Self::new(Kind::Forbidden, "This operation is for administrators.")
    }
}

impl From<InvalidCursor> for Problem {
    fn from(_: InvalidCursor) -> Self {
        Self::new(Kind::InvalidCursor, "Use a cursor only with the filters it was given out for, or begin without one.")
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
            Conflict::InUse => Self::new(Kind::IdempotencyKeyInUse, "Wait for the first request, then send the same one again."),
            Conflict::Reused => Self::new(Kind::IdempotencyKeyReused, "Use a new Idempotency-Key for a new request."),
        }
    }
}

impl From<Insufficient> for Problem {
    fn from(Insufficient { required, available }: Insufficient) -> Self {
        let detail = format!("{required} coins are needed and {available} are available.");
        let mut problem = Self::new(Kind::InsufficientCoins, detail);
        let document = &mut problem.0.document;
        (document.required, document.available) = (Some(required), Some(available));
        document.shortfall = Some(required - available);
        problem
    }
}

impl From<LimitReached> for Problem {
    fn from(LimitReached { limit, used, plan }: LimitReached) -> Self {
        let detail =
            format!("{used} of {limit} are used; /v1/subscription/stats tells what is left and when counting begins anew.");
        let mut problem = Self::new(Kind::PlanLimit, detail);
        let document = &mut problem.0.document;
        (document.limit, document.used, document.plan) = (Some(limit), Some(used), Some(plan));
        problem
    }
}

impl From<InvalidTransition> for Problem {
    fn from(invalid: InvalidTransition) -> Self {
        Self::new(Kind::SubscriptionTransitionInvalid, "Do what `allowed_actions` names instead.").allowing(invalid)
    }
}

impl Problem {
    /// There is a subscription that is not over.
    pub(crate) fn already_subscribed(present: InvalidTransition) -> Self {
        Self::new(Kind::AlreadySubscribed, "Change or cancel the present subscription instead.").allowing(present)
    }

    fn allowing(mut self, InvalidTransition { state, allowed_actions }: InvalidTransition) -> Self {
        self.0.document.state = Some(state);
        self.0.document.allowed_actions = Some(allowed_actions);
        self
    }
}
