//! What holds for every operation of the contract.

use std::collections::BTreeSet;

use poem_openapi::registry::MetaSchemaRef;
use serde_json::{Map, Value};

use super::errors;
use crate::http::document::{CLOSED, operations, pascal_case, references};
use crate::{DECLARED, document, schemas};

fn parsed() -> Value {
    serde_json::from_str(&document()).unwrap()
}

fn each(check: impl Fn(&str, &Map<String, Value>)) {
    let mut document = parsed();
    let mut count = 0;
    for operation in operations(&mut document) {
        let id = operation.id().to_owned();
        check(&id, operation.description);
        count += 1;
    }
    assert!(count > 40, "only {count} operations");
}

#[test]
fn every_operation_has_a_name_a_group_and_a_summary() {
    let names = std::cell::RefCell::new(BTreeSet::new());
    each(|name, description| {
        assert!(name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
        assert!(names.borrow_mut().insert(name.to_owned()), "{name} is there twice");
        assert_eq!(description["tags"].as_array().map(Vec::len), Some(1), "{name}");
        assert!(description["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}");
    });
    let names = names.into_inner();
    let problems = DECLARED.problems.iter().copied().flatten().map(|(operation, _)| operation);
    let raw = DECLARED.raw_bodies.iter().map(|(operation, _)| operation);
    let limits = DECLARED.limits.iter().copied().flatten().map(|(operation, _)| operation);
    for operation in problems.chain(raw).chain(limits) {
        assert!(names.contains(*operation), "something is declared for {operation}, which is no operation");
    }
}

#[test]
fn problems_follow_from_what_an_operation_asks_for() {
    let document = parsed();
    let statuses = |path: &str, method: &str| -> Vec<u16> {
        let responses = document["paths"][path][method]["responses"].as_object().unwrap();
        responses.keys().map(|status| status.parse().unwrap()).collect()
    };
    assert_eq!(statuses("/health/live", "get"), [200, 400, 431, 500, 503]);
    assert_eq!(statuses("/v1/characters/{name}", "get"), [200, 304, 400, 404, 429, 431, 500, 503]);
    assert_eq!(statuses("/v1/coins/spend", "post"), [201, 400, 401, 402, 403, 408, 409, 413, 415, 422, 429, 431, 500, 503]);
    assert_eq!(
        statuses("/v1/admin/generation-settings", "put"),
        [200, 400, 401, 403, 408, 412, 413, 415, 428, 429, 431, 500, 503]
    );
}

#[test]
fn every_reference_leads_somewhere_and_no_component_is_unused() {
    let document = parsed();
    let text = document.to_string();
    let used: BTreeSet<&str> = text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(used.iter().all(|pointer| document.pointer(pointer).is_some()), "{used:?}");
    for section in ["headers", "parameters", "responses", "schemas"] {
        for name in document["components"][section].as_object().unwrap().keys() {
            assert!(used.contains(&&*format!("/components/{section}/{name}")), "{section} {name}");
        }
    }
}

#[test]
fn requests_have_the_name_of_their_operation_and_are_closed_and_have_an_example_that_is_accepted() {
    let document = parsed();
    let schemas = schemas();
    each(|path, description| {
        let Some(body) = description.get("requestBody").filter(|body| body["content"].get("application/json").is_some()) else {
            return;
        };
        let id = description["operationId"].as_str().unwrap();
        let mut names = BTreeSet::new();
        references(body, &mut names);
        let names: Vec<_> = names.into_iter().collect();
        let [name] = &names[..] else { panic!("{path} has the bodies {names:?}") };
        assert_eq!(*name, pascal_case(id), "the body of {id}");
        let schema = &document["components"]["schemas"][name];
        let raw = DECLARED.raw_bodies.iter().any(|(raw, _)| *raw == id);
        assert_eq!(schema["additionalProperties"], raw, "{name}");
        let reference = MetaSchemaRef::Reference(name.clone());
        assert_eq!(errors(&schemas, &reference, &schema["example"]), [], "{name}");
    });
}

#[test]
fn a_body_may_be_absent_only_if_each_of_its_fields_has_a_default() {
    let mut document = parsed();
    let bodies = operations(&mut document).filter_map(|operation| {
        let body = operation.description.get("requestBody")?;
        Some((operation.id().to_owned(), body["required"] == true))
    });
    let optional: Vec<String> = bodies.filter(|(_, required)| !required).map(|(id, _)| id).collect();
    assert_eq!(optional, ["cancelSubscription"]);
}

#[test]
fn the_document_states_a_maximum_size_that_holds_the_longest_texts() {
    let document = parsed();
    let body = |path: &str, method: &str| document["paths"][path][method]["requestBody"]["description"].clone();
    // Six texts of 20,000 characters, each of which is 12 bytes when it is escaped.
    assert_eq!(body("/v1/me/characters", "post"), "At most 1472 KiB.");
    assert_eq!(body("/v1/auth/login", "post"), Value::Null);
}

/// Swagger UI starts with a script that replaces the samples of the document, so it must know them.
#[test]
fn the_script_of_swagger_ui_knows_the_samples_of_the_document() {
    let (document, script) = (parsed(), include_str!("../http/start.js"));
    let example = |name: &str| document["components"]["schemas"][name]["example"].as_str().unwrap().to_owned();
    assert!(script.contains(&format!("const ID = '{}';", example("Ulid"))));
    assert!(script.contains(&format!("const KEY = '{}';", example("IdempotencyKey"))));
    assert!(document["components"]["securitySchemes"]["bearer"].is_object() && script.contains("{ bearer: { name:"));
    assert_eq!(example("IfMatch"), "*");
    let refresh = &document["components"]["schemas"]["RefreshTokens"]["example"]["refresh_token"];
    assert!(refresh.as_str().unwrap().starts_with(&example("Ulid")));
}

/// Every object of a document, with its place.
fn objects<'a>(value: &'a Value, at: &str, found: &mut Vec<(String, &'a Map<String, Value>)>) {
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| objects(item, &format!("{at}/{index}"), found)),
        Value::Object(members) => {
            found.push((at.to_owned(), members));
            let others = members.iter().filter(|(name, _)| !["example", "enum"].contains(&&***name));
            others.for_each(|(name, member)| objects(member, &format!("{at}/{name}"), found));
        }
        _ => {}
    }
}

