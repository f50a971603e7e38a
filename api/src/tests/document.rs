//! What holds for every operation of the contract.

use std::collections::BTreeSet;

use poem_openapi::registry::MetaSchemaRef;
use serde_json::{Map, Value};

use super::errors;
use crate::http::document::{Operation, operations, references};
use crate::{DECLARED, document, schemas};

fn parsed() -> Value {
    serde_json::from_str(&document()).unwrap()
}

fn each(check: impl Fn(&str, &Map<String, Value>)) {
    let mut document = parsed();
    let mut count = 0;
    for Operation { path, description } in operations(&mut document) {
        check(path, description);
        count += 1;
    }
    assert!(count > 40, "only {count} operations");
}

#[test]
fn every_operation_has_a_name_a_group_and_a_summary() {
    let names = std::cell::RefCell::new(BTreeSet::new());
    each(|path, description| {
        let name = description["operationId"].as_str().unwrap_or_else(|| panic!("{path} has an operation without a name"));
        assert!(name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
        assert!(names.borrow_mut().insert(name.to_owned()), "{name} is there twice");
        assert_eq!(description["tags"].as_array().map(Vec::len), Some(1), "{name}");
        assert!(description["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}");
    });
    let names = names.into_inner();
    for (operation, _) in DECLARED.iter().copied().flatten() {
        assert!(names.contains(*operation), "problems are declared for {operation}, which is no operation");
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
    assert_eq!(statuses("/v1/characters/{name}", "get"), [200, 304, 400, 404, 431, 500, 503]);
    assert_eq!(statuses("/v1/coins/spend", "post"), [201, 400, 401, 402, 408, 409, 413, 415, 422, 431, 500, 503]);
    assert_eq!(statuses("/v1/admin/generation-settings", "put"), [200, 400, 401, 403, 408, 412, 413, 415, 428, 431, 500, 503]);
}

#[test]
fn every_reference_leads_somewhere() {
    let document = parsed();
    let mut names = BTreeSet::new();
    references(&document["paths"], &mut names);
    references(&document["components"], &mut names);
    assert!(names.iter().all(|name| document["components"]["schemas"][name].is_object()), "{names:?}");
}

#[test]
fn requests_are_closed_and_have_an_example_that_is_accepted() {
    let document = parsed();
    let schemas = schemas();
    each(|path, description| {
        let Some(body) = description.get("requestBody") else { return };
        let mut names = BTreeSet::new();
        references(body, &mut names);
        for name in names {
            let schema = &document["components"]["schemas"][&name];
            assert_eq!(schema["additionalProperties"], false, "{name} of {path}");
            let reference = MetaSchemaRef::Reference(name.clone());
            assert_eq!(errors(&schemas, &reference, &schema["example"]), [], "{name} of {path}");
        }
    });
}

#[test]
fn a_body_may_be_absent_only_if_each_of_its_fields_has_a_default() {
    let optional = std::cell::RefCell::new(Vec::new());
    each(|_, description| {
        if description.get("requestBody").is_some_and(|body| body["required"] == false) {
            optional.borrow_mut().push(description["operationId"].as_str().unwrap_or_default().to_owned());
        }
    });
    // The webhook's body is not read as JSON before its signature has been checked.
    assert_eq!(optional.into_inner(), ["receivePaymentEvent", "cancelSubscription"]);
}

#[test]
fn the_document_states_a_maximum_size_that_holds_the_longest_texts() {
    let document = parsed();
    let body = |path: &str, method: &str| document["paths"][path][method]["requestBody"]["description"].clone();
    // Six texts of 20,000 characters, each of which is 12 bytes when it is escaped.
    assert_eq!(body("/v1/me/characters", "post"), "At most 1472 KiB.");
    assert_eq!(body("/v1/auth/login", "post"), Value::Null);
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
        assert!(schema["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
}
