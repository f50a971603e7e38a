//! Who had a trial: one for each e-mail address, also across accounts and after their deletion. Addresses are stored as keyed hashes.

use std::sync::Arc;

use domain::ServiceError;
use domain::ids::SubscriptionId;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use secrecy::SecretString;

use super::entities::{subscription, trial_claim};
use super::requests::trial_awaited;
use crate::db::{Tx, service_error};
use crate::keyed_hash::DerivedKey;

/// The claims on trials, under keys derived from all accepted token secrets. New ones are written under the first.
#[derive(Clone)]
pub(crate) struct TrialClaims(Arc<[DerivedKey]>);

impl TrialClaims {
    pub(crate) fn new(secrets: &[&SecretString]) -> Result<Self, ServiceError> {
        let of = |secret: &&SecretString| DerivedKey::of(secret, "atelier trial claims");
        Ok(Self(secrets.iter().map(of).collect::<Result<_, _>>()?))
    }

    fn hashes(&self, address: &str) -> Result<Vec<String>, ServiceError> {
        self.0.iter().map(|key| Ok(hex::encode(key.hash(&[b"address:", address.as_bytes()])?))).collect()
    }

    /// Whether a trial of an address has begun.
    pub(super) async fn had_trial(&self, db: &impl ConnectionTrait, address: &str) -> Result<bool, ServiceError> {
        let claims = trial_claim::Entity::find().filter(trial_claim::Column::Claim.is_in(self.hashes(address)?));
        let claimed = claims.all(db).await.map_err(service_error)?.into_iter().map(|claim| claim.subscription_id);
        let begun = subscription::Entity::find().filter(subscription::Column::Id.is_in(claimed)).filter(trial_awaited().not());
        Ok(begun.count(db).await.map_err(service_error)? > 0)
    }

    /// Records that a subscription may begin a trial of an address.
    pub(super) async fn claim(&self, tx: &Tx, address: &str, subscription: SubscriptionId) -> Result<(), ServiceError> {
        let Some(claim) = self.hashes(address)?.into_iter().next() else { return Ok(()) };
        let row = trial_claim::ActiveModel { claim: Set(claim), subscription_id: Set(subscription.to_string()) };
        trial_claim::Entity::insert(row).exec_without_returning(&**tx).await.map_err(service_error)?;
        Ok(())
    }
}
