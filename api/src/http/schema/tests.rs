//! Checks of values against schemas.

use poem_openapi::types::Type;
use poem_openapi::{Enum, Object};
use serde_json::json;

use super::*;

#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum Colour {
    Red,
    Green,
}

#[derive(Object)]
struct Lamp {
    #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
    watts: i32,
    colour: Option<Colour>,
}

#[derive(Object)]
struct Room {
    #[oai(validator(min_length = 1, max_length = 5))]
    name: String,
    #[oai(nullable, validator(max_length = 5))]
    note: Option<String>,
    #[oai(default, validator(max_items = 2))]
    lamps: Vec<Lamp>,
}

fn room() -> Registry {
    let mut registry = Registry::new();
    Room::register(&mut registry);
    registry
}

fn pointers(value: &Value) -> Vec<String> {
    let mut errors = FieldErrors::default();
    check(&room(), &Room::schema_ref(), value, "", &mut errors);
    let mut pointers: Vec<_> = errors.into_vec().into_iter().map(|error| error.pointer).collect();
    pointers.sort_unstable();
    pointers
}

#[test]
fn a_value_that_fits_has_no_errors() {
    let full = json!({"name": "ëëëëë", "note": null, "lamps": [{"watts": 1, "colour": "red"}, {"watts": 100}]});
    assert!(pointers(&full).is_empty());
    assert!(pointers(&json!({"name": "x"})).is_empty());
}

#[test]
fn all_faults_are_found_at_once_where_they_are() {
    let wrong = json!({"note": 1, "a/b~": 1, "lamps": [{"watts": 0}, {"watts": 1.5, "colour": "blue"}]});
    assert_eq!(pointers(&wrong), ["/a~1b~0", "/lamps/0/watts", "/lamps/1/colour", "/lamps/1/watts", "/name", "/note"]);
}

#[test]
fn types_and_bounds_are_kept() {
    for (pointer, wrong) in [
        ("", json!([])),
        ("", json!("text")),
        ("", json!(null)),
        ("/name", json!({"name": ""})),
        ("/name", json!({"name": "123456"})),
        ("/name", json!({"name": null})),
        ("/lamps", json!({"name": "x", "lamps": null})),
        ("/lamps", json!({"name": "x", "lamps": [{}, {}, {}]})),
        ("/lamps/0/watts", json!({"name": "x", "lamps": [{"watts": 4_294_967_297_i64}]})),
        ("/lamps/0/watts", json!({"name": "x", "lamps": [{"watts": u64::MAX}]})),
        ("/lamps/0/watts", json!({"name": "x", "lamps": [{"watts": 1e300}]})),
        ("/lamps/0/watts", json!({"name": "x", "lamps": [{"watts": "1"}]})),
    ] {
        assert_eq!(pointers(&wrong), [pointer], "{wrong}");
    }
}

#[test]
fn the_number_of_errors_does_not_grow_with_the_value() {
    let unknown: Map<String, Value> = (0..10_000).map(|number| (format!("a{number}"), json!(0))).collect();
    assert_eq!(pointers(&unknown.into()).len(), FieldErrors::MAX);
}

#[test]
fn the_largest_value_of_a_schema_has_every_character_escaped() {
    let size = max_size(&room(), &Room::schema_ref());
    let text = r"\ud83d\ude00".repeat(5);
    let lamp = r#"{"watts": 100, "colour": "green"}"#;
    let largest = format!(r#"{{"name": "{text}", "note": "{text}", "lamps": [{lamp}, {lamp}]}}"#);
    assert!((largest.len()..4 * largest.len()).contains(&size), "{size} for {}", largest.len());
}

#[test]
fn a_list_or_text_without_a_bound_has_no_size() {
    let list = MetaSchema { items: Some(Box::new(Room::schema_ref())), ..MetaSchema::new("array") };
    assert_eq!(max_size(&room(), &MetaSchemaRef::Inline(Box::new(list))), 0);
    assert_eq!(max_size(&room(), &MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")))), 0);
}
