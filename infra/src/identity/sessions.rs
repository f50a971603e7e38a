//! Login sessions in the database. A token is valid only while its session's row is not revoked.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::identity::{
    ACCESS_TOKEN_SECONDS, AccountError, Device, REFRESH_GRACE_SECONDS, SESSION_DAYS, Session, SessionError, SessionService,
    Tokens as Issued,
};
use domain::ids::{SessionId, UserId};
use domain::page::{Page, PageRequest};
use domain::{Clock, ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Order;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::entities::{login_session, user};
use super::revocations;
use super::security::{TokenError, Tokens};
use super::users::locked_user;
use crate::db::{Database, Keys, Tx, id, of_word, page_of, service_error};

/// Starts, refreshes, lists and ends sessions on SQL.
#[derive(Clone)]
pub(crate) struct Sessions {
    db: Database,
    tokens: Tokens,
    clock: Arc<dyn Clock>,
}

impl From<TokenError> for AccountError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::InvalidToken,
            TokenError::Expired => Self::TokenExpired,
        }
    }
}

impl Sessions {
    pub(crate) fn new(db: Database, tokens: Tokens, clock: Arc<dyn Clock>) -> Self {
        Self { db, tokens, clock }
    }

    /// Starts a session of a user whose password was verified against this row, and stores a new hash of the password if there is
    /// one. The password must not have changed since, or a change of password would not end this session.
    pub(crate) async fn start(
        &self,
        row: &user::Model,
        device: Device,
        new_hash: Option<String>,
    ) -> Result<Issued, AccountError> {
        let now = self.clock.now();
        let (session, user, verified) = (SessionId::generate(now), id(&row.id)?, row.password_hash.clone());
        self.db
            .write(Keys::none(), move |tx| async move {
                let row = locked_user(&tx, user).await?.filter(|row| row.password_hash == verified);
                let row = row.ok_or(AccountError::InvalidCredentials)?;
                if row.suspended_at.is_some() {
                    return Err(AccountError::Suspended);
                }
                if let Some(hash) = new_hash {
                    let mut row = row.into_active_model();
                    row.password_hash = Set(hash);
                    row.update(&*tx).await.map_err(service_error)?;
                }
                let session = new_row(session, user, device, now);
                login_session::Entity::insert(session).exec_without_returning(&*tx).await.map_err(service_error)?;
                Ok(())
            })
            .await?;
        Ok(self.tokens.issue(user, session, 1, now)?)
    }

    /// Rotates the refresh token of a session. Ends the session if an old token is used again.
    pub(crate) async fn refresh(&self, token: &str, device: Device) -> Result<Issued, AccountError> {
        let claims = self.tokens.refresh(token)?;
        let now = self.clock.now();
        let refreshed = self.db.write_naming(move |tx| async move {
            let outcome = rotate(&tx, (claims.sid, claims.generation), device, now).await?;
            let ended = matches!(outcome, Err(AccountError::RefreshReused));
            let keys = if ended { revocations::of_session(claims.sid) } else { Keys::none() };
            Ok::<_, AccountError>(keys.touched_by(outcome))
        });
        let row = refreshed.await??;
        Ok(self.tokens.issue(id(&row.user_id)?, claims.sid, row.generation, now)?)
    }
}

#[async_trait]
impl SessionService for Sessions {
    async fn list(&self, user: UserId, current: SessionId, page: &PageRequest) -> Result<Page<Session>, SessionError> {
        let live = login_session::Entity::find()
            .filter(login_session::Column::UserId.eq(user.to_string()))
            .filter(login_session::Column::RevokedAt.is_null())
            .filter(login_session::Column::ExpiresAt.gt(self.clock.now()));
        let latest_first = (login_session::Column::Id, Order::Desc, |row: &login_session::Model| row.id.clone());
        page_of(self.db.reader(), live, latest_first, (page, &("sessions", user)), |row| view(row, current)).await
    }

    async fn end(&self, user: UserId, session: SessionId) -> Result<(), SessionError> {
        let now = self.clock.now();
        self.db
            .write_naming(move |tx| async move {
                let live = login_session::Entity::update_many()
                    .set(ended(now))
                    .filter(login_session::Column::Id.eq(session.to_string()))
                    .filter(login_session::Column::UserId.eq(user.to_string()))
                    .filter(login_session::Column::ExpiresAt.gt(now))
                    .filter(login_session::Column::RevokedAt.is_null());
                let ended = live.exec(&*tx).await.map_err(service_error)?.rows_affected;
                if ended == 0 { Err(SessionError::NotFound) } else { Ok(revocations::of_session(session).touched_by(())) }
            })
            .await
    }

