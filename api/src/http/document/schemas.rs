//! The schemas of the document: without what is redundant, without defaults, and with one name for each kind of text.

use serde_json::{Map, Value};

use super::reference;

/// Refines every schema of the document.
pub(super) fn refine(document: &mut Value) {
    let mut named = Map::new();
    walk(document, &mut named);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        for (name, schema) in schemas.iter_mut() {
            if schema["title"] == **name {
                schema.as_object_mut().map(|schema| schema.remove("title"));
            }
        }
        schemas.extend(named);
    }
}

fn walk(value: &mut Value, named: &mut Map<String, Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, named)),
        Value::Object(members) => {
            clean(members);
            default_in_words(members);
            describe_parameter(members);
            name_parameter(members, named);
            for (name, member) in members.iter_mut() {
                match (&**name, &mut *member) {
                    ("example" | "enum", _) => {}
                    ("properties", Value::Object(properties)) => walk_properties(properties, named),
                    _ => {
                        walk(member, named);
                        name_text(name, member, named);
                    }
                }
            }
            collapse(members);
        }
        _ => {}
    }
}

/// The names of properties are no keywords.
fn walk_properties(properties: &mut Map<String, Value>, named: &mut Map<String, Value>) {
    for (name, property) in properties.iter_mut() {
        walk(property, named);
        name_text(name, property, named);
    }
}

/// Removes redundant keywords, the second half of an `allOf` that repeats its parent beside a reference, and the fractions of whole
/// numbers.
fn clean(members: &mut Map<String, Value>) {
    members.retain(|name, value| !(name == "deprecated" && value == false || name == "explode" && value == true));
    if let Some(Value::Array(parts)) = members.get_mut("allOf") {
        parts.retain(|part| part.get("$ref").is_some());
    }
    for name in ["minimum", "maximum"] {
        members.get_mut(name).into_iter().for_each(whole);
    }
}

fn whole(number: &mut Value) {
    if let Some(whole) = number.as_f64().and_then(|number| number.to_string().parse::<i64>().ok()) {
        *number = whole.into();
    }
}

/// Generators make fields with a `default` required, so the description says what an absent field means.
fn default_in_words(schema: &mut Map<String, Value>) {
    let Some(default) = schema.remove("default") else { return };
    let absent = match &default {
        Value::String(text) if text.is_empty() => "Empty if absent.".to_owned(),
        Value::Array(items) if items.is_empty() => "Empty if absent.".to_owned(),
        Value::String(text) => format!("`{text}` if absent."),
        other => format!("`{other}` if absent."),
    };
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    schema.insert("description".to_owned(), format!("{description} {absent}").trim().into());
}

fn is_parameter(members: &Map<String, Value>) -> bool {
    members.contains_key("in") && members.contains_key("name") && members.contains_key("schema")
}

/// Moves the description of a parameter's schema to the parameter, where tools show it.
fn describe_parameter(members: &mut Map<String, Value>) {
    if !is_parameter(members) {
        return;
    }
    let Some(schema) = members.get_mut("schema").and_then(Value::as_object_mut) else { return };
    default_in_words(schema);
    if let Some(of_schema) = schema.remove("description") {
        let of_schema = of_schema.as_str().unwrap_or_default();
        let own = members.get("description").and_then(Value::as_str).unwrap_or_default();
        members.insert("description".to_owned(), format!("{own} {of_schema}").trim().into());
    }
}

/// Parameters whose text has a form of its own, and the names of their schemas.
const PARAMETERS: [(&str, &str, &str); 4] = [
    ("cursor", "Cursor", "A place in a list; opaque, and valid with the filters of its list only."),
    ("before", "Cursor", "A place in a list; opaque, and valid with the filters of its list only."),
    ("Idempotency-Key", "IdempotencyKey", "A name of a request, chosen by the client."),
    ("If-Match", "IfMatch", "`*`, or a list of entity tags."),
];

fn name_parameter(members: &mut Map<String, Value>, named: &mut Map<String, Value>) {
    if !is_parameter(members) {
        return;
    }
    let known = PARAMETERS.iter().find(|(parameter, _, _)| members["name"] == *parameter);
    if let Some(((_, name, description), schema)) = known.zip(members.get_mut("schema")) {
        keep(schema, name, description, named);
    }
}

/// Gives identifiers and cursors the one schema of their kind.
fn name_text(member: &str, schema: &mut Value, named: &mut Map<String, Value>) {
    let Some(members) = schema.as_object_mut().filter(|members| members.get("type") == Some(&"string".into())) else { return };
    let name = match (member, members.get("format").and_then(Value::as_str)) {
        ("next_cursor", _) => "Cursor",
        (_, Some("ulid")) => "Ulid",
        _ => return,
    };
    let description = members.remove("description").filter(|description| description != "Identifier.");
    if name == "Ulid" {
        keep(schema, name, "An identifier: a ULID (<https://github.com/ulid/spec>).", named);
    } else {
        *schema = reference("schemas", name);
    }
    if let Some(description) = description {
        let target = schema.take();
        schema["allOf"] = Value::Array(vec![target]);
        schema["description"] = description;
    }
}

/// Moves a schema to the named ones.
fn keep(schema: &mut Value, name: &str, description: &str, named: &mut Map<String, Value>) {
    let mut full = std::mem::replace(schema, reference("schemas", name));
    full["description"] = description.into();
    named.entry(name).or_insert(full);
}

/// A combination of one reference and nothing else is that reference.
fn collapse(members: &mut Map<String, Value>) {
    if members.len() == 1
        && let Some(Value::Array(parts)) = members.get_mut("allOf")
        && parts.len() == 1
        && let Some(Value::Object(only)) = parts.pop()
    {
        *members = only;
    }
}
