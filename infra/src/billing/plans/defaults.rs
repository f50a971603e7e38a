//! The plans of a new installation.

use async_trait::async_trait;
use domain::ServiceError;
use domain::billing::plans::{FREE_PLAN, Interval, Limits, Plan};
use sea_orm::sea_query::OnConflict;
use sea_orm::{DatabaseTransaction, EntityTrait};

use super::{plan, to_row};
use crate::db::{Installer, service_error};

/// Installs the free plan if it is missing, and the paid plans in a new installation.
pub(crate) struct InstallPlans;

#[async_trait]
impl Installer for InstallPlans {
    async fn install(&self, tx: &DatabaseTransaction, new: bool) -> Result<(), ServiceError> {
        let mut plans = vec![offer(FREE_PLAN, "Free", 0, 0, (0, 0), limits(1_000, 20, 1, 100))?];
        if new {
            plans.push(offer("plus", "Plus", 900, 7, (500, 250), limits(5_000, 200, 2, 1_000))?);
            plans.push(offer("pro", "Pro", 2_900, 0, (2_000, 1_000), limits(50_000, 2_000, 4, 10_000))?);
        }
        let kept = OnConflict::columns([plan::Column::Code, plan::Column::Version]).do_nothing().to_owned();
        plan::Entity::insert_many(plans).on_conflict(kept).exec_without_returning(tx).await.map_err(service_error)?;
        Ok(())
    }
}

fn offer(
    code: &str,
    name: &str,
    price_cents: i64,
    trial_days: i64,
    (coins_per_period, rollover_cap): (i64, i64),
    limits: Limits,
) -> Result<plan::ActiveModel, ServiceError> {
    to_row(&Plan {
        code: code.to_owned(),
        version: 1,
        name: name.to_owned(),
        price_cents,
        currency: "USD".to_owned(),
        interval: Interval::Month,
        trial_days,
        coins_per_period,
        rollover_cap,
        limits,
    })
}

fn limits(messages_per_day: i64, images_per_day: i64, concurrent_jobs: i64, characters: i64) -> Limits {
    Limits { messages_per_day, images_per_day, concurrent_jobs, characters, requests_per_minute: None }
}
