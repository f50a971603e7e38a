//! Rows of payments.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub user_id: String,
    pub purpose: String,
    pub subscription_id: Option<String>,
    pub period_index: Option<i64>,
    pub package_code: Option<String>,
    pub surplus_of: Option<String>,
    pub amount_cents: i64,
    pub currency: String,
    pub coins: i64,
    pub state: String,
    pub refunded_total: i64,
    pub refunded_cents: i64,
    pub gone_cents: i64,
    pub unapplied: Option<String>,
    pub fell: bool,
    pub attention: Option<String>,
    pub attempts: i64,
    pub provider: String,
    pub provider_reference: Option<String>,
    pub grant_key: Option<String>,
    pub created_at: DateTimeUtc,
    pub paid_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
