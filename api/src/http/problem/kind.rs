//! The table of all types of problem.

use poem::http::StatusCode;

macro_rules! kinds {
    ($($kind:ident $status:literal $name:literal $title:literal;)+) => {
        /// A type of problem that the API answers with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind {
            $(#[doc = $title] $kind,)+
        }

        impl Kind {
            /// Every type of problem, by status.
            pub(crate) const ALL: &[Self] = &[$(Self::$kind),+];

            const fn row(self) -> (u16, &'static str, &'static str) {
                match self {
                    $(Self::$kind => ($status, concat!("/problems/", $name), $title),)+
                }
            }
        }
    };
}

kinds! {
    ValidationFailed              400 "validation-failed"               "The request is not valid";
    IdempotencyKeyMissing         400 "idempotency-key-missing"         "The request requires an idempotency key";
    InvalidCursor                 400 "invalid-cursor"                  "The cursor is not valid";
    InvalidCredentials            401 "invalid-credentials"             "The credentials are not valid";
    TokenExpired                  401 "token-expired"                   "The token has expired";
    TokenRevoked                  401 "token-revoked"                   "The token has been revoked";
    RefreshReused                 401 "refresh-reused"                  "The refresh token was used before";
    InsufficientCoins             402 "insufficient-coins"              "There are not enough coins";
    AccountSuspended              403 "account-suspended"               "The account is suspended";
    EmailNotVerified              403 "email-not-verified"              "The e-mail address is not verified";
    Forbidden                     403 "forbidden"                       "This is not allowed";
    PlanLimit                     403 "plan-limit"                      "The plan does not allow more";
    NotFound                      404 "not-found"                       "The resource was not found";
    MethodNotAllowed              405 "method-not-allowed"              "This method is not allowed here";
    RequestTimeout                408 "request-timeout"                 "The request did not arrive in time";
    EmailTaken                    409 "email-taken"                     "The e-mail address is taken";
    NameTaken                     409 "name-taken"                      "The name is taken";
    AlreadySubscribed             409 "already-subscribed"              "The user already has a subscription";
    SubscriptionTransitionInvalid 409 "subscription-transition-invalid" "The subscription's state does not allow this";
    HoldFinished                  409 "hold-finished"                   "The hold has ended";
    JobFinished                   409 "job-finished"                    "The job has ended";
    JobUnfinished                 409 "job-unfinished"                  "The job has not ended";
    ExportNotReady                409 "export-not-ready"                "The archive of the export is not ready";
    DataSessionLimit              409 "data-session-limit"              "The limit of data sessions is reached";
    TableMissing                  409 "table-missing"                   "The data session has no table";
    TrainingUnfinished            409 "training-unfinished"             "A training of the data session has not ended";
    ModelMissing                  409 "model-missing"                   "The data session has no model";
    ModelOutdated                 409 "model-outdated"                  "Another version of the service trained the model";
    IdempotencyKeyInUse           409 "idempotency-key-in-use"          "The first request with this key is still running";
    Gone                          410 "gone"                            "The resource is no longer there";
    PreconditionFailed            412 "precondition-failed"             "The resource has changed";
    PayloadTooLarge               413 "payload-too-large"               "The body is too large";
    UnsupportedMediaType          415 "unsupported-media-type"          "The body's media type is not supported";
    InvalidTable                  422 "invalid-table"                   "The file is not a table";
    IdempotencyKeyReused          422 "idempotency-key-reused"          "The key was used for another request";
    UpgradeRequired               426 "upgrade-required"                "The request must open a WebSocket";
    PreconditionRequired          428 "precondition-required"           "The request must name the version that it changes";
    RateLimited                   429 "rate-limited"                    "There were too many requests";
    HeadersTooLarge               431 "headers-too-large"               "The headers are too large";
    Internal                      500 "internal-error"                  "The server failed";
    Unavailable                   503 "unavailable"                     "The service is temporarily unavailable";
}

impl Kind {
    /// The status.
    pub(crate) fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The URI, relative to the API.
    pub(crate) const fn uri(self) -> &'static str {
        self.row().1
    }

    /// The meaning; constant text.
    pub(crate) const fn title(self) -> &'static str {
        self.row().2
    }
}
