//! What operations share stands once, among the components: headers, and parameters that several operations have.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{operations, pascal_case, reference};

/// Moves shared headers and parameters to the components.
pub(super) fn share(document: &mut Value) {
    let mut headers = Map::new();
    let mut responses: Vec<&mut Value> = Vec::new();
    let mut components = document["components"].take();
    for operation in operations(document) {
        responses.extend(operation.description["responses"].as_object_mut().into_iter().flatten().map(|(_, response)| response));
    }
    responses.extend(components["responses"].as_object_mut().into_iter().flatten().map(|(_, response)| response));
    for (name, header) in responses.into_iter().filter_map(|response| response.get_mut("headers")?.as_object_mut()).flatten() {
        move_to("headers", &mut headers, name, header);
    }
    components["headers"] = Value::Object(headers);
    components["parameters"] = Value::Object(share_parameters(document));
    document["components"] = components;
}

fn share_parameters(document: &mut Value) -> Map<String, Value> {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for parameter in operations(document).flat_map(|operation| parameters(operation.description)) {
        *uses.entry(parameter.to_string()).or_default() += 1;
    }
    let mut shared = Map::new();
    for parameter in operations(document).flat_map(|operation| parameters(operation.description)) {
        if uses[&parameter.to_string()] > 1 {
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            move_to("parameters", &mut shared, &name, parameter);
        }
    }
    shared
}

fn parameters(operation: &mut Map<String, Value>) -> impl Iterator<Item = &mut Value> {
    operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten()
}

/// Replaces a value by a reference to it. Another value of the same name stays where it is.
fn move_to(section: &str, components: &mut Map<String, Value>, name: &str, value: &mut Value) {
    let name = pascal_case(name);
    if components.get(&name).is_none_or(|known| known == value) {
        let full = std::mem::replace(value, reference(section, &name));
        components.insert(name, full);
    }
}
