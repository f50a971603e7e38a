//! The problems that an operation may answer with: by rule, and as it declares beside its handler.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::operations::{add_rate_headers, request_id};
use super::{operations, reference};
use crate::http::problem::{Kind, MEDIA_TYPE};

/// The problems of every operation.
const ALWAYS: &[Kind] = &[Kind::ValidationFailed, Kind::HeadersTooLarge, Kind::Internal, Kind::Unavailable];

/// The problems that operations declare beside their handlers, by `operationId`: those that follow from no rule.
pub(crate) type Declared = &'static [(&'static str, &'static [Kind])];

/// Documents the problems of all operations, by status. Each set of problems is one component.
pub(super) fn add(document: &mut Value, declared: &[Declared]) {
    let mut components = Map::new();
    for operation in operations(document) {
        let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
        for kind in of(operation.template, operation.description, declared) {
            by_status.entry(kind.status().as_u16()).or_default().push(kind);
        }
        for (status, kinds) in by_status {
            let name = name(&kinds);
            operation.description["responses"][status.to_string()] = reference("responses", &name);
            components.entry(name).or_insert_with(|| response(status, &kinds));
        }
    }
    document["components"]["responses"] = Value::Object(components);
}

/// `InvalidCredentialsOrTokenExpired`
fn name(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| format!("{kind:?}")).collect::<Vec<_>>().join("Or")
}

fn of(path: &str, operation: &Map<String, Value>, declared: &[Declared]) -> Vec<Kind> {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let has = |member: &str, values: &[&str]| {
        let mut found = parameters.into_iter().flatten().filter_map(|parameter| parameter[member].as_str());
        found.any(|value| values.contains(&value))
    };
    let rules: [(bool, &[Kind]); 9] = [
        (path.starts_with("/v1/"), &[Kind::RateLimited]),
        (
            operation.contains_key("security"),
            &[Kind::InvalidCredentials, Kind::TokenExpired, Kind::TokenRevoked, Kind::AccountSuspended, Kind::Forbidden],
        ),
        (operation.contains_key("requestBody"), &[Kind::RequestTimeout, Kind::PayloadTooLarge, Kind::UnsupportedMediaType]),
        (operation["responses"].get("101").is_some(), &[Kind::UpgradeRequired, Kind::Forbidden]),
        (has("name", &["ticket"]), &[Kind::InvalidCredentials, Kind::TokenRevoked, Kind::AccountSuspended]),
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
        "content": {MEDIA_TYPE: {"schema": reference("schemas", "Problem")}},
        "headers": {"X-Request-Id": request_id()},
    });
    let retry_after = ("Retry-After", "integer", "Seconds to wait before the next attempt.");
    let header = match status {
        401 => Some(("WWW-Authenticate", "string", "The scheme to authenticate with (RFC 6750).")),
        426 => Some(("Upgrade", "string", "`websocket` (RFC 6455).")),
        429 | 503 => Some(retry_after),
        _ => None,
    };
    if let Some((name, ty, description)) = header {
        response["headers"][name] = json!({"required": true, "schema": {"type": ty}, "description": description});
    }
    if status == 429 {
        add_rate_headers(&mut response);
    }
    response
}
