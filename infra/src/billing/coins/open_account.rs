//! The coin account of a new user.

use async_trait::async_trait;
use domain::ServiceError;
use domain::billing::coins::AccountTotals;
use domain::ids::UserId;
use sea_orm::EntityTrait;

use super::entities::coin_account;
use super::rows::account_row;
use crate::db::{Tx, service_error};
use crate::identity::NewUserHook;

/// Opens an empty account.
pub(crate) struct OpenCoinAccount;

#[async_trait]
impl NewUserHook for OpenCoinAccount {
    async fn on_new_user(&self, tx: &Tx, user: UserId) -> Result<(), ServiceError> {
        let row = account_row(user, &AccountTotals::default());
        coin_account::Entity::insert(row).exec_without_returning(&**tx).await.map_err(service_error)?;
        Ok(())
    }
}
