//! What the edge requires of the body of a request: whether one must be sent, and its maximum size.

use std::collections::HashMap;
use std::sync::Arc;

use poem_openapi::OpenApi;
use poem_openapi::registry::Registry;
use serde_json::Value;

use super::operations;
use crate::http::body_rules::BodyRules;
use crate::http::limits::{Limits, Stated};

/// Describes the bodies of all operations. A size that is not the default is stated.
pub(super) fn describe<A: OpenApi>(document: &mut Value, stated: &[Stated]) {
    let rules = rules::<A>(stated);
    for operation in operations(document) {
        let rules = operation.description.get("operationId").and_then(|id| rules.get(id.as_str()?));
        let (Some(rules), Some(body)) = (rules, operation.description.get_mut("requestBody")) else { continue };
        body["required"] = rules.required.into();
        if rules.limit != Limits::DEFAULT.body {
            body["description"] = format!("At most {} KiB.", rules.limit / 1024).into();
        }
    }
}

/// The rules of all bodies, by `operationId`.
fn rules<A: OpenApi>(stated: &[Stated]) -> HashMap<&'static str, BodyRules> {
    let mut registry = Registry::new();
    A::register(&mut registry);
    let schemas = Arc::new(registry);
    let operations = A::meta().into_iter().flat_map(|api| api.paths).flat_map(|path| path.operations);
    let rules = operations.filter_map(|operation| {
        let id = operation.operation_id?;
        Some((id, BodyRules::described(&operation, &schemas, Limits::of(Some(id), stated))?))
    });
    rules.collect()
}
