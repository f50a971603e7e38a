//! Data sessions: upload a table, look at it, train a model, predict.

mod administration;
mod downloads;
mod examples;
mod follow;
mod holder;
mod problems;
mod progress;
mod report;
mod report_page;
mod requests;

use std::sync::Arc;
use std::time::Duration;

use domain::data_sessions::{
    CreatedDataSession, DataSession, DataSessionReads, DataSessionService, MAX_UPLOAD_BYTES, Predictions, Preview, PreviewPage,
    SessionFile, TableInfo, Training,
};
use domain::identity::Authenticator;
use domain::ids::DataSessionId;
use domain::limits::Limit;
use domain::page::Page;
use poem::Request;
use poem::http::Method;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use crate::http::body::Body;
use crate::http::client_address::ClientAddress;
use crate::http::document::Declared;
use crate::http::download::Download;
use crate::http::limits::{Limits, Rate, Stated};
use crate::http::params::{After, Id, Limit as PageLimit, Query, page};
use crate::http::principal::{AnyRequester, SecretRequester, SignedIn};
use crate::http::problem::{Kind, Result};
use crate::http::reply::{AcceptedUncached, Cached, CreatedSecret, NoContent, Reply, Secret, Uncached};
use crate::http::shutdown::Shutdown;
use crate::http::tags::Tag;
use crate::http::text::Line;
use crate::http::upload::Upload;
use crate::http::view::Choice;

pub(crate) use administration::DataSessionAdministrationApi;
use downloads::{HeldOutRows, Model, pieces};
pub(crate) use follow::FollowApi;
use progress::TrainingEvents;
use requests::{Offset, PredictRows, PreviewLimit, SkipRows, TrainModel, overrides};

/// Maximum size of an uploaded table, in bytes.
const MAX_UPLOAD: usize = 50 << 20;

// The domain has it as the type of file lengths.
const _: () = assert!(MAX_UPLOAD as u64 == MAX_UPLOAD_BYTES);

/// Operations on data sessions.
#[derive(Clone)]
pub(crate) struct DataSessionsApi {
    pub(crate) reads: Arc<dyn DataSessionReads>,
    pub(crate) service: Arc<dyn DataSessionService>,
    pub(crate) authenticator: Arc<dyn Authenticator>,
}

impl DataSessionsApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[
        ("createDataSession", &[Kind::DataSessionLimit]),
        ("uploadTable", &[Kind::DataSessionLimit, Kind::TrainingUnfinished, Kind::InvalidTable]),
        ("getTableInfo", &[Kind::TableMissing]),
        ("previewTable", &[Kind::TableMissing]),
        ("trainModel", &[Kind::TableMissing, Kind::TrainingUnfinished, Kind::PlanLimit]),
        ("getTrainingProgress", &[Kind::ModelMissing]),
        ("cancelTraining", &[Kind::ModelMissing, Kind::JobFinished]),
        ("downloadModel", &[Kind::ModelMissing]),
        ("downloadPredictions", &[Kind::ModelMissing]),
        ("predictRows", &[Kind::ModelMissing, Kind::ModelOutdated]),
    ];

    /// Limits of single operations.
    pub(crate) const LIMITS: Stated = &[
        ("uploadTable", Limits { body: MAX_UPLOAD, timeout: Duration::from_mins(15), rate: Some(Rate::Own(Limit::per(30, 60))) }),
        ("predictRows", Limits { body: 4 << 20, ..Limits::DEFAULT }),
    ];
}

#[OpenApi(tag = "Tag::DataSessions")]
impl DataSessionsApi {
    /// Create a data session
    ///
    /// It expires an hour after its last use unless the site sets another time, and a day after its creation. Without a token or a key
    /// it is anonymous, if the site allows that: the holder of its `secret` uses it.
    #[oai(path = "/v1/data-sessions", method = "post", operation_id = "createDataSession")]
    async fn create(&self, by: AnyRequester, request: &Request) -> Result<Reply<CreatedDataSession, CreatedSecret>> {
        let address = request.data::<ClientAddress>().map(|client| client.0);
        let created = self.service.create(holder::new_session(&by.0, address)).await?;
        let path = format!("/v1/data-sessions/{}", created.session.id);
        Ok(Reply::of(&created)?.at(path))
    }

