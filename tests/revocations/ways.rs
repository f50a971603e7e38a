//! The ways to revoke: each prepares a credential or a right, and revokes it.

use std::time::{Duration, SystemTime};

use harness::{Client, Response, Settings, User, program, rfc3339};
use serde_json::{Value, json};

use super::probe::Probe;

/// The length of a temporary permission: longer than any run.
const PERMITTED: Duration = Duration::from_hours(24);

/// A read that needs a right of administrators.
const PING: &str = "/v1/admin/cache/ping";

/// A way to revoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Logout,
    EndSession,
    EndAllSessions,
    DeleteKey,
    DeleteServiceKey,
    WithdrawPermission,
    Suspend,
    Demote,
    SuspendByCommand,
}

impl Way {
    /// All ways. A command starts a process, so it is drawn less often than the others.
    pub const DRAWN: [Self; 8] = [
        Self::Logout,
        Self::EndSession,
        Self::EndAllSessions,
        Self::DeleteKey,
        Self::DeleteServiceKey,
        Self::WithdrawPermission,
        Self::Suspend,
        Self::Demote,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::EndSession => "end of a session",
            Self::EndAllSessions => "end of all sessions",
            Self::DeleteKey => "deletion of a user's key",
            Self::DeleteServiceKey => "deletion of a service key",
            Self::WithdrawPermission => "withdrawal of a temporary permission",
            Self::Suspend => "suspension",
            Self::Demote => "demotion",
            Self::SuspendByCommand => "suspension by the command line",
        }
    }
}

/// The participants of a round.
pub struct Round<'a> {
    /// The server that receives the revocation.
    pub server: Client,
    /// The administrator.
    pub admin: &'a Client,
    /// A user whom no other round uses.
    pub user: &'a User,
    pub settings: &'a Settings,
}

fn new_key() -> Value {
    json!({"name": "for the test", "scopes": ["me:read"]})
}

#[expect(clippy::disallowed_methods, reason = "the servers run on the time of the system")]
fn permitted_until() -> String {
    rfc3339((SystemTime::now() + PERMITTED).into())
}

/// What a round revokes.
pub struct Prepared {
    /// It succeeds until the revocation.
    pub probe: Probe,
    session: Client,
    /// The id of the session, key or permission to revoke.
    id: String,
}

/// The response if it has a status of success.
fn succeeded(response: Result<Response, reqwest::Error>) -> Option<Response> {
    response.ok().filter(|response| (200..300).contains(&response.status()))
}

impl Round<'_> {
    /// Creates a credential, or gives a right.
    pub async fn prepare(&self, way: Way) -> Option<Prepared> {
        let session = self.log_in().await?;
        let prepared = |probe, id: &str| Prepared { probe, session: session.clone(), id: id.to_owned() };
        match way {
            Way::Logout | Way::EndAllSessions | Way::Suspend | Way::SuspendByCommand => {
                Some(prepared(Probe::of(session.clone()), ""))
            }
            Way::EndSession => {
                let id = self.current_session(&session).await?;
                Some(Prepared { probe: Probe::of(session), session: self.log_in().await?, id })
            }
            Way::DeleteKey => {
                let key = succeeded(session.post("/v1/api-keys").json(new_key()).attempt().await)?;
                Some(prepared(Probe::of(session.with_key(key.text("key"))), key["api_key"]["id"].as_str()?))
            }
            Way::DeleteServiceKey => {
                let key = succeeded(self.admin.post("/v1/admin/service-keys").json(new_key()).attempt().await)?;
                let client = session.with_key(key.text("key")).acting_for(&self.user.id);
                Some(prepared(Probe::of(client), key["api_key"]["id"].as_str()?))
            }
            Way::WithdrawPermission => {
                let body = json!({"scope": "cache:admin", "until": permitted_until(), "reason": "for the test"});
                let path = format!("/v1/admin/users/{}/grants", self.user.id);
                let grant = succeeded(self.admin.post(path).json(body).attempt().await)?;
                Some(prepared(Probe { path: PING, client: session.clone() }, grant.id()))
            }
            Way::Demote => {
                self.change(json!({"role": "admin"})).await?;
                Some(prepared(Probe { path: PING, client: session.clone() }, ""))
            }
        }
    }

    /// Revokes it. `None` unless the revocation was acknowledged.
    pub async fn revoke(&self, way: Way, prepared: &Prepared) -> Option<()> {
        let client = &prepared.session;
        let (id, user) = (&prepared.id, &self.user.id);
        let request = match way {
            Way::Logout => client.post("/v1/auth/logout"),
            Way::EndSession => client.delete(format!("/v1/auth/sessions/{id}")),
            Way::EndAllSessions => client.post("/v1/auth/logout-all"),
            Way::DeleteKey => client.delete(format!("/v1/api-keys/{id}")),
            Way::DeleteServiceKey => self.admin.delete(format!("/v1/admin/service-keys/{id}")),
            Way::WithdrawPermission => self.admin.delete(format!("/v1/admin/users/{user}/grants/{id}")),
            Way::Suspend => return self.change(json!({"suspended": true, "reason": "for the test"})).await,
            Way::Demote => return self.change(json!({"role": "user"})).await,
            Way::SuspendByCommand => return self.suspend_by_command().await,
        };
        succeeded(request.attempt().await).map(|_| ())
    }

    /// Restores the user for the next round.
    pub async fn restore(&self, way: Way) {
        if matches!(way, Way::Suspend | Way::SuspendByCommand) {
            while self.change(json!({"suspended": false})).await.is_none() {}
        }
    }

    /// A new session at the server that receives the revocation.
    async fn log_in(&self) -> Option<Client> {
        let login = self.server.post("/v1/auth/login");
        let login = login.json(json!({"email": self.user.email, "password": harness::PASSWORD}));
        Some(self.server.bearing(succeeded(login.attempt().await)?.text("access_token")))
    }

    async fn current_session(&self, session: &Client) -> Option<String> {
        let sessions = succeeded(session.get("/v1/auth/sessions").attempt().await)?;
        let current = sessions.items().iter().find(|session| session["current"] == true)?;
        Some(current["id"].as_str()?.to_owned())
    }

    /// Changes the user as an administrator.
    async fn change(&self, body: Value) -> Option<()> {
        let path = format!("/v1/admin/users/{}", self.user.id);
        succeeded(self.admin.patch(path).if_match("*").json(body).attempt().await).map(|_| ())
    }

    async fn suspend_by_command(&self) -> Option<()> {
        let (settings, user) = (self.settings.clone(), self.user.id.clone());
        let command = move || program::run(&["user", "suspend", &user, "--reason", "for the test"], &settings).outcome();
        tokio::task::spawn_blocking(command).await.ok()?.ok().map(|_| ())
    }
}
