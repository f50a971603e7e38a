//! The report of a data session: one HTML page for people.
//!
//! The page is a pure function of the views that the API returns as JSON, so the same views give the same bytes. It loads nothing, runs
//! no script and has one inline style sheet: the policy `default-src 'none'; style-src 'unsafe-inline'` is enough. Plots are inline SVG.
//! Its size is bounded: the first columns are described in detail, and the number of the others is stated.
//!
//! Templates have the words and the structure; Rust has the numbers, the plots and the escapes. All text of a table is escaped, and its
//! control characters are replaced by visible ones.

mod engine;
mod numbers;
mod plot;
mod text;
mod view;

#[cfg(test)]
mod tests;

use domain::ServiceError;
use domain::data_sessions::{DataSession, TableInfo, Training};

use view::PageView;

/// Renders the report. `info` is absent until a table is uploaded, `training` until one is requested.
///
/// # Errors
/// [`ServiceError`] for a bug in a template.
pub(crate) fn page(session: &DataSession, info: Option<&TableInfo>, training: Option<&Training>) -> Result<String, ServiceError> {
    engine::render(&PageView::of(session, info, training)).map_err(ServiceError::bug)
}
