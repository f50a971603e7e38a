//! Plans in the database, one row per version. A version never changes. Subscriptions keep the version that they started with.

mod administration;
mod defaults;
#[allow(unreachable_pub, reason = "the derive macros want public items")]
mod plan;

use domain::ServiceError;
use domain::billing::plans::Plan;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

pub(crate) use administration::SqlPlans;
pub(crate) use defaults::InstallPlans;

use crate::db::{json, missing, of_json, of_word, service_error, word};

fn of_row(row: plan::Model) -> Result<Plan, ServiceError> {
    Ok(Plan {
        interval: of_word(row.billing_interval)?,
        limits: of_json(&row.limits)?,
        code: row.code,
        version: row.version,
        name: row.name,
        price_cents: row.price_cents,
        currency: row.currency,
        trial_days: row.trial_days,
        coins_per_period: row.coins_per_period,
        rollover_cap: row.rollover_cap,
    })
}

fn to_row(plan: &Plan) -> Result<plan::ActiveModel, ServiceError> {
    Ok(plan::ActiveModel {
        code: Set(plan.code.clone()),
        version: Set(plan.version),
        name: Set(plan.name.clone()),
        price_cents: Set(plan.price_cents),
        currency: Set(plan.currency.clone()),
        billing_interval: Set(word(&plan.interval)?),
        trial_days: Set(plan.trial_days),
        coins_per_period: Set(plan.coins_per_period),
        rollover_cap: Set(plan.rollover_cap),
        limits: Set(json(&plan.limits)?),
    })
}

/// The newest version of each plan, by ascending price.
pub(crate) async fn on_offer(db: &impl ConnectionTrait) -> Result<Vec<Plan>, ServiceError> {
    let rows = plan::Entity::find()
        .order_by_asc(plan::Column::Code)
        .order_by_desc(plan::Column::Version)
        .all(db)
        .await
        .map_err(service_error)?;
    let mut plans = rows.into_iter().map(of_row).collect::<Result<Vec<_>, _>>()?;
    plans.dedup_by(|older, newer| older.code == newer.code);
    plans.sort_by_key(|plan| plan.price_cents);
    Ok(plans)
}

/// The newest version of a plan.
pub(crate) async fn newest(db: &impl ConnectionTrait, code: &str) -> Result<Option<Plan>, ServiceError> {
    let newest = plan::Entity::find().filter(plan::Column::Code.eq(code)).order_by_desc(plan::Column::Version).limit(1);
    newest.one(db).await.map_err(service_error)?.map(of_row).transpose()
}

/// A version of a plan.
pub(crate) async fn version(db: &impl ConnectionTrait, code: &str, version: i64) -> Result<Plan, ServiceError> {
    let row = plan::Entity::find_by_id((code.to_owned(), version)).one(db).await.map_err(service_error)?;
    of_row(row.ok_or_else(|| missing("plan"))?)
}