    /// List your data sessions
    ///
    /// The newest first.
    #[oai(path = "/v1/data-sessions", method = "get", operation_id = "listDataSessions")]
    async fn list(
        &self,
        user: SignedIn,
        limit: Query<PageLimit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<DataSession>, Uncached>> {
        Ok(Reply::of(&self.service.sessions(user.user, &page(limit, cursor)).await?)?)
    }

    /// Read a data session
    ///
    /// Its expiry, its table and its model.
    #[oai(path = "/v1/data-sessions/:id", method = "get", operation_id = "getDataSession")]
    async fn read(&self, by: SecretRequester, id: Path<Id<DataSessionId>>) -> Result<Reply<DataSession, Cached>> {
        self.open(&by, id.0.0).await?;
        Ok(Reply::cached(self.reads.session(id.0.0).await?))
    }

    /// Delete a data session
    ///
    /// With its table and its model. A training that runs is canceled.
    #[oai(path = "/v1/data-sessions/:id", method = "delete", operation_id = "deleteDataSession")]
    async fn delete(&self, by: SecretRequester, id: Path<Id<DataSessionId>>) -> Result<NoContent> {
        let session = self.open(&by, id.0.0).await?;
        self.service.delete(&session).await?;
        Ok(NoContent)
    }

    /// Upload a table
    ///
    /// The body is a CSV or TSV file of at most 50 MiB, not a form. Encoding, delimiter, quotes, header and decimal mark are detected
    /// and shown in `dialect` with their evidence; a parameter overrides one. The table replaces the former one and its model.
    #[oai(path = "/v1/data-sessions/:id/upload", method = "post", operation_id = "uploadTable")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the request")]
    async fn upload(
        &self,
        by: SecretRequester,
        id: Path<Id<DataSessionId>>,
        /// Character encoding, by a name of the Encoding Standard such as `windows-1252`.
        encoding: Query<Option<Line<1, 40>>>,
        /// `comma`, `semicolon`, `tab`, `pipe`, `space` or `colon`.
        delimiter: Query<Option<Line<1, 20>>>,
        /// `double`, `single` or `none`.
        quote: Query<Option<Line<1, 20>>>,
        /// Whether the first row has names.
        header: Query<Option<bool>>,
        /// `point` or `comma`.
        decimal: Query<Option<Line<1, 20>>>,
        skip_rows: Query<Option<SkipRows>>,
        body: Upload,
    ) -> Result<Reply<TableInfo, Cached>> {
        let session = self.open(&by, id.0.0).await?;
        self.service.check_upload(&session, body.declared()).await?;
        let overrides = overrides((encoding, delimiter, quote), header, decimal, skip_rows);
        let file = body.receive(MAX_UPLOAD_BYTES).await?;
        Ok(Reply::cached(self.service.upload(&session, file, overrides).await?))
    }

    /// Read the columns of the table
    ///
    /// Types and statistics of whole columns, how the file was read and why, and warnings.
    #[oai(path = "/v1/data-sessions/:id/data/info", method = "get", operation_id = "getTableInfo")]
    async fn info(&self, by: SecretRequester, id: Path<Id<DataSessionId>>) -> Result<Reply<TableInfo, Cached>> {
        self.open(&by, id.0.0).await?;
        Ok(Reply::cached(self.reads.info(id.0.0).await?))
    }

    /// Read rows of the table
    ///
    /// As uploaded (`raw`), or as values in the types of their columns (`processed`).
    #[oai(path = "/v1/data-sessions/:id/data/preview", method = "get", operation_id = "previewTable")]
    async fn preview(
        &self,
        by: SecretRequester,
        id: Path<Id<DataSessionId>>,
        /// How cells are shown; `processed` if absent.
        view: Query<Option<Choice<domain::data_sessions::PreviewView>>>,
        offset: Query<Offset>,
        limit: Query<PreviewLimit>,
    ) -> Result<Reply<Preview, Cached>> {
        self.open(&by, id.0.0).await?;
        let page = PreviewPage { view: requests::view(view), offset: offset.0.0, limit: limit.0.0 };
        Ok(Reply::cached(self.reads.preview(id.0.0, page).await?))
    }

    /// Train a model
    ///
    /// A job trains in a process of its own, with limits of time and memory. The model of a former training is deleted. Follow the
    /// training with `…/progress` or `…/ws`.
    #[oai(path = "/v1/data-sessions/:id/train", method = "post", operation_id = "trainModel")]
    async fn train(
        &self,
        by: SecretRequester,
        id: Path<Id<DataSessionId>>,
        body: Body<TrainModel>,
    ) -> Result<Reply<Training, AcceptedUncached>> {
        let session = self.open(&by, id.0.0).await?;
        Ok(Reply::of(&self.service.train(&session, body.0.request()).await?)?)
    }

    /// Read the progress of the training
    ///
    /// With `Accept: text/event-stream` a stream of events `training_progress`, at least one a second, until the training has ended.
    #[oai(path = "/v1/data-sessions/:id/progress", method = "get", operation_id = "getTrainingProgress")]
    async fn progress(
        &self,
        by: SecretRequester,
        id: Path<Id<DataSessionId>>,
        request: &Request,
        shutdown: Data<&Shutdown>,
    ) -> Result<TrainingEvents> {
        let session = self.open(&by, id.0.0).await?;
        let training = self.service.training(&session).await?;
        self.events(request, (by.0, id.0.0))?.answer(training, request, &shutdown)
    }

    /// Cancel the training
    ///
    /// Its process is killed within about a second. A training that ends before that keeps its model.
    #[oai(path = "/v1/data-sessions/:id/cancel", method = "post", operation_id = "cancelTraining")]
    async fn cancel(&self, by: SecretRequester, id: Path<Id<DataSessionId>>) -> Result<Reply<Training, Secret>> {
        let session = self.open(&by, id.0.0).await?;
        Ok(Reply::of(&self.service.cancel(&session).await?)?)
    }

    /// Download the model
    ///
    /// A file for this service. The same table, seed and build of the service make the same bytes.
    #[oai(path = "/v1/data-sessions/:id/model", method = "get", operation_id = "downloadModel")]
    async fn model(&self, by: SecretRequester, id: Path<Id<DataSessionId>>, method: Method) -> Result<Download<Model>> {
        let session = self.open(&by, id.0.0).await?;
        let file = self.service.file(&session, SessionFile::Model).await?;
        Ok(pieces(&self.service, file, format!("model-{}.atlm", id.0.0), &method))
    }

    /// Download the predictions of the held-out rows
    ///
    /// CSV with the number of the row, the actual and the predicted value. A text that a spreadsheet would run as a formula begins with
    /// an apostrophe.
    #[oai(path = "/v1/data-sessions/:id/predictions", method = "get", operation_id = "downloadPredictions")]
    async fn predictions(
        &self,
        by: SecretRequester,
        id: Path<Id<DataSessionId>>,
        method: Method,
    ) -> Result<Download<HeldOutRows>> {
        let session = self.open(&by, id.0.0).await?;
        let file = self.service.file(&session, SessionFile::Predictions).await?;
        Ok(pieces(&self.service, file, format!("predictions-{}.csv", id.0.0), &method))
    }

    /// Predict rows
    ///
    /// Each row has a value for each column that the model uses, by its name. `null` is a missing value.
    #[oai(path = "/v1/data-sessions/:id/predict", method = "post", operation_id = "predictRows")]
    async fn predict(
        &self,
        by: SecretRequester,
        id: Path<Id<DataSessionId>>,
        body: Body<PredictRows>,
    ) -> Result<Reply<Predictions, Secret>> {
        let session = self.open(&by, id.0.0).await?;
        Ok(Reply::of(&self.service.predict(&session, body.0.rows()).await?)?)
    }
}
