//! Reads the rows of a table as lines of JSON, page by page.

use domain::ServiceError;
use domain::ids::UserId;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use super::super::erasure::inventory::{Export, Table};
use crate::db::service_error;

/// The number of rows that are read at once.
const PAGE: usize = 50;

/// The exported rows of a table.
pub(super) struct Records {
    sql: String,
    backend: DbBackend,
    user: UserId,
    after: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    place: String,
    line: String,
}

impl Records {
    /// The rows of a table; `None` if it is not exported.
    pub(super) fn of(table: &Table, user: UserId, backend: DbBackend) -> Option<Self> {
        let Export::Rows { of_user, key, columns } = table.export else { return None };
        let (name, record) = (table.name, object(columns, backend));
        let sql = format!(
            "SELECT {key} AS place, {record} AS line FROM {name} WHERE ({of_user}) AND {key} > $2 ORDER BY {key} LIMIT {PAGE}"
        );
        Some(Self { sql, backend, user, after: Some(String::new()) })
    }

    /// The next page, as JSON objects; empty at the end.
    pub(super) async fn next(&mut self, db: &impl ConnectionTrait) -> Result<Vec<String>, ServiceError> {
        let Some(after) = self.after.take() else { return Ok(Vec::new()) };
        let values: [Value; 2] = [self.user.to_string().into(), after.into()];
        let statement = Statement::from_sql_and_values(self.backend, self.sql.as_str(), values);
        let rows = Row::find_by_statement(statement).all(db).await.map_err(service_error)?;
        if rows.len() == PAGE {
            self.after = rows.last().map(|row| row.place.clone());
        }
        Ok(rows.into_iter().map(|row| row.line).collect())
    }
}

/// An expression that makes a JSON object of columns. The databases name its function differently.
fn object(columns: &str, backend: DbBackend) -> String {
    let members = columns.split_whitespace().map(|column| {
        let (name, kind) = column.split_once(':').unwrap_or((column, ""));
        format!("'{name}', {}", value(name, kind, backend))
    });
    let members = members.collect::<Vec<_>>().join(", ");
    match backend {
        DbBackend::Sqlite => format!("json_object({members})"),
        _ => format!("CAST(json_build_object({members}) AS TEXT)"),
    }
}

/// The value of a column: times as in the API, JSON as it is, and the others as they are stored.
fn value(name: &str, kind: &str, backend: DbBackend) -> String {
    match (kind, backend) {
        ("time", DbBackend::Sqlite) => format!("strftime('%Y-%m-%dT%H:%M:%fZ', {name})"),
        ("time", _) => format!("to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"),
        ("json", DbBackend::Sqlite) => format!("json({name})"),
        ("json", _) => format!("CAST({name} AS JSONB)"),
        ("bool", DbBackend::Sqlite) => format!("json(CASE WHEN {name} THEN 'true' ELSE 'false' END)"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_becomes_a_member_of_its_kind() {
        assert_eq!(object("id card:json", DbBackend::Sqlite), "json_object('id', id, 'card', json(card))");
        assert_eq!(
            object("pinned:bool card:json", DbBackend::Postgres),
            "CAST(json_build_object('pinned', pinned, 'card', CAST(card AS JSONB)) AS TEXT)"
        );
    }
}
