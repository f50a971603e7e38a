//! Pages of the public characters, with keyset pagination.

use chrono::Datelike;
use domain::characters::{Browse, CharacterError, CharacterSummary, Sort};
use domain::page::{InvalidCursor, Page, PageRequest};
use domain::text::fold;
use domain::{ServiceError, Time};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::entities::{character, character_tag};
use super::rows::{of_row, public};
use crate::db::{service_error, word};

/// A page of the public characters that match the filter.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    filter: &Browse,
    request: &PageRequest,
) -> Result<Page<CharacterSummary>, CharacterError> {
    let wanted = matching(filter)?.limit(request.limit + 1);
    let wanted = match filter.sort {
        Sort::Newest => after_age(wanted, checked_position(request.after(filter)?)?),
        Sort::Name => after_name(wanted, request.after(filter)?),
    };
    let rows = wanted.all(db).await.map_err(service_error)?;
    let page = match filter.sort {
        Sort::Newest => Page::from_rows(rows, request, filter, |row| (row.published_at, row.id.clone())),
        Sort::Name => Page::from_rows(rows, request, filter, |row| row.name_key.clone()),
    };
    Ok(page.map_err(ServiceError::bug)?.try_map(|row| of_row(row).map(CharacterSummary::from))?)
}

/// Checks that the databases can represent the time of a position, which a client can forge.
fn checked_position(after: Option<(Time, String)>) -> Result<Option<(Time, String)>, InvalidCursor> {
    match after {
        Some((time, _)) if !(1970..=9999).contains(&time.year()) => Err(InvalidCursor),
        other => Ok(other),
    }
}

fn matching(filter: &Browse) -> Result<Select<character::Entity>, ServiceError> {
    let mut wanted = public()?;
    if let Some(rating) = filter.rating {
        wanted = wanted.filter(character::Column::Rating.eq(word(&rating)?));
    }
    if let Some(tag) = &filter.tag {
        let tagged = Query::select()
            .column(character_tag::Column::CharacterId)
            .from(character_tag::Entity)
            .and_where(Expr::col(character_tag::Column::Tag).eq(fold(tag)))
            .to_owned();
        wanted = wanted.filter(character::Column::Id.in_subquery(tagged));
    }
    if let Some(q) = &filter.q {
        let pattern = LikeExpr::new(format!("%{}%", escaped(&fold(q)))).escape('\\');
        wanted = wanted.filter(Expr::col(character::Column::NameKey).like(pattern));
    }
    Ok(wanted)
}

/// Escapes text for a LIKE pattern.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

fn after_age(wanted: Select<character::Entity>, after: Option<(Time, String)>) -> Select<character::Entity> {
    let wanted = wanted.order_by_desc(character::Column::PublishedAt).order_by_desc(character::Column::Id);
    let Some((published_at, id)) = after else { return wanted };
    let same_moment = Condition::all().add(character::Column::PublishedAt.eq(published_at)).add(character::Column::Id.lt(id));
    wanted.filter(Condition::any().add(character::Column::PublishedAt.lt(published_at)).add(same_moment))
}

fn after_name(wanted: Select<character::Entity>, after: Option<String>) -> Select<character::Entity> {
    let wanted = wanted.order_by_asc(character::Column::NameKey);
    match after {
        Some(name) => wanted.filter(character::Column::NameKey.gt(name)),
        None => wanted,
    }
}
