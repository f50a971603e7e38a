//! Totals of ledger entries by kind, for statistics.

use domain::billing::coins::EntryKind;
use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::entities::coin_entry;
use crate::db::{service_error, word};

/// Sums of signed amounts by kind.
pub(crate) struct KindTotals(Vec<KindTotalRow>);

#[derive(FromQueryResult)]
struct KindTotalRow {
    kind: String,
    total: i64,
}

impl KindTotals {
    /// The total of the entries of a kind.
    pub(crate) fn total(&self, kind: EntryKind) -> i64 {
        let word = word(&kind).unwrap_or_default();
        self.0.iter().filter(|row| row.kind == word).map(|row| row.total).sum()
    }
}

/// The totals of a user's entries since `since`, by kind.
pub(crate) async fn totals_since(db: &impl ConnectionTrait, user: UserId, since: Time) -> Result<KindTotals, ServiceError> {
    let rows = coin_entry::Entity::find()
        .select_only()
        .column(coin_entry::Column::Kind)
        .column_as(Expr::col(coin_entry::Column::Amount).sum().cast_as("BIGINT"), "total")
        .filter(coin_entry::Column::UserId.eq(user.to_string()))
        .filter(coin_entry::Column::CreatedAt.gte(since))
        .group_by(coin_entry::Column::Kind)
        .into_model::<KindTotalRow>();
    Ok(KindTotals(rows.all(db).await.map_err(service_error)?))
}
