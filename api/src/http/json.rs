//! Parses JSON and reports repeated members of objects.
//!
//! Parsers differ in which of two members with one name they take (RFC 8259, section 4), so the sender and the server might read
//! different values.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::http::problem::FieldErrors;
use crate::http::schema::child;

/// Parses a document in one pass. A repeated member is added to `errors`.
///
/// # Errors
/// When the bytes are not one JSON document.
pub(crate) fn parse(json: &[u8], errors: &mut FieldErrors) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = Node { place: &Place::Root, errors }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// The place of a value. Its pointer is made only for an error.
enum Place<'a> {
    Root,
    Member(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl Place<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Member(parent, name) => child(&parent.pointer(), name),
            Self::Item(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }
}

/// A value that is to be parsed.
struct Node<'p, 'e> {
    place: &'p Place<'p>,
    errors: &'e mut FieldErrors,
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! scalars {
    ($($visit:ident $kind:ty;)+) => {$(
        fn $visit<E>(self, value: $kind) -> Result<Value, E> {
            Ok(value.into())
        }
    )+};
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    scalars! {
        visit_bool bool;
        visit_i64 i64;
        visit_u64 u64;
        visit_f64 f64;
        visit_str &str;
        visit_string String;
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) =
            items.next_element_seed(Node { place: &Place::Item(self.place, values.len()), errors: self.errors })?
        {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let place = Place::Member(self.place, &name);
            if values.contains_key(&name) && !self.errors.is_full() {
                self.errors.add(place.pointer(), "must not be repeated");
            }
            let value = members.next_value_seed(Node { place: &place, errors: self.errors })?;
            values.insert(name, value);
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated(json: &str) -> Vec<String> {
        let mut errors = FieldErrors::default();
        parse(json.as_bytes(), &mut errors).unwrap();
        errors.into_vec().into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn a_document_without_repeated_members_is_parsed_as_by_the_library() {
        for json in [
            "null",
            "true",
            "-1",
            "18446744073709551615",
            "1e2",
            r#""a\u00e9\ud83d\ude00""#,
            "[]",
            r#"[1, [2.5], {"b": null, "a": [{}]}]"#,
            r#"{"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 1}]}"#,
        ] {
            let mut errors = FieldErrors::default();
            assert_eq!(parse(json.as_bytes(), &mut errors).unwrap(), serde_json::from_str::<Value>(json).unwrap());
            assert!(errors.is_empty(), "{json}");
        }
    }

    #[test]
    fn what_is_not_one_document_is_refused() {
        for json in ["", "{", "{}x", "[1,]", "1e999", "{1: 2}", "\"\\ud800\"", &"[".repeat(100_000)] {
            assert!(parse(json.as_bytes(), &mut FieldErrors::default()).is_err(), "{json}");
        }
    }

    #[test]
    fn a_repeated_member_is_reported_with_its_pointer_at_any_depth() {
        assert_eq!(repeated(r#"{"a": 1, "a": 1}"#), ["/a"]);
        assert_eq!(repeated(r#"{"a": 1, "\u0061": 7, "b": 2}"#), ["/a"]);
        assert_eq!(repeated(r#"{"a/~": [0, {"b": {"c": 1, "c": {"d": 1, "d": 2}}}]}"#), ["/a~1~0/1/b/c", "/a~1~0/1/b/c/d"]);
    }

    #[test]
    fn the_number_of_reports_does_not_grow_with_the_document() {
        assert_eq!(repeated(&format!("{{{}\"a\": 1}}", "\"a\": 1,".repeat(10_000))).len(), FieldErrors::MAX);
    }
}
