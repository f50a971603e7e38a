//! Tests of the harness: a value that does not fit its schema is reported.

use harness::Schema;
use serde_json::{Value, json};

#[test]
fn what_is_missing_unknown_or_of_another_kind_is_found_where_it_is() {
    let item = json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "n": {"type": "integer"}}});
    let document = json!({"item": item, "list": {"type": "array", "items": {"$ref": "#/item"}}});
    let violations = |value: Value| Schema::new(&document, &document["list"]).violations(&value);
    assert_eq!(violations(json!([{"id": "a", "n": 1}, {"id": "b"}])), [""; 0]);
    assert_eq!(violations(json!([{"id": "a"}, {"n": 1}])), ["/1/id is missing"]);
    assert_eq!(violations(json!([{"id": "a", "secret": 1}])), ["/0/secret is not documented"]);
    assert_eq!(violations(json!([{"id": null, "n": 1.5}])).len(), 2);
}
