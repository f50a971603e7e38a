//! Rows of tickets.

use domain::identity::{Credential, Holder};
use domain::tickets::TicketResource;
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use crate::db::{Database, Keys, Tx, execute, id, missing};

/// The holder of a ticket, as its row has it.
#[derive(Debug, FromQueryResult)]
struct Row {
    user_id: Option<String>,
    credential: Option<String>,
    credential_id: Option<String>,
}

/// Inserts a ticket.
pub(super) async fn insert(
    db: &Database,
    hash: Vec<u8>,
    resource: &TicketResource,
    holder: Option<Holder>,
    expires_at: Time,
) -> Result<(), ServiceError> {
    let user = holder.and_then(|holder| holder.user).map(|user| user.to_string());
    let (credential, credential_id) = holder.map(|holder| columns(holder.credential)).unzip();
    let values: [Value; 6] =
        [hash.into(), resource.as_str().into(), user.into(), credential.into(), credential_id.into(), expires_at.into()];
    let sql =
        "INSERT INTO tickets (hash, resource, user_id, credential, credential_id, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    db.write(Keys::none(), async move |tx: Tx| execute(&tx, sql, values).await.map(|_| ())).await
}

/// Deletes a ticket that has not expired, and returns its holder; `None` if there is no such ticket.
pub(super) async fn take(
    db: &Database,
    hash: Vec<u8>,
    resource: &TicketResource,
    now: Time,
) -> Result<Option<Option<Holder>>, ServiceError> {
    let values: [Value; 3] = [hash.into(), resource.as_str().into(), now.into()];
    let sql =
        "DELETE FROM tickets WHERE hash = $1 AND resource = $2 AND expires_at > $3 RETURNING user_id, credential, credential_id";
    let rows: Vec<Row> = db.write_alone(Statement::from_sql_and_values(db.reader().get_database_backend(), sql, values)).await?;
    rows.into_iter().next().map(holder).transpose()
}

/// The kind and the id of a credential.
fn columns(credential: Credential) -> (&'static str, String) {
    match credential {
        Credential::Session(session) => ("session", session.to_string()),
        Credential::UserKey(key) => ("user_key", key.to_string()),
        Credential::ServiceKey(key) => ("service_key", key.to_string()),
    }
}

fn holder(row: Row) -> Result<Option<Holder>, ServiceError> {
    let Some(kind) = row.credential else { return Ok(None) };
    let text = row.credential_id.ok_or_else(|| missing("credential of a ticket"))?;
    let credential = match kind.as_str() {
        "session" => Credential::Session(id(&text)?),
        "user_key" => Credential::UserKey(id(&text)?),
        "service_key" => Credential::ServiceKey(id(&text)?),
        other => return Err(ServiceError::bug(format!("a ticket has a credential of the unknown kind {other}"))),
    };
    Ok(Some(Holder { user: row.user_id.as_deref().map(id).transpose()?, credential }))
}
