//! Login sessions in the database. A token is valid only while its session's row is not revoked.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::identity::{AccountError, REFRESH_GRACE_SECONDS, SESSION_DAYS, Tokens as Issued};
use domain::ids::{SessionId, UserId};
use domain::{Clock, ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::entities::login_session;
use super::revocations;
use super::security::{TokenError, Tokens};
use crate::db::{Database, Keys, Tx, id, service_error};

/// Starts, refreshes and ends sessions on SQL.
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

    /// Starts a session.
    pub(crate) async fn start(&self, user: UserId) -> Result<Issued, AccountError> {
        let now = self.clock.now();
        let session = SessionId::generate(now);
        let row = login_session::ActiveModel {
            id: Set(session.to_string()),
            user_id: Set(user.to_string()),
            generation: Set(1),
            rotated_at: Set(now),
            created_at: Set(now),
            expires_at: Set(now + TimeDelta::days(SESSION_DAYS)),
            revoked_at: Set(None),
            user_agent: Set(None),
            address: Set(None),
            last_used_at: Set(None),
        };
        self.db
            .write(Keys::none(), move |tx| async move {
                login_session::Entity::insert(row).exec_without_returning(&*tx).await.map_err(service_error)?;
                Ok::<_, AccountError>(())
            })
            .await?;
        Ok(self.tokens.issue(user, session, 1, now)?)
    }

    /// Rotates the refresh token of a session. Ends the session if an old token is used again.
    pub(crate) async fn refresh(&self, token: &str) -> Result<Issued, AccountError> {
        let claims = self.tokens.refresh(token)?;
        let now = self.clock.now();
        let refreshed = self.db.write_naming(move |tx| async move {
            let outcome = rotate(&tx, claims.sid, claims.generation, now).await?;
            let ended = matches!(outcome, Err(AccountError::RefreshReused));
            let keys = if ended { revocations::of_session(claims.sid) } else { Keys::none() };
            Ok::<_, AccountError>(keys.touched_by(outcome))
        });
        let row = refreshed.await??;
        Ok(self.tokens.issue(id(&row.user_id)?, claims.sid, row.generation, now)?)
    }

    /// Ends a session.
    pub(crate) async fn end(&self, session: SessionId) -> Result<(), AccountError> {
        let now = self.clock.now();
        self.db
            .write(revocations::of_session(session), move |tx| async move {
                login_session::Entity::update_many()
                    .set(login_session::ActiveModel { revoked_at: Set(Some(now)), ..Default::default() })
                    .filter(login_session::Column::Id.eq(session.to_string()))
                    .filter(login_session::Column::RevokedAt.is_null())
                    .exec(&*tx)
                    .await
                    .map_err(service_error)?;
                Ok(())
            })
            .await
    }
}

/// Refreshes a session on its locked row. The inner error is an outcome that must be committed, since a reused token ends the session.
async fn rotate(
    tx: &Tx,
    session: SessionId,
    generation: i64,
    now: Time,
) -> Result<Result<login_session::Model, AccountError>, ServiceError> {
    let row = login_session::Entity::find_by_id(session.to_string()).lock_exclusive().one(&**tx).await.map_err(service_error)?;
    let Some(row) = row.filter(|row| row.revoked_at.is_none()) else {
        return Ok(Err(AccountError::TokenRevoked));
    };
    if row.expires_at <= now {
        return Ok(Err(AccountError::TokenExpired));
    }
    let current = row.generation;
    let in_grace = now <= row.rotated_at + TimeDelta::seconds(REFRESH_GRACE_SECONDS);
    if generation == current - 1 && in_grace {
        return Ok(Ok(row));
    }
    let mut row = row.into_active_model();
    let reused = generation != current;
    if reused {
        row.revoked_at = Set(Some(now));
    } else {
        row.generation = Set(current + 1);
        row.rotated_at = Set(now);
        row.expires_at = Set(now + TimeDelta::days(SESSION_DAYS));
    }
    let row = row.update(&**tx).await.map_err(service_error)?;
    Ok(if reused { Err(AccountError::RefreshReused) } else { Ok(row) })
}
