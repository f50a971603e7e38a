//! Tickets of a session, and the operations that a browser opens with one: the WebSocket and the report.

use std::sync::Arc;

use domain::data_sessions::{DataSessionError, Holder};
use domain::identity::{Action, Area, Authenticator, Holder as Credential, Principal, Scope};
use domain::ids::DataSessionId;
use domain::tickets::{IssuedTicket, TicketResource, Tickets};
use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use super::DataSessionsApi;
use super::holder::holder;
use super::progress::{Followed, Message};
use super::report::page;
use super::report_page::ReportPage;
use crate::http::document::Declared;
use crate::http::params::{Id, Query};
use crate::http::principal::{Requester, SecretRequester, TicketRequester};
use crate::http::problem::{Kind, Problem, Result};
use crate::http::reply::{CreatedSecret, Reply};
use crate::http::tags::Tag;
use crate::http::websocket::{CloseCode, Handshake, Rules, Socket, Upgrade, credential_end};
use crate::tickets::Ticket;

/// Operations that need a ticket in a browser.
pub(crate) struct FollowApi {
    pub(crate) sessions: DataSessionsApi,
    pub(crate) tickets: Arc<dyn Tickets>,
}

/// The resource of a ticket.
fn resource(id: DataSessionId) -> TicketResource {
    TicketResource::new("data_session", id)
}

impl FollowApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[("getDataReport", &[Kind::InvalidCredentials])];

    /// Uses a ticket. Returns the holder of the session, and the credential that it was issued for.
    async fn redeem(&self, ticket: &Ticket, id: DataSessionId) -> Result<(Holder, Option<Credential>)> {
        let credential = self.tickets.redeem(&ticket.0, &resource(id)).await?;
        let Some(credential) = credential else { return Ok((Holder::Ticket(id, None), None)) };
        let principal: Principal = self.sessions.authenticator.reauthenticate(credential).await?;
        principal.require(Scope::new(Area::DataSessions, Action::Read)).map_err(Problem::from)?;
        Ok((Holder::Ticket(id, principal.user), Some(credential)))
    }
}

#[OpenApi(tag = "Tag::DataSessions")]
impl FollowApi {
    /// Request a ticket for a browser
    ///
    /// It opens `…/ws` or `…/report` of this session once, within 30 seconds, as the parameter `ticket`: a browser sends no headers
    /// there.
    #[oai(path = "/v1/data-sessions/:id/ticket", method = "post", operation_id = "createDataSessionTicket")]
    async fn ticket(&self, by: SecretRequester, id: Path<Id<DataSessionId>>) -> Result<Reply<IssuedTicket, CreatedSecret>> {
        self.sessions.open(&by, id.0.0).await?;
        let credential = match &by.0 {
            Requester::User(_, principal) => Some(principal.holder()),
            Requester::Secret(_) | Requester::Unknown => None,
        };
        Ok(Reply::of(&self.tickets.issue(credential, &resource(id.0.0)).await?)?)
    }

    /// Follow the training over a WebSocket
    ///
    /// Messages `{"type": "training_progress", "progress": 0.42, …}` with the members of `Training`: after each change and at least one
    /// a second. After the message of the end it closes with 1000. Before the first training there is no message.
    #[oai(path = "/v1/data-sessions/:id/ws", method = "get", operation_id = "followDataSession")]
    async fn follow(&self, id: Path<Id<DataSessionId>>, ticket: Query<Ticket>, request: &Request) -> Result<Upgrade> {
        let handshake = Handshake::of(request)?;
        let (holder, credential) = self.redeem(&ticket.0, id.0.0).await?;
        self.sessions.service.open(&holder, id.0.0).await?;
        let followed = Followed::new(Arc::clone(&self.sessions.service), holder, id.0.0);
        let authenticator = Arc::clone(&self.sessions.authenticator);
        Ok(handshake.upgrade(Rules::SEND_ONLY, move |socket| async move {
            tokio::select! {
                code = ended(&*authenticator, credential) => code,
                () = socket.ended() => CloseCode::Normal,
                code = send(&socket, followed) => code,
            }
        }))
    }

    /// Read the report
    ///
    /// One HTML page with the columns, the missing values, the training and its errors, for people. It needs no other request. A browser
    /// opens it with a `ticket`.
    #[oai(path = "/v1/data-sessions/:id/report", method = "get", operation_id = "getDataReport")]
    async fn report(
        &self,
        by: TicketRequester,
        id: Path<Id<DataSessionId>>,
        ticket: Query<Option<Ticket>>,
    ) -> Result<ReportPage> {
        let (id, service, reads) = (id.0.0, &self.sessions.service, &self.sessions.reads);
        let holder = match &ticket.0 {
            Some(ticket) => self.redeem(ticket, id).await?.0,
            None => holder(&by.0)?,
        };
        let session = service.open(&holder, id).await?;
        let info = match reads.info(id).await {
            Err(DataSessionError::NoTable) => None,
            info => Some(info?.value()?),
        };
        let training = match service.training(&session).await {
            Err(DataSessionError::NotTrained) => None,
            training => Some(training?),
        };
        let page = page(&reads.session(id).await?.value()?, info.as_ref(), training.as_ref())?;
        Ok(ReportPage::of(page))
    }
}

/// The end of a credential; a session without a user has none.
async fn ended(authenticator: &dyn Authenticator, credential: Option<Credential>) -> CloseCode {
    match credential {
        Some(credential) => credential_end(authenticator, credential).await,
        None => std::future::pending().await,
    }
}

/// Sends the messages of a training until it has ended.
async fn send(socket: &Socket, mut followed: Followed) -> CloseCode {
    loop {
        match followed.next().await {
            Ok(training) if socket.send(&Message::of(&training)).is_err() => return CloseCode::Normal,
            Ok(training) if training.state.is_final() => return CloseCode::Normal,
            Ok(_) => {}
            Err(DataSessionError::Service(_)) => return CloseCode::Unavailable,
            Err(_) => return CloseCode::ResourceGone,
        }
    }
}
