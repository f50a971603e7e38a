//! Data sessions, for administrators.

use std::sync::Arc;

use domain::data_sessions::{Cleanup, DataSessionService};
use poem_openapi::OpenApi;

use crate::http::principal::Administrator;
use crate::http::problem::Result;
use crate::http::reply::{Reply, Secret};
use crate::http::tags::Tag;

/// Operations of administrators on data sessions.
pub(crate) struct DataSessionAdministrationApi(pub(crate) Arc<dyn DataSessionService>);

#[OpenApi(tag = "Tag::Admin")]
impl DataSessionAdministrationApi {
    /// Delete expired data sessions
    ///
    /// At once, with their tables and models, and files without a session. Servers do the same each second.
    #[oai(path = "/v1/admin/data-sessions/cleanup", method = "post", operation_id = "cleanUpDataSessions")]
    async fn clean_up(&self, _actor: Administrator) -> Result<Reply<Cleanup, Secret>> {
        Ok(Reply::of(&self.0.clean_up().await?)?)
    }
}
