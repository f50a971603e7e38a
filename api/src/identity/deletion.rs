//! The deletion of the signed-in user's account, and its receipt.

use std::sync::Arc;

use domain::identity::{Deletion, DeletionError, DeletionService, Receipt};
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::http::body::{Body, RequestBody};
use crate::http::document::Declared;
use crate::http::principal::InSession;
use crate::http::problem::{Kind, Problem, Result};
use crate::http::reply::{AcceptedSecret, Reply, ResponseBody, Secret};
use crate::http::tags::Tag;
use crate::http::text::Line;

/// The deletion of accounts.
pub(crate) struct DeletionApi(pub(crate) Arc<dyn DeletionService>);

impl DeletionApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[("deleteMe", &[Kind::RateLimited])];
}

#[OpenApi]
impl DeletionApi {
    /// Delete your account
    ///
    /// All servers refuse its sessions and keys from now on. The subscription ends, what is unpaid is void, and coins are written off.
    /// The e-mail address and the username become free. A job erases the content; the receipt shows what it erased. This cannot be
    /// undone: export the account before. The last active administrator gets 403.
    #[oai(path = "/v1/me", method = "delete", operation_id = "deleteMe", tag = "Tag::Me")]
    async fn delete(&self, actor: InSession, body: Body<DeleteMe>) -> Result<Reply<Deletion, AcceptedSecret>> {
        let present = SecretString::from(body.0.present_password);
        Ok(Reply::of(&self.0.delete(actor.user, actor.session, present).await?)?)
    }

    /// Read the receipt of a deletion
    ///
    /// The path of the receipt is in the answer of the deletion. It can be read for 30 days.
    #[oai(path = "/v1/deletions/:token", method = "get", operation_id = "getDeletionReceipt", tag = "Tag::Me")]
    async fn receipt(&self, token: Path<Line<1, 128>>) -> Result<Reply<Receipt, Secret>> {
        Ok(Reply::of(&self.0.receipt(&token.0).await?)?)
    }
}

/// The confirmation of a deletion.
#[derive(Object)]
struct DeleteMe {
    /// The present password.
    #[oai(validator(min_length = 1, max_length = 1000))]
    present_password: String,
}

impl RequestBody for DeleteMe {
    fn example() -> Value {
        json!({"present_password": "correct horse battery staple"})
    }
}

impl ResponseBody for Deletion {
    fn example() -> Value {
        json!({
            "receipt_url": "/v1/deletions/3f1c9a0e5b7d2846c0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7",
            "deleted_at": "2027-01-31T10:00:00Z", "expires_at": "2027-03-02T10:00:00Z",
        })
    }
}

impl ResponseBody for Receipt {
    fn example() -> Value {
        json!({
            "state": "done", "deleted_at": "2027-01-31T10:00:00Z", "erased_at": "2027-01-31T10:00:02Z",
            "erased": [{"area": "characters", "records": 3}, {"area": "messages", "records": 840}],
            "kept": [{"area": "payments", "reason": "the law requires to keep it, and later events of the provider refer to it"}],
            "expires_at": "2027-03-02T10:00:00Z",
        })
    }
}

impl From<DeletionError> for Problem {
    fn from(error: DeletionError) -> Self {
        match error {
            DeletionError::Account(error) => error.into(),
            DeletionError::LastAdministrator => {
                Self::new(Kind::Forbidden, "You are the last active administrator. Make another user one first.")
            }
            DeletionError::NoSuchUser => Self::new(Kind::NotFound, "There is no such user."),
            DeletionError::NoSuchReceipt => {
                Self::new(Kind::NotFound, "There is no such receipt. A receipt can be read for 30 days.")
            }
            DeletionError::Service(error) => error.into(),
        }
    }
}
