//! Rows of claims on trials.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trial_claims")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub claim: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subscription_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