/// Generators make fields with a default required, and a type of its own of every schema that stands inline.
#[test]
fn schemas_have_no_default_and_one_name_for_each_kind_of_text() {
    let document = parsed();
    let mut found = Vec::new();
    objects(&document, "", &mut found);
    for (at, object) in found {
        assert!(!object.contains_key("default") || at.ends_with("/properties"), "{at}");
        let is_ulid = object.get("format").is_some_and(|format| format == "ulid");
        assert!(!is_ulid || at == "/components/schemas/Ulid", "{at}");
        if let Some(cursor) = object.get("next_cursor").filter(|_| at.ends_with("/properties")) {
            assert!(cursor.to_string().contains("/components/schemas/Cursor"), "{at}");
        }
        let header = object.get("name").filter(|name| ["Idempotency-Key", "If-Match"].iter().any(|header| *name == header));
        assert!(header.is_none() || at.starts_with("/components/parameters/"), "{at}");
    }
}

#[test]
fn an_absent_field_is_said_in_words() {
    let document = parsed();
    let described = |pointer: &str| document.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"))["description"].clone();
    assert_eq!(described("/components/parameters/Limit"), "Maximum number of items on the page. `20` if absent.");
    assert_eq!(described("/components/schemas/CreateMessage/properties/role"), "`user` if absent.");
    assert_eq!(described("/components/schemas/CreateOwnCharacter/properties/tags"), "Tags. Empty if absent.");
}

#[test]
fn enumerations_have_constants_that_differ_and_say_whether_they_are_open() {
    let document = parsed();
    let (mut constants, mut enumerations) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::new();
    objects(&document, "", &mut found);
    for (at, schema) in found.into_iter().filter(|(_, object)| object.get("enum").is_some_and(Value::is_array)) {
        let name = at.strip_prefix("/components/schemas/").unwrap_or_else(|| panic!("{at} is inline"));
        assert!(enumerations.insert(name.to_owned()) && !name.contains('/'), "{at} is inline");
        let names: Vec<&str> = schema["x-enum-varnames"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(names.len(), schema["enum"].as_array().unwrap().len(), "{name}");
        assert!(names.into_iter().all(|constant| constants.insert(constant.to_owned())), "{name} has a constant of another");
        let (text, open) = (schema["description"].as_str().unwrap(), schema.contains_key("x-ms-enum"));
        assert!(text.contains(if open { "\n\nOpen: " } else { "\n\nClosed: " }), "{name}: {text}");
        assert_eq!(!open, CLOSED.contains(&name), "{name}");
    }
    assert!(CLOSED.iter().all(|closed| enumerations.contains(*closed)), "{enumerations:?}");
    assert!(enumerations.contains("ProblemType"));
}

/// Types that the languages of clients have, so that a generated one hides them or does not compile.
const TAKEN: &str = "Action Any Array Boolean Box Character Class Data Date Decimal Double Enum Error Event Exception File Float Function \
                     Index Int Integer Iterator List Long Map Module Never None Number Object Option Optional Package Page Process \
                     Promise Range Record Request Response Result Self Set Short Some String Symbol System Task Thread Type Unit Vec Void";

#[test]
fn no_schema_has_the_name_of_a_type_of_a_common_language() {
    let document = parsed();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let taken: Vec<&str> = TAKEN.split_whitespace().filter(|name| schemas.contains_key(*name)).collect();
    assert_eq!(taken, [""; 0]);
}

#[test]
fn the_document_is_always_the_same_and_has_no_redundant_keywords() {
    let text = document();
    assert_eq!(text, document());
    for redundant in ["charset", "\"deprecated\": false", "\"explode\"", "maximum\": 100.0", "[`"] {
        assert!(!text.contains(redundant), "{redundant}");
    }
}

#[test]
fn every_schema_has_a_type_and_a_description() {
    let document = parsed();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(schema["type"].is_string(), "{name}: {schema}");
        assert_ne!(schema["title"], **name, "{name}");
        assert!(schema["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
}
