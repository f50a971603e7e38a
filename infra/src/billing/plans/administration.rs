//! [`PlanAdministration`] on SQL.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::plans::{NewPlan, Plan, PlanAdministration, PlanError, PlanVersion};
use domain::idempotency::{Attempt, Once};
use domain::identity::{Area, Principal};
use domain::page::{Page, PageRequest};
use domain::{Clock, ServiceError};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};

use super::{newest, of_row, on_offer, plan, to_row};
use crate::cache::PLANS;
use crate::db::{Claim, Database, Keys, Tx, execute, service_error};

/// The advisory lock under which the next version is numbered.
const LOCK: i64 = 0x0070_6c61_6e73;

/// The administration of plans on SQL.
pub(crate) struct SqlPlans {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

#[derive(FromQueryResult)]
struct OfVersion {
    plan_code: String,
    plan_version: i64,
    subscribers: i64,
}

/// The number of subscriptions that have not ended, by code and version of the plan.
async fn subscribers(db: &impl ConnectionTrait) -> Result<BTreeMap<(String, i64), i64>, ServiceError> {
    let sql = "SELECT plan_code, plan_version, COUNT(*) AS subscribers FROM subscriptions
               WHERE state NOT IN ('canceled', 'expired') GROUP BY plan_code, plan_version";
    let rows = OfVersion::find_by_statement(Statement::from_string(db.get_database_backend(), sql));
    let rows = rows.all(db).await.map_err(service_error)?;
    Ok(rows.into_iter().map(|row| ((row.plan_code, row.plan_version), row.subscribers)).collect())
}

/// Inserts the next version of a plan. Concurrent ones wait for each other.
async fn insert(tx: &Tx, new: NewPlan) -> Result<Plan, ServiceError> {
    if tx.get_database_backend() == DbBackend::Postgres {
        execute(tx, "SELECT pg_advisory_xact_lock($1)", [LOCK.into()]).await?;
    }
    let present = newest(&**tx, new.code.as_str()).await?;
    let plan = new.into_version(present.map_or(1, |present| present.version + 1));
    plan::Entity::insert(to_row(&plan)?).exec_without_returning(&**tx).await.map_err(service_error)?;
    Ok(plan)
}

#[async_trait]
impl PlanAdministration for SqlPlans {
    async fn versions(&self, actor: &Principal, page: &PageRequest) -> Result<Page<PlanVersion>, PlanError> {
        actor.require_admin(Area::Subscription)?;
        let (db, filters) = (self.db.reader(), "plan_versions");
        let mut rows = plan::Entity::find().limit(page.limit + 1);
        if let Some((code, version)) = page.after::<(String, i64)>(&filters)? {
            let older = Condition::all().add(plan::Column::Code.eq(&code)).add(plan::Column::Version.lt(version));
            rows = rows.filter(Condition::any().add(plan::Column::Code.gt(code)).add(older));
        }
        let rows = rows.order_by_asc(plan::Column::Code).order_by_desc(plan::Column::Version).all(db).await;
        let position = |row: &plan::Model| (row.code.clone(), row.version);
        let page = Page::from_rows(rows.map_err(service_error)?, page, &filters, position).map_err(ServiceError::bug)?;
        let (offered, subscribers) = (on_offer(db).await?, subscribers(db).await?);
        let view = |row: plan::Model| {
            let subscribers = subscribers.get(&position(&row)).copied().unwrap_or_default();
            let plan = of_row(row)?;
            Ok::<_, ServiceError>(PlanVersion {
                on_offer: offered.iter().any(|one| one.is_same_version_as(&plan)),
                plan,
                subscribers,
            })
        };
        Ok(page.try_map(view)?)
    }

    async fn add_version(&self, actor: &Principal, attempt: Attempt<NewPlan>) -> Result<Once<PlanVersion>, PlanError> {
        actor.require_admin(Area::Subscription)?;
        attempt.command.check()?;
        let claim = Claim::administrative(actor, "createPlanVersion", self.clock.now());
        let work = |tx: Tx, new: NewPlan| async move {
            Ok::<_, PlanError>(PlanVersion { plan: insert(&tx, new).await?, on_offer: true, subscribers: 0 })
        };
        // Limits of users depend on it: every server has read the row when the write is acknowledged.
        self.db.write_once(claim, attempt, Keys::none().announcing(PLANS), work).await
    }
}
