//! The rules for the body of an operation, from its description.

use std::sync::Arc;

use poem::http::Method;
use poem_openapi::registry::{MetaOperation, MetaSchemaRef, Registry};

use crate::http::limits::Limits;
use crate::http::schema::{Schemas, max_size};

/// Limits that follow from texts are multiples of this, in bytes.
const STEP: usize = 64 * 1024;

/// How the body of an operation is read. A request carries the rules of its operation.
pub(crate) struct BodyRules {
    /// The published schemas.
    pub(crate) schemas: Schemas,
    /// Maximum size, in bytes: the limit of the operation, or more if its longest texts need more when they are escaped.
    pub(crate) limit: usize,
    /// Whether a body must be sent: for every PUT and PATCH, and if a field is required. Otherwise an absent body is an empty
    /// object.
    pub(crate) required: bool,
}

impl BodyRules {
    /// The rules of an operation; `None` if it has no body.
    pub(crate) fn described(description: &MetaOperation, schemas: &Schemas, limits: Limits) -> Option<Self> {
        let bodies = description.request.iter().flat_map(|request| &request.content);
        let schema = &bodies.map(|body| &body.schema).next()?;
        let replaces = matches!(description.method, Method::PUT | Method::PATCH);
        let limit = limits.body.max(max_size(schemas, schema).next_multiple_of(STEP));
        Some(Self {
            schemas: Arc::clone(schemas),
            limit,
            required: replaces || is_file(schema) || requires_fields(schemas, schema),
        })
    }
}

fn is_file(schema: &MetaSchemaRef) -> bool {
    matches!(schema, MetaSchemaRef::Inline(schema) if schema.format == Some("binary"))
}

fn requires_fields(schemas: &Registry, schema: &MetaSchemaRef) -> bool {
    let schema = match schema {
        MetaSchemaRef::Inline(schema) => Some(&**schema),
        MetaSchemaRef::Reference(name) => schemas.schemas.get(name),
    };
    schema.is_some_and(|schema| !schema.required.is_empty() || schema.min_properties.is_some())
}