    async fn end_all(&self, user: UserId, except: Option<SessionId>) -> Result<(), SessionError> {
        let now = self.clock.now();
        let work = move |tx: Tx| async move { Ok(end_all(&tx, user, except, now).await?) };
        self.db.write(revocations::of_user(user), work).await
    }
}

/// Ends all sessions of a user, or all but one. The write must announce [`revocations::of_user`].
pub(super) async fn end_all(tx: &Tx, user: UserId, except: Option<SessionId>, now: Time) -> Result<(), ServiceError> {
    let mut sessions = login_session::Entity::update_many()
        .set(ended(now))
        .filter(login_session::Column::UserId.eq(user.to_string()))
        .filter(login_session::Column::RevokedAt.is_null());
    if let Some(except) = except {
        sessions = sessions.filter(login_session::Column::Id.ne(except.to_string()));
    }
    sessions.exec(&**tx).await.map_err(service_error)?;
    Ok(())
}

/// The columns of a session that ends. Its row is purged when its last access token has expired.
fn ended(now: Time) -> login_session::ActiveModel {
    let purged_at = now + TimeDelta::seconds(ACCESS_TOKEN_SECONDS);
    login_session::ActiveModel { revoked_at: Set(Some(now)), expires_at: Set(purged_at), ..Default::default() }
}

fn new_row(session: SessionId, user: UserId, device: Device, now: Time) -> login_session::ActiveModel {
    login_session::ActiveModel {
        id: Set(session.to_string()),
        user_id: Set(user.to_string()),
        generation: Set(1),
        rotated_at: Set(now),
        created_at: Set(now),
        expires_at: Set(now + TimeDelta::days(SESSION_DAYS)),
        revoked_at: Set(None),
        device: Set(device.name.map(|name| name.as_str().to_owned())),
        user_agent: Set(device.user_agent.map(|agent| agent.as_str().to_owned())),
        address: Set(device.address.map(|address| address.to_string())),
        last_used_at: Set(Some(now)),
    }
}

fn view(row: login_session::Model, current: SessionId) -> Result<Session, ServiceError> {
    let id = id(&row.id)?;
    Ok(Session {
        id,
        device: row.device.map(of_word).transpose()?,
        user_agent: row.user_agent.map(of_word).transpose()?,
        address: row.address.map(|address| address.parse().map_err(ServiceError::bug)).transpose()?,
        created_at: row.created_at,
        last_used_at: row.last_used_at.unwrap_or(row.rotated_at),
        expires_at: row.expires_at,
        current: id == current,
    })
}

/// Refreshes a session on its locked row. The inner error is an outcome that must be committed, since a reused token ends the session.
async fn rotate(
    tx: &Tx,
    (session, generation): (SessionId, i64),
    device: Device,
    now: Time,
) -> Result<Result<login_session::Model, AccountError>, ServiceError> {
    let row = login_session::Entity::find_by_id(session.to_string()).lock_exclusive().one(&**tx).await.map_err(service_error)?;
    let Some(row) = row.filter(|row| row.revoked_at.is_none()) else {
        return Ok(Err(AccountError::TokenRevoked));
    };
    if row.expires_at <= now {
        return Ok(Err(AccountError::TokenExpired));
    }
    let user = user::Entity::find_by_id(row.user_id.clone()).one(&**tx).await.map_err(service_error)?;
    if user.is_none_or(|user| user.suspended_at.is_some()) {
        return Ok(Err(AccountError::Suspended));
    }
    let current = row.generation;
    let in_grace = now <= row.rotated_at + TimeDelta::seconds(REFRESH_GRACE_SECONDS);
    if generation == current - 1 && in_grace {
        return Ok(Ok(row));
    }
    if generation != current {
        let ended = login_session::ActiveModel { id: Set(row.id), ..ended(now) };
        ended.update(&**tx).await.map_err(service_error)?;
        return Ok(Err(AccountError::RefreshReused));
    }
    let mut row = row.into_active_model();
    row.generation = Set(current + 1);
    row.rotated_at = Set(now);
    row.expires_at = Set(now + TimeDelta::days(SESSION_DAYS));
    row.user_agent = Set(device.user_agent.map(|agent| agent.as_str().to_owned()));
    row.address = Set(device.address.map(|address| address.to_string()));
    row.last_used_at = Set(Some(now));
    Ok(Ok(row.update(&**tx).await.map_err(service_error)?))
}
