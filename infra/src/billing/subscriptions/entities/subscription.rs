//! Rows of subscriptions.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscriptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub user_id: String,
    pub plan_code: String,
    pub plan_version: i64,
    pub period_plan_code: Option<String>,
    pub period_plan_version: Option<i64>,
    pub upgrades: String,
    pub state: String,
    pub cancel_at_period_end: bool,
    pub pause_at_period_end: bool,
    pub pending_plan_code: Option<String>,
    pub pending_plan_version: Option<i64>,
    pub pending_payment_id: Option<String>,
    pub pending_coins: i64,
    pub anchor_at: DateTimeUtc,
    pub anchor_index: i64,
    pub period_index: i64,
    pub period_start: DateTimeUtc,
    pub period_end: DateTimeUtc,
    pub period_paid: bool,
    pub grace_until: Option<DateTimeUtc>,
    pub retries: i64,
    pub unspent_at: Option<DateTimeUtc>,
    pub payment_method: Option<String>,
    pub needs_method: bool,
    pub canceled_at: Option<DateTimeUtc>,
    pub end_reason: Option<String>,
    pub created_at: DateTimeUtc,
    pub version: i64,
    pub next_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
