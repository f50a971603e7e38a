//! The OpenAPI document: committed as generated, and complete for client generators.

use std::collections::BTreeSet;

use harness::{Document, Settings, program};
use serde_json::Value;

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn the_committed_document_is_the_one_that_the_program_prints() {
    let printed = program::run(&["openapi"], Settings::new()).succeed();
    let committed = std::fs::read_to_string(Document::path()).unwrap();
    assert!(printed.trim_end() == committed.trim_end(), "run `atelier openapi > openapi.json` in the root of the repository");
}

#[test]
fn every_operation_has_a_name_a_summary_and_one_group() {
    let mut names = BTreeSet::new();
    for operation in Document::committed().operations() {
        let (label, spec) = (operation.label(), operation.spec);
        let name = spec["operationId"].as_str().unwrap_or_else(|| panic!("{label} has no name"));
        assert!(
            name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric()),
            "{label}: {name}"
        );
        assert!(names.insert(name), "{label}: {name} is taken");
        assert!(spec["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{label} has no summary");
        assert_eq!(texts(&spec["tags"]).len(), 1, "{label} does not have exactly one group");
    }
    assert!(names.len() > 30, "{names:?}");
}

#[test]
fn every_group_is_described() {
    let document = Document::committed();
    let described: BTreeSet<&str> =
        document.json()["tags"].as_array().unwrap().iter().filter_map(|tag| tag["name"].as_str()).collect();
    for operation in document.operations() {
        assert!(texts(&operation.spec["tags"]).iter().all(|tag| described.contains(tag)), "{}", operation.label());
    }
}

#[test]
fn every_error_is_a_problem_document() {
    for operation in Document::committed().operations() {
        for (status, response) in
            operation.spec["responses"].as_object().unwrap().iter().filter(|(status, _)| status.as_str() >= "400")
        {
            let media_types: Vec<&String> = response["content"].as_object().into_iter().flatten().map(|(name, _)| name).collect();
            assert_eq!(media_types, ["application/problem+json"], "{} {status}", operation.label());
        }
    }
}

#[test]
fn every_operation_that_reads_input_may_find_it_faulty_and_every_guarded_one_may_refuse() {
    for operation in Document::committed().operations() {
        let documents = |status: &str| operation.spec["responses"].get(status).is_some();
        let reads = operation.spec.get("requestBody").is_some()
            || operation.spec["parameters"].as_array().is_some_and(|all| !all.is_empty());
        assert!(!reads || documents("400"), "{} does not document 400", operation.label());
        assert!(operation.security().is_empty() || documents("401"), "{} does not document 401", operation.label());
        let wants =
            |name: &str| operation.spec["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["name"] == name);
        assert!(
            !wants("If-Match") || documents("412") && documents("428"),
            "{} does not document 412 and 428",
            operation.label()
        );
        assert!(
            !wants("Idempotency-Key") || documents("409") && documents("422"),
            "{} does not document 409 and 422",
            operation.label()
        );
    }
}

#[test]
fn media_types_are_written_without_parameters() {
    let text = Document::committed().json().to_string();
    assert!(!text.contains("charset"));
    assert!(text.contains("\"openapi\":\"3.0"));
}

#[test]
fn every_reference_is_resolvable() {
    let document = Document::committed().json();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}
