//! Subscriptions.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscriptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub user_id: String,
    pub plan_code: String,
    pub plan_version: i64,
    pub state: String,
    pub cancel_at_period_end: bool,
    pub anchor_at: DateTimeUtc,
    pub period_index: i64,
    pub period_start: DateTimeUtc,
    pub period_end: DateTimeUtc,
    pub canceled_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
