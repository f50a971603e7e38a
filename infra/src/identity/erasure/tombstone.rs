//! The row that stays of a deleted user. Its values name nobody, and nobody can guess them.

use domain::identity::Role;
use domain::{ServiceError, Time};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::super::entities::user;
use crate::db::{Tx, service_error, word};

/// Replaces everything that names a user in the locked row. The e-mail address and the username are free from then on.
pub(super) async fn replace(tx: &Tx, row: user::Model, now: Time) -> Result<(), ServiceError> {
    let tombstone = of(row, now)?;
    tombstone.into_active_model().reset_all().update(&**tx).await.map_err(service_error)?;
    Ok(())
}

fn of(row: user::Model, now: Time) -> Result<user::Model, ServiceError> {
    let name = format!("deleted-{}", hex::encode(rand::random::<[u8; 12]>()));
    Ok(user::Model {
        id: row.id,
        // The domain is reserved (RFC 2606), so no mail is ever delivered to it.
        email: format!("{name}@deleted.invalid"),
        username_key: name.clone(),
        username: name,
        display_name: None,
        role: word(&Role::User)?,
        // No hash of a password, so no password matches.
        password_hash: format!("!{}", hex::encode(rand::random::<[u8; 16]>())),
        created_at: row.created_at,
        version: row.version + 1,
        suspended_at: None,
        suspended_reason: None,
        email_verified_at: None,
        deleted_at: Some(now),
    })
}
