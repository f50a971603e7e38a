//! Creates sessions, and deletes them for their holders.

use std::net::IpAddr;

use chrono::TimeDelta;
use domain::data_sessions::{Allowance, CreatedDataSession, DataSessionError, MAX_LIFE_HOURS, NewDataSession, OpenSession};
use domain::ids::{DataSessionId, JobId};
use domain::jobs::JobError;
use domain::limits::Network;
use domain::{ServiceError, Time};
use sea_orm::Value;
use secrecy::ExposeSecret;

use super::allowances::{Account, check};
use super::holders::{hash, new_secret};
use super::policy::Policy;
use super::rows::{all_keys, find, lock};
use crate::db::{Database, Keys, Tx, execute};
use crate::jobs::cancel_job;
use crate::keyed_hash::DerivedKey;

/// The account of an address. An IPv6 address counts as its /64.
pub(super) fn of_address(key: &DerivedKey, address: Option<IpAddr>) -> Result<Account, ServiceError> {
    let network = address.and_then(|address| Network::all_of(address).next());
    let hash = network.map(|(network, _)| key.hash(&[network.to_string().as_bytes()])).transpose()?;
    Ok(Account::Address(hash.map(|hash| hash.to_vec())))
}

/// Creates a session.
pub(super) async fn create(
    db: &Database,
    (policy, addresses): (&Policy, &DerivedKey),
    new: NewDataSession,
    now: Time,
) -> Result<CreatedDataSession, DataSessionError> {
    let account = match new {
        NewDataSession::Owned(user) => Account::User(user.to_string()),
        NewDataSession::Anonymous(_) if !policy.anonymous => return Err(DataSessionError::AnonymousForbidden),
        NewDataSession::Anonymous(address) => of_address(addresses, address)?,
    };
    let secret = matches!(account, Account::Address(_)).then(new_secret);
    let (secret_hash, policy) = (secret.as_ref().map(hash), policy.clone());
    let session = db
        .write(Keys::none(), async move |tx| {
            check(&tx, &account, Allowance { sessions: 1, bytes: 0 }, (&policy, now)).await?;
            let (id, ends_at) = (DataSessionId::generate(now), now + TimeDelta::hours(MAX_LIFE_HOURS));
            let (user, address) = match account {
                Account::User(user) => (Some(user), None),
                Account::Address(address) => (None, address),
            };
            let sql = "INSERT INTO data_sessions (id, user_id, secret_hash, address_hash, created_at, expires_at, ends_at)
                       VALUES ($1, $2, $3, $4, $5, $6, $7)";
            let values: [Value; 7] = [
                id.to_string().into(),
                user.into(),
                secret_hash.into(),
                address.into(),
                now.into(),
                policy.expiry(ends_at, now).into(),
                ends_at.into(),
            ];
            execute(&tx, sql, values).await?;
            Ok::<_, DataSessionError>(find(&*tx, id, now).await?.view()?)
        })
        .await?;
    Ok(CreatedDataSession { session, secret: secret.map(|secret| secret.expose_secret().to_owned()) })
}

/// Cancels a job unless it has ended.
pub(super) async fn end_job(tx: &Tx, job: JobId, now: Time) -> Result<(), ServiceError> {
    match cancel_job(tx, job, now).await {
        Ok(()) | Err(JobError::Finished) => Ok(()),
        Err(JobError::Service(error)) => Err(error),
        Err(error) => Err(ServiceError::bug(error)),
    }
}

/// Deletes a session, and cancels its training.
pub(super) async fn delete(db: &Database, session: &OpenSession, now: Time) -> Result<(), DataSessionError> {
    let id = session.id;
    db.write(all_keys(id), async move |tx| {
        let row = lock(&tx, id, now).await?;
        if let Some(job) = row.job()? {
            end_job(&tx, job, now).await?;
        }
        execute(&tx, "DELETE FROM data_sessions WHERE id = $1", [id.to_string().into()]).await?;
        Ok(())
    })
    .await
}
