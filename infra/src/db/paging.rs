//! Pages of rows, ordered by one column with unique values.

use domain::ServiceError;
use domain::page::{InvalidCursor, Page, PageRequest};
use sea_orm::sea_query::{Order, Value};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::service_error;

/// The requested page of these rows, converted by `of_row`. `position` returns the value of the ordering column of a row.
pub(crate) async fn page_of<E, P, T, Error>(
    db: &impl ConnectionTrait,
    rows: Select<E>,
    (column, order, position): (E::Column, Order, impl Fn(&E::Model) -> P + Send),
    (request, filters): (&PageRequest, &(impl Serialize + Sync)),
    of_row: impl Fn(E::Model) -> Result<T, ServiceError> + Send,
) -> Result<Page<T>, Error>
where
    E: EntityTrait,
    P: Serialize + DeserializeOwned + Into<Value> + Send,
    Error: From<InvalidCursor> + From<ServiceError>,
{
    let mut rows = rows.limit(request.limit + 1);
    if let Some(after) = request.after::<P>(filters)? {
        rows = rows.filter(if order == Order::Asc { column.gt(after) } else { column.lt(after) });
    }
    let rows = rows.order_by(column, order).all(db).await.map_err(service_error)?;
    Ok(Page::from_rows(rows, request, filters, position).map_err(ServiceError::bug)?.try_map(of_row)?)
}
