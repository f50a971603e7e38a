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
fn every_operation_has_a_name_a_summary_a_description_and_one_group() {
    let mut names = BTreeSet::new();
    for operation in Document::committed().operations() {
        let (label, spec) = (operation.label(), operation.spec);
        let name = spec["operationId"].as_str().unwrap_or_else(|| panic!("{label} has no name"));
        assert!(
            name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric()),
            "{label}: {name}"
        );
        assert!(names.insert(name), "{label}: {name} is taken");
        for text in ["summary", "description"] {
            assert!(spec[text].as_str().is_some_and(|text| !text.is_empty()), "{label} has no {text}");
        }
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
        for status in operation.spec["responses"].as_object().unwrap().keys().filter(|status| status.as_str() >= "400") {
            let response = operation.response(status);
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
        assert!(
            !operation.takes("If-Match") || documents("412") && documents("428"),
            "{} does not document 412 and 428",
            operation.label()
        );
        assert!(
            !operation.takes("Idempotency-Key") || documents("409") && documents("422"),
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

/// Bytes of the committed document for each operation, at most.
const BYTES_AN_OPERATION: usize = 4200;

#[test]
fn the_document_is_lean() {
    let bytes = std::fs::metadata(Document::path()).unwrap().len();
    let (bytes, operations) = (usize::try_from(bytes).unwrap(), Document::committed().operations().count());
    assert!(bytes <= operations * BYTES_AN_OPERATION, "{} bytes an operation", bytes / operations);
}

#[test]
fn every_response_names_its_request_and_headers_have_their_types() {
    let document = Document::committed();
    let typed = |name: &str, ty: &str| {
        let header = &document.json()["components"]["headers"][name];
        assert_eq!(header["schema"]["type"], ty, "{name}");
    };
    typed("XRequestId", "string");
    typed("RetryAfter", "integer");
    typed("IdempotentReplayed", "boolean");
    for operation in document.operations() {
        for status in operation.spec["responses"].as_object().unwrap().keys() {
            let header = &operation.response(status)["headers"]["X-Request-Id"];
            assert!(document.resolve(header)["schema"].is_object(), "{} {status}", operation.label());
        }
        for name in ["X-Request-Id", "Retry-After", "Idempotent-Replayed", "ETag"] {
            let headers = operation.spec["responses"]
                .as_object()
                .unwrap()
                .keys()
                .map(|status| &operation.response(status)["headers"][name]);
            assert!(headers.filter(|header| !header.is_null()).all(|header| header["$ref"].is_string()), "{name} is inline");
        }
    }
}

#[test]
fn security_is_said_of_every_operation_and_an_absent_one_is_empty() {
    for operation in Document::committed().operations() {
        assert!(operation.spec["security"].is_array(), "{}", operation.label());
    }
}

#[test]
fn webhooks_have_a_group_of_their_own() {
    let webhooks = Document::committed().operations().filter(|operation| operation.template.contains("webhooks"));
    assert!(webhooks.map(|operation| assert_eq!(texts(&operation.spec["tags"]), ["Webhooks"])).count() > 0);
}
