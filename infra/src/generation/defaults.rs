//! The generation settings of a new installation.

use async_trait::async_trait;
use domain::generation::GenerationValues;
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DatabaseTransaction, EntityTrait};

use super::{ROW, row};
use crate::db::{Installer, json, service_error};

/// Installs the default settings if there are none.
pub(crate) struct InstallGenerationSettings;

#[async_trait]
impl Installer for InstallGenerationSettings {
    async fn install(&self, tx: &DatabaseTransaction, _new: bool) -> Result<(), ServiceError> {
        let settings = row::ActiveModel {
            id: Set(ROW),
            settings: Set(json(&GenerationValues::default())?),
            updated_at: Set(Time::UNIX_EPOCH),
            version: Set(1),
        };
        let kept = OnConflict::column(row::Column::Id).do_nothing().to_owned();
        row::Entity::insert(settings).on_conflict(kept).exec_without_returning(tx).await.map_err(service_error)?;
        Ok(())
    }
}
