//! What holds for the whole contract: the document, and the views in answers.

mod document;
mod views;

use poem_openapi::registry::{MetaSchemaRef, Registry};
use serde_json::Value;

use crate::http::problem::{FieldError, FieldErrors};
use crate::http::schema::check;

/// The errors in a value.
fn errors(registry: &Registry, schema: &MetaSchemaRef, value: &Value) -> Vec<FieldError> {
    let mut errors = FieldErrors::default();
    check(registry, schema, value, "", &mut errors);
    errors.into_vec()
}
