//! Exports of the signed-in user's account, and the download of their archives.

mod archive;

use std::sync::Arc;

use domain::identity::{Export, ExportError, ExportService, NewExport, Placement};
use domain::ids::ExportId;
use poem::http::Method;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use serde_json::{Value, json};

use crate::http::document::Declared;
use crate::http::download::Download;
use crate::http::idempotency::Key;
use crate::http::params::Id;
use crate::http::principal::InSession;
use crate::http::problem::{Kind, Problem, Result};
use crate::http::reply::{AcceptedOnce, Reply, ResponseBody, Uncached};
use crate::http::tags::Tag;

use archive::{Archive, Pieces, file_name};

/// Operations on exports.
pub(crate) struct ExportsApi(pub(crate) Arc<dyn ExportService>);

impl ExportsApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared =
        &[("createExport", &[Kind::PlanLimit]), ("downloadExport", &[Kind::ExportNotReady, Kind::Gone])];
}

#[OpenApi]
impl ExportsApi {
    /// Export your account
    ///
    /// A job builds one archive with everything that the service keeps of you. An account has one open export: a second request
    /// answers with that one. `GET /v1/jobs/{job_id}/events` shows the progress.
    #[oai(path = "/v1/me/exports", method = "post", operation_id = "createExport", tag = "Tag::Me")]
    async fn create(&self, actor: InSession, #[oai(name = "Idempotency-Key")] key: Key) -> Result<Reply<Export, AcceptedOnce>> {
        let by = Placement { user: actor.user, placer: actor.principal.placer() };
        let export = self.0.request(by, key.attempt(NewExport)).await?;
        let path = format!("/v1/me/exports/{}", export.value.id);
        Ok(Reply::once(&export)?.at(path))
    }

    /// Read an export
    ///
    /// `state` is `building`, `ready`, `downloaded` or `failed`. An export is forgotten at `expires_at`.
    #[oai(path = "/v1/me/exports/:id", method = "get", operation_id = "getExport", tag = "Tag::Me")]
    async fn read(&self, actor: InSession, id: Path<Id<ExportId>>) -> Result<Reply<Export, Uncached>> {
        Ok(Reply::of(&self.0.export(actor.user, id.0.0).await?)?)
    }

    /// Download the archive of an export
    ///
    /// JSON lines in gzip: a line is `{"area", "record"}`, and the last one has the number of records. The archive is deleted when the
    /// server has sent all of it. A download that was broken off can be repeated for ten minutes from its start. Then the answer
    /// is 410. HEAD starts no download.
    #[oai(path = "/v1/me/exports/:id/archive", method = "get", operation_id = "downloadExport", tag = "Tag::Me")]
    async fn download(&self, actor: InSession, id: Path<Id<ExportId>>, method: Method) -> Result<Download<Archive>> {
        if method == Method::HEAD {
            self.0.export(actor.user, id.0.0).await?.state.check_download()?;
            return Ok(Download::head(&file_name(id.0.0)));
        }
        let pieces = self.0.start_download(actor.user, id.0.0).await?;
        Ok(Download::of(&file_name(id.0.0), Pieces::of(Arc::clone(&self.0), id.0.0, pieces).stream()))
    }
}

impl ResponseBody for Export {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "state": "ready", "job_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E",
            "created_at": "2027-01-31T10:00:00Z", "expires_at": "2027-02-01T10:00:03Z", "bytes": 48213,
        })
    }
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::NotFound => Self::new(Kind::NotFound, "You have no such export, or it has expired."),
            ExportError::NotReady => {
                Self::new(Kind::ExportNotReady, "Follow the job of the export. If it failed, request another export.")
            }
            ExportError::Gone => Self::new(Kind::Gone, "The archive was downloaded. Request another export."),
            ExportError::LimitReached(reached) => reached.into(),
            ExportError::Conflict(conflict) => conflict.into(),
            ExportError::Service(error) => error.into(),
        }
    }
}
