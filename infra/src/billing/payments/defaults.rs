//! The coin packages of a new installation.

use async_trait::async_trait;
use domain::ServiceError;
use sea_orm::ActiveValue::Set;
use sea_orm::{DatabaseTransaction, EntityTrait};

use super::entities::coin_package;
use crate::db::{Installer, service_error};

/// Installs the coin packages in a new installation.
pub(crate) struct InstallPackages;

#[async_trait]
impl Installer for InstallPackages {
    async fn install(&self, tx: &DatabaseTransaction, new: bool) -> Result<(), ServiceError> {
        if new {
            let packages = [
                package("small", "A handful", 100, 199),
                package("medium", "A bag", 550, 999),
                package("large", "A chest", 1_200, 1_999),
            ];
            coin_package::Entity::insert_many(packages).exec_without_returning(tx).await.map_err(service_error)?;
        }
        Ok(())
    }
}

fn package(code: &str, name: &str, coins: i64, price_cents: i64) -> coin_package::ActiveModel {
    coin_package::ActiveModel {
        code: Set(code.to_owned()),
        name: Set(name.to_owned()),
        coins: Set(coins),
        price_cents: Set(price_cents),
        currency: Set("USD".to_owned()),
    }
}
