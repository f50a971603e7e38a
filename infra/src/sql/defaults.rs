//! What a new installation has: plans, packages of coins, and the platform's generation settings.

use domain::Fault;
use domain::generation_settings::GenerationValues;
use domain::subscriptions::{FREE_PLAN, Interval, Limits};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, sqlx::types::chrono::DateTime};

use super::entities::{coin_package, generation_settings, plan};
use super::error::fault;
use super::rows::{json, word};

/// Installs what is not there and must be; offers only where the installation is `new`: what an operator has changed or withdrawn
/// stays so.
pub(crate) async fn install(tx: &impl ConnectionTrait, new: bool) -> Result<(), Fault> {
    let mut plans = vec![offer(FREE_PLAN, "Free", 0, 0, (0, 0), limits(1_000, 20, 1, 100, 2))?];
    if new {
        plans.push(offer("plus", "Plus", 900, 7, (500, 250), limits(5_000, 200, 2, 1_000, 10))?);
        plans.push(offer("pro", "Pro", 2_900, 0, (2_000, 1_000), limits(50_000, 2_000, 4, 10_000, 50))?);
        install_packages(tx).await?;
    }
    let kept = OnConflict::columns([plan::Column::Code, plan::Column::Version]).do_nothing().to_owned();
    plan::Entity::insert_many(plans).on_conflict(kept).exec_without_returning(tx).await.map_err(fault)?;
    let settings = generation_settings::ActiveModel {
        id: Set(1),
        settings: Set(json(&GenerationValues::default())?),
        updated_at: Set(DateTime::UNIX_EPOCH),
        version: Set(1),
    };
    let kept = OnConflict::column(generation_settings::Column::Id).do_nothing().to_owned();
    generation_settings::Entity::insert(settings).on_conflict(kept).exec_without_returning(tx).await.map_err(fault)?;
    Ok(())
}

async fn install_packages(tx: &impl ConnectionTrait) -> Result<(), Fault> {
    let packages = [
        package("small", "A handful", 100, 199),
        package("medium", "A bag", 550, 999),
        package("large", "A chest", 1_200, 1_999),
    ];
    coin_package::Entity::insert_many(packages).exec_without_returning(tx).await.map_err(fault)?;
    Ok(())
}

fn offer(
    code: &str,
    name: &str,
    price_cents: i64,
    trial_days: i64,
    (coins_per_period, rollover_cap): (i64, i64),
    limits: Limits,
) -> Result<plan::ActiveModel, Fault> {
    Ok(plan::ActiveModel {
        code: Set(code.to_owned()),
        version: Set(1),
        name: Set(name.to_owned()),
        price_cents: Set(price_cents),
        currency: Set("USD".to_owned()),
        billing_interval: Set(word(&Interval::Month)?),
        trial_days: Set(trial_days),
        coins_per_period: Set(coins_per_period),
        rollover_cap: Set(rollover_cap),
        limits: Set(json(&limits)?),
    })
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

fn limits(messages_per_day: i64, images_per_day: i64, concurrent_jobs: i64, characters: i64, rooms: i64) -> Limits {
    Limits { messages_per_day, images_per_day, concurrent_jobs, characters, rooms }
}
