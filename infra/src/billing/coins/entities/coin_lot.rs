//! Rows of coin lots, one per grant.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coin_lots")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub user_id: String,
    pub source: String,
    pub grant_key: String,
    pub granted: i64,
    pub remaining: i64,
    pub held: i64,
    pub expired: i64,
    pub created_at: DateTimeUtc,
    pub expires_at: Option<DateTimeUtc>,
    pub taken: i64,
    pub target: i64,
    pub owed: i64,
    pub origin: Option<String>,
    /// The hold whose refund made the lot.
    pub hold_id: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
