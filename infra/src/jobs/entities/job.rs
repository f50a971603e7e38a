//! Rows of jobs.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub kind: String,
    pub queue: String,
    pub priority: i64,
    pub payload: String,
    pub state: String,
    pub run_at: DateTimeUtc,
    pub owner_id: Option<String>,
    pub subject_id: Option<String>,
    pub dedup_key: Option<String>,
    pub serial_key: Option<String>,
    pub fence: i64,
    pub failures: i64,
    pub losses: i64,
    pub worker_id: Option<String>,
    pub cancel_requested: bool,
    pub progress: Option<i64>,
    pub result: Option<String>,
    pub error: Option<String>,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
