//! The bodies of requests.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{RawBody, operations, pascal_case, reference, references};

/// Describes the bodies that handlers receive unparsed. They are required.
pub(super) fn describe_raw(document: &mut Value, raw_bodies: &[RawBody]) {
    let mut described = Vec::new();
    for operation in operations(document) {
        let id = operation.id().to_owned();
        let Some(body) = operation.description.get_mut("requestBody") else { continue };
        if let Some((_, schema)) = raw_bodies.iter().find(|(raw, _)| *raw == id) {
            body["required"] = true.into();
            body["content"]["application/json"]["schema"] = reference("schemas", &pascal_case(&id));
            described.push((pascal_case(&id), schema()));
        }
    }
    for (name, schema) in described {
        document["components"]["schemas"][name] = schema;
    }
}

/// Unknown fields in a request are refused, so objects in requests have no additional properties unless they say otherwise.
pub(super) fn close(document: &mut Value) {
    let mut names = BTreeSet::new();
    for operation in operations(document) {
        operation.description.get("requestBody").into_iter().for_each(|body| references(body, &mut names));
    }
    let schemas = &mut document["components"]["schemas"];
    let mut closed = BTreeSet::new();
    while let Some(name) = names.pop_first() {
        let Some(schema) = schemas.get_mut(&name).filter(|_| closed.insert(name)) else { continue };
        references(schema, &mut names);
        let Some(schema) = schema.as_object_mut().filter(|schema| schema.get("type") == Some(&json!("object"))) else { continue };
        schema.entry("additionalProperties").or_insert(json!(false));
    }
}
