//! The stream of the changes of one job.

use std::sync::Arc;

use domain::identity::Authenticator;
use domain::ids::{JobId, UserId};
use domain::jobs::JobService;
use futures_util::Stream;
use futures_util::stream::unfold;
use poem::http::{HeaderMap, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};

use crate::http::credential::presented;
use crate::http::shutdown::Shutdown;
use crate::http::sse::{self, Event};

/// What a stream follows, and for whom.
pub(super) struct Events {
    pub(super) jobs: Arc<dyn JobService>,
    pub(super) authenticator: Arc<dyn Authenticator>,
    /// The headers of the request, with its credential.
    pub(super) headers: HeaderMap,
    pub(super) user: UserId,
    pub(super) job: JobId,
    /// The version of the last event.
    pub(super) seen: i64,
}

impl Events {
    pub(super) fn response(self, shutdown: &Shutdown) -> JobEvents {
        JobEvents(sse::stream(self.stream(), shutdown))
    }

    /// Ends with the job, when the credential ends, and when the database does not answer.
    fn stream(self) -> impl Stream<Item = Event> + Send + 'static {
        unfold(Some(self), async |events| events?.next().await)
    }

    async fn next(mut self) -> Option<(Event, Option<Self>)> {
        loop {
            if !self.is_authenticated().await {
                return None;
            }
            let job = self.jobs.next(self.user, self.job, self.seen).await.ok()?;
            if job.version > self.seen {
                let event = Event::new("job", &job, Some(&job.version)).ok()?;
                self.seen = job.version;
                return Some((event, Some(self).filter(|_| !job.state.is_final())));
            }
            if job.state.is_final() {
                return None;
            }
        }
    }

    /// Whether the credential is still valid. It may be revoked while the stream is open.
    async fn is_authenticated(&self) -> bool {
        let Ok(presented) = presented(&self.headers) else { return false };
        self.authenticator.authenticate(presented).await.is_ok()
    }
}

/// A stream of events `job`.
pub(super) struct JobEvents(Response);

impl IntoResponse for JobEvents {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for JobEvents {
    fn meta() -> MetaResponses {
        let schema = MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")));
        let content = vec![MetaMediaType { content_type: "text/event-stream", schema }];
        let response = MetaResponse {
            description: "Events `job`, each with a job as its data.",
            status: Some(StatusCode::OK.as_u16()),
            status_range: None,
            content,
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_: &mut Registry) {}
}
