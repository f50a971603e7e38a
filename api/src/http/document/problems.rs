//! The problems that an operation may answer with: by rule, and as it declares beside its handler.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::http::problem::{Kind, MEDIA_TYPE};

/// The problems of every operation.
const ALWAYS: &[Kind] = &[Kind::ValidationFailed, Kind::HeadersTooLarge, Kind::Internal, Kind::Unavailable];

/// The problems that operations declare beside their handlers, by `operationId`: those that follow from no rule.
pub(crate) type Declared = &'static [(&'static str, &'static [Kind])];

/// Documents the problems of an operation, by status.
pub(super) fn add(path: &str, operation: &mut Map<String, Value>, declared: &[Declared]) {
    let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    for kind in of(path, operation, declared) {
        by_status.entry(kind.status().as_u16()).or_default().push(kind);
    }
    for (status, kinds) in by_status {
        operation["responses"][status.to_string()] = response(status, &kinds);
    }
}

fn of(path: &str, operation: &Map<String, Value>, declared: &[Declared]) -> Vec<Kind> {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let has = |member: &str, values: &[&str]| {
        let mut found = parameters.into_iter().flatten().filter_map(|parameter| parameter[member].as_str());
        found.any(|value| values.contains(&value))
    };
    let rules: [(bool, &[Kind]); 7] = [
        (operation.contains_key("security"), &[Kind::InvalidCredentials, Kind::TokenExpired, Kind::TokenRevoked]),
        (operation.contains_key("requestBody"), &[Kind::RequestTimeout, Kind::PayloadTooLarge, Kind::UnsupportedMediaType]),
        (path.starts_with("/v1/admin/"), &[Kind::Forbidden]),
        (has("in", &["path"]), &[Kind::NotFound]),
        (has("name", &["cursor", "before"]), &[Kind::InvalidCursor]),
        (has("name", &["If-Match"]), &[Kind::PreconditionFailed, Kind::PreconditionRequired]),
        (
            has("name", &["Idempotency-Key"]),
            &[Kind::IdempotencyKeyMissing, Kind::IdempotencyKeyInUse, Kind::IdempotencyKeyReused],
        ),
    ];
    let by_rule = rules.iter().filter(|(applies, _)| *applies).flat_map(|(_, kinds)| *kinds);
    let own = declared.iter().copied().flatten().filter(|(id, _)| operation["operationId"] == *id).flat_map(|(_, kinds)| *kinds);
    ALWAYS.iter().chain(by_rule).chain(own).copied().collect()
}

fn response(status: u16, kinds: &[Kind]) -> Value {
    let descriptions: Vec<String> = kinds.iter().map(|kind| format!("{}: `{}`", kind.title(), kind.uri())).collect();
    let mut response = json!({
        "description": descriptions.join("; "),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    let header = match status {
        401 => Some("WWW-Authenticate"),
        503 => Some("Retry-After"),
        _ => None,
    };
    if let Some(header) = header {
        response["headers"] = json!({header: {"required": true, "schema": {"type": "string"}}});
    }
    response
}
