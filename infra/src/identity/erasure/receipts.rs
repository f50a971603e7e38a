//! Receipts of deletions: what was erased so far, readable with a token.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::identity::{Deletion, ErasedRecords, ErasureState, KeptRecords, RECEIPT_DAYS, Receipt};
use domain::ids::{JobId, UserId};
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use sha2::{Digest, Sha256};

use super::inventory::{TABLES, Table};
use crate::db::{Tx, execute, json, missing, of_json, service_error};

#[derive(FromQueryResult)]
struct Row {
    deleted_at: Time,
    erased_at: Option<Time>,
    erased: String,
    expires_at: Time,
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// Inserts the receipt of a deletion, which the job erases.
pub(super) async fn create(tx: &Tx, user: UserId, job: JobId, now: Time) -> Result<Deletion, ServiceError> {
    let (token, expires_at) = (hex::encode(rand::random::<[u8; 32]>()), now + TimeDelta::days(RECEIPT_DAYS));
    let sql = "INSERT INTO account_erasures (user_id, receipt, job_id, deleted_at, erased, expires_at) VALUES ($1, $2, $3, $4, '{}', $5)";
    execute(tx, sql, [user.to_string().into(), hash(&token).into(), job.to_string().into(), now.into(), expires_at.into()])
        .await?;
    Ok(Deletion { receipt_url: format!("/v1/deletions/{token}"), deleted_at: now, expires_at })
}

/// The areas that stay, with the reasons.
fn kept() -> Vec<KeptRecords> {
    let of = |table: &Table| Some(KeptRecords { area: table.name.to_owned(), reason: table.fate.kept_because()?.to_owned() });
    TABLES.iter().filter_map(of).collect()
}

/// The numbers of erased records by area, as a row has them.
fn erased(row: &str) -> Result<Vec<ErasedRecords>, ServiceError> {
    let by_area: BTreeMap<String, i64> = of_json(row)?;
    Ok(by_area.into_iter().map(|(area, records)| ErasedRecords { area, records }).collect())
}

/// The receipt with a token that can still be read.
pub(super) async fn find(db: &impl ConnectionTrait, token: &str, now: Time) -> Result<Option<Receipt>, ServiceError> {
    let sql = "SELECT deleted_at, erased_at, erased, expires_at FROM account_erasures WHERE receipt = $1
               AND (erased_at IS NULL OR expires_at > $2)";
    let values: [Value; 2] = [hash(token).into(), now.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let row = Row::find_by_statement(statement).one(db).await.map_err(service_error)?;
    let receipt = |Row { deleted_at, erased_at, erased: by_area, expires_at }| {
        let state = if erased_at.is_some() { ErasureState::Done } else { ErasureState::Pending };
        Ok(Receipt { state, deleted_at, erased_at, erased: erased(&by_area)?, kept: kept(), expires_at })
    };
    row.map(receipt).transpose()
}

/// Adds erased rows of an area, in the transaction that erases them.
pub(super) async fn add(tx: &Tx, user: UserId, area: &str, rows: u64) -> Result<(), ServiceError> {
    let backend = tx.get_database_backend();
    let lock = if backend == DbBackend::Postgres { "FOR UPDATE" } else { "" };
    let sql = format!("SELECT deleted_at, erased_at, erased, expires_at FROM account_erasures WHERE user_id = $1 {lock}");
    let statement = Statement::from_sql_and_values(backend, sql, [user.to_string().into()]);
    let row = Row::find_by_statement(statement).one(&**tx).await.map_err(service_error)?;
    let mut erased: BTreeMap<String, u64> = of_json(&row.ok_or_else(|| missing("receipt of a deletion"))?.erased)?;
    *erased.entry(area.to_owned()).or_default() += rows;
    let sql = "UPDATE account_erasures SET erased = $1 WHERE user_id = $2";
    execute(tx, sql, [json(&erased)?.into(), user.to_string().into()]).await.map(drop)
}

/// Records that everything is erased.
pub(super) async fn finish(tx: &Tx, user: UserId, now: Time) -> Result<(), ServiceError> {
    let sql = "UPDATE account_erasures SET erased_at = $1 WHERE user_id = $2 AND erased_at IS NULL";
    execute(tx, sql, [now.into(), user.to_string().into()]).await.map(drop)
}
