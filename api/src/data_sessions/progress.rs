//! The progress of a training: its present state as JSON, or a stream of events.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::data_sessions::{DataSessionError, DataSessionService, Holder, Training};
use domain::identity::Authenticator;
use domain::ids::DataSessionId;
use futures_util::Stream;
use futures_util::stream::unfold;
use poem::http::HeaderMap;
use poem::http::header::ACCEPT;
use poem::{IntoResponse, Request, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponses, Registry};
use serde::Serialize;

use super::DataSessionsApi;
use super::holder::holder;
use crate::http::credential::{has_credential, presented};
use crate::http::principal::Requester;
use crate::http::problem::Result as Answer;
use crate::http::reply::{Reply, Secret};
use crate::http::shutdown::Shutdown;
use crate::http::sse::{self, Event};

/// The interval between looks at a training.
const LOOK: Duration = Duration::from_millis(250);
/// The longest time without a message.
const SILENCE: Duration = Duration::from_secs(1);

/// A message to a client that follows a training.
#[derive(Debug, Serialize)]
pub(super) struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    training: &'a Training,
}

impl<'a> Message<'a> {
    pub(super) fn of(training: &'a Training) -> Self {
        Self { kind: "training_progress", training }
    }
}

/// Follows a training for its holder.
pub(super) struct Followed {
    pub(super) service: Arc<dyn DataSessionService>,
    pub(super) holder: Holder,
    pub(super) session: DataSessionId,
    seen: Option<(Training, Instant)>,
}

impl Followed {
    pub(super) fn new(service: Arc<dyn DataSessionService>, holder: Holder, session: DataSessionId) -> Self {
        Self { service, holder, session, seen: None }
    }

    /// Waits for the next message: a change, or the same after a second. There is none before the first training.
    ///
    /// # Errors
    /// When the session is gone or the database does not answer.
    pub(super) async fn next(&mut self) -> Result<Training, DataSessionError> {
        loop {
            let session = self.service.open(&self.holder, self.session).await?;
            match self.service.training(&session).await {
                Ok(training) if self.is_due(&training) => {
                    self.seen = Some((training.clone(), Instant::now()));
                    return Ok(training);
                }
                Ok(_) | Err(DataSessionError::NotTrained) => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn is_due(&self, training: &Training) -> bool {
        self.seen.as_ref().is_none_or(|(seen, at)| seen != training || at.elapsed() >= SILENCE)
    }
}

/// A stream of events `training_progress`.
pub(super) struct Events {
    followed: Followed,
    authenticator: Arc<dyn Authenticator>,
    /// The headers of the request, with its credential.
    headers: HeaderMap,
}

impl Events {
    /// JSON, or the stream if the client asks for one.
    pub(super) fn answer(self, training: Training, request: &Request, shutdown: &Shutdown) -> Answer<TrainingEvents> {
        let accepts = request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        if accepts.flat_map(|value| value.split(',')).any(|kind| kind.trim().starts_with("text/event-stream")) {
            return Ok(TrainingEvents(sse::stream(self.stream(), shutdown)));
        }
        Ok(TrainingEvents(Reply::<Training, Secret>::of(&training)?.into_response()))
    }

    /// Ends with the training, with the session and with the credential.
    fn stream(self) -> impl Stream<Item = Event> + Send + 'static {
        unfold(Some(self), async |events| events?.next().await)
    }

    async fn next(mut self) -> Option<(Event, Option<Self>)> {
        if !self.is_authenticated().await {
            return None;
        }
        let training = self.followed.next().await.ok()?;
        let event = Event::new("training_progress", &Message::of(&training), None).ok()?;
        Some((event, Some(self).filter(|_| !training.state.is_final())))
    }

    /// Whether the credential is still valid. It may be revoked while the stream is open.
    async fn is_authenticated(&self) -> bool {
        if !has_credential(&self.headers) {
            return true;
        }
        let Ok(presented) = presented(&self.headers) else { return false };
        self.authenticator.authenticate(presented).await.is_ok()
    }
}

impl DataSessionsApi {
    /// The events of a training, for a requester that has opened its session.
    pub(super) fn events(&self, request: &Request, (by, session): (Requester, DataSessionId)) -> Answer<Events> {
        let followed = Followed::new(Arc::clone(&self.service), holder(&by)?, session);
        Ok(Events { followed, authenticator: Arc::clone(&self.authenticator), headers: request.headers().clone() })
    }
}

/// The progress as JSON or as a stream. The document has the former.
pub(super) struct TrainingEvents(Response);

impl IntoResponse for TrainingEvents {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for TrainingEvents {
    fn meta() -> MetaResponses {
        Reply::<Training, Secret>::meta()
    }

    fn register(registry: &mut Registry) {
        Reply::<Training, Secret>::register(registry);
    }
}
