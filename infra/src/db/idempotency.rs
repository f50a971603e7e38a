//! Idempotent writes: the outcome is stored under its key in the same transaction as the effect.

use chrono::TimeDelta;
use domain::idempotency::{Attempt, Conflict, Once, RETENTION_HOURS};
use domain::identity::{Placement, Placer, Principal};
use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Statement};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::database::{Database, Tx};
use super::error::{missing, service_error};
use super::idempotency_key;
use super::invalidation::Keys;
use super::rows::{json, of_json};

/// The owner of the key of an attempt, its operation and its time.
///
/// A key belongs to its placer and to the user for whom the placer acts. So the site does not get what a user did under the same key,
/// and a service key gets what the one before it did.
pub(crate) struct Claim {
    owner: String,
    /// The user with whom the stored outcome is deleted; `None` for the site itself.
    user: Option<UserId>,
    /// The `operationId` of the API. It is part of the fingerprint and must not change.
    operation: &'static str,
    now: Time,
}

impl Claim {
    /// The claim of a command for a user.
    pub(crate) fn placed(by: &Placement, operation: &'static str, now: Time) -> Self {
        Self::of(Some(by.user), by.placer, operation, now)
    }

    /// The claim of an administrator's command.
    pub(crate) fn administrative(actor: &Principal, operation: &'static str, now: Time) -> Self {
        Self::of(actor.user, actor.placer(), operation, now)
    }

    fn of(user: Option<UserId>, placer: Placer, operation: &'static str, now: Time) -> Self {
        let owner = match (placer, user) {
            (Placer::User, user) => format!("user:{}", user.map(|user| user.to_string()).unwrap_or_default()),
            (Placer::Site(_), Some(user)) => format!("site:{user}"),
            (Placer::Site(_), None) => "site".to_owned(),
        };
        Self { owner, user, operation, now }
    }
}

impl Database {
    /// Runs the work of a command once per owner and idempotency key. A later attempt gets the stored outcome.
    ///
    /// The cached keys are known before the work, because a replay drops them too: the server of the first attempt may have died
    /// between commit and drop.
    pub(crate) async fn write_once<C, T, E, F, L>(
        &self,
        claim: Claim,
        attempt: Attempt<C>,
        keys: Keys,
        work: F,
    ) -> Result<Once<T>, E>
    where
        C: Serialize + Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        E: From<ServiceError> + From<Conflict> + Send + 'static,
        F: FnOnce(Tx, C) -> L + Send + 'static,
        L: Future<Output = Result<T, E>> + Send,
    {
        let fingerprint = attempt.fingerprint(claim.operation).map_err(ServiceError::bug)?;
        self.write(keys, move |tx| async move {
            let (owner, key) = (claim.owner, attempt.key.as_str().to_owned());
            lock::<E>(&tx, &owner, &key).await?;
            if let Some(row) = find(&tx, &owner, &key, claim.now).await? {
                if row.fingerprint != fingerprint {
                    return Err(Conflict::Reused.into());
                }
                return Ok(Once { value: of_json(&row.outcome)?, replayed: true });
            }
            let value = work(Tx::clone(&tx), attempt.command).await?;
            let row = idempotency_key::ActiveModel {
                owner: Set(owner),
                key: Set(key),
                user_id: Set(claim.user.map(|user| user.to_string())),
                fingerprint: Set(fingerprint),
                outcome: Set(json(&value)?),
                created_at: Set(claim.now),
            };
            idempotency_key::Entity::insert(row).exec_without_returning(&*tx).await.map_err(service_error)?;
            Ok::<_, E>(Once { value, replayed: false })
        })
        .await
    }
}

/// Refuses a concurrent attempt with the same key. On SQLite attempts queue for the single writer, and the second is a replay.
async fn lock<E: From<ServiceError> + From<Conflict>>(tx: &Tx, owner: &str, key: &str) -> Result<(), E> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS free";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [format!("{owner} {key}").into()]);
    let row = tx.query_one_raw(statement).await.map_err(service_error)?.ok_or_else(|| missing("advisory lock"))?;
    if row.try_get("", "free").map_err(service_error)? { Ok(()) } else { Err(Conflict::InUse.into()) }
}

/// The start of the retention period.
fn kept_since(now: Time) -> Time {
    now - TimeDelta::hours(RETENTION_HOURS)
}

/// The stored attempt. An expired one that has not been purged yet is deleted.
async fn find(tx: &Tx, owner: &str, key: &str, now: Time) -> Result<Option<idempotency_key::Model>, ServiceError> {
    let id = || (owner.to_owned(), key.to_owned());
    let stored = idempotency_key::Entity::find_by_id(id()).one(&**tx).await.map_err(service_error)?;
    if stored.as_ref().is_some_and(|row| row.created_at < kept_since(now)) {
        idempotency_key::Entity::delete_by_id(id()).exec(&**tx).await.map_err(service_error)?;
        return Ok(None);
    }
    Ok(stored)
}
