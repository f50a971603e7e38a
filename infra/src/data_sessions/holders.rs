//! The holder of a session, and the renewal of a session by its use.

use domain::data_sessions::{DataSessionError, Holder, OpenSession};
use domain::ids::DataSessionId;
use domain::{ServiceError, Time};
use sea_orm::Value;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::policy::Policy;
use super::rows::{Row, find, lock};
use crate::cache::keys;
use crate::db::{Database, Keys, execute};

/// A new secret: 256 random bits.
pub(super) fn new_secret() -> SecretString {
    hex::encode(rand::random::<[u8; 32]>()).into()
}

/// The hash of a secret in its row. A random secret needs no slow hash.
pub(super) fn hash(secret: &SecretString) -> Vec<u8> {
    Sha256::digest(secret.expose_secret().as_bytes()).to_vec()
}

/// Whether a session belongs to a holder.
fn is_held_by(row: &Row, holder: &Holder) -> Result<bool, ServiceError> {
    Ok(match holder {
        Holder::User(user) => row.user_id.as_ref() == Some(&user.to_string()),
        // The hashes may be compared in any time: the secret does not follow from a part of its hash.
        Holder::Secret(secret) => row.secret_hash.as_ref() == Some(&hash(secret)),
        Holder::Ticket(session, user) => row.id()? == *session && row.user_id == user.map(|user| user.to_string()),
    })
}

/// Finds a session for its holder, and renews it if that is due.
pub(super) async fn open(
    db: &Database,
    policy: &Policy,
    (holder, session): (&Holder, DataSessionId),
    now: Time,
) -> Result<OpenSession, DataSessionError> {
    let row = find(db.reader(), session, now).await?;
    if !is_held_by(&row, holder)? {
        return Err(DataSessionError::NotFound);
    }
    if policy.is_renewal_due(row.expires_at, row.ends_at, now) {
        renew(db, policy, session, now).await?;
    }
    Ok(row.open()?)
}

async fn renew(db: &Database, policy: &Policy, session: DataSessionId, now: Time) -> Result<(), DataSessionError> {
    let policy = policy.clone();
    db.write(Keys::of(keys::SessionMetadata(session)), async move |tx| {
        let row = lock(&tx, session, now).await?;
        let expires_at = policy.expiry(row.ends_at, now).max(row.expires_at);
        let values: [Value; 2] = [expires_at.into(), session.to_string().into()];
        execute(&tx, "UPDATE data_sessions SET expires_at = $1 WHERE id = $2", values).await?;
        Ok(())
    })
    .await
}
