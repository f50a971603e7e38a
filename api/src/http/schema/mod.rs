//! Checks values against the published schemas.
//!
//! The bounds of a request are declared once, in the attributes of its type; poem-openapi publishes them and this module enforces
//! them. It reports the first errors together, each with a pointer to its value. An unknown member of an object is an error.

mod size;
#[cfg(test)]
mod tests;

use std::str::FromStr;
use std::sync::Arc;

use domain::ids::ChatId;
use domain::text;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use serde_json::{Map, Value};

use crate::http::problem::FieldErrors;

pub(crate) use size::max_size;

/// The published schemas, shared by all operations.
pub(crate) type Schemas = Arc<Registry>;

/// Adds the errors in a value whose pointer is `pointer`.
pub(crate) fn check(registry: &Registry, schema: &MetaSchemaRef, value: &Value, pointer: &str, errors: &mut FieldErrors) {
    Check { registry, errors }.value(schema, value, pointer);
}

/// Adds the errors in a parameter, which is text whatever its type is.
pub(crate) fn check_parameter(registry: &Registry, schema: &MetaSchemaRef, text: &str, pointer: &str, errors: &mut FieldErrors) {
    match schema {
        // Most parameters are plain text, which is checked without a copy.
        MetaSchemaRef::Inline(schema) if schema.ty == "string" && schema.enum_items.is_empty() && schema.all_of.is_empty() => {
            Check { registry, errors }.string(schema, text, pointer);
        }
        MetaSchemaRef::Inline(inline) if inline.ty == "integer" => {
            let value = text.parse::<i64>().map_or_else(|_| text.into(), Value::from);
            check(registry, schema, &value, pointer, errors);
        }
        MetaSchemaRef::Inline(inline) if inline.ty == "boolean" => {
            let value = text.parse::<bool>().map_or_else(|_| text.into(), Value::from);
            check(registry, schema, &value, pointer, errors);
        }
        _ => check(registry, schema, &text.into(), pointer, errors),
    }
}

struct Check<'a> {
    registry: &'a Registry,
    errors: &'a mut FieldErrors,
}

impl Check<'_> {
    fn error(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.errors.add(pointer, detail);
    }

    fn value(&mut self, schema: &MetaSchemaRef, value: &Value, at: &str) {
        let schema = match schema {
            MetaSchemaRef::Inline(schema) => schema,
            MetaSchemaRef::Reference(name) => match self.registry.schemas.get(name) {
                Some(schema) => schema,
                None => return,
            },
        };
        if value.is_null() && schema.nullable {
            return;
        }
        for part in &schema.all_of {
            self.value(part, value, at);
        }
        match (schema.ty, value) {
            ("object", Value::Object(members)) => self.object(schema, members, at),
            ("array", Value::Array(items)) => self.array(schema, items, at),
            ("string", Value::String(text)) => self.string(schema, text, at),
            ("integer" | "number", Value::Number(_)) => self.number(schema, value, at),
            ("boolean", Value::Bool(_)) | ("", _) => {}
            (expected, _) => return self.error(at, format!("must be {}", with_article(expected))),
        }
        if !schema.enum_items.is_empty() && !schema.enum_items.contains(value) {
            let choices: Vec<&str> = schema.enum_items.iter().filter_map(Value::as_str).collect();
            self.error(at, format!("must be one of {}", choices.join(", ")));
        }
    }

    fn object(&mut self, schema: &MetaSchema, members: &Map<String, Value>, at: &str) {
        if let Some(min) = schema.min_properties.filter(|&min| members.len() < min) {
            self.error(at, format!("must have at least {min} of its fields"));
        }
        for name in schema.required.iter().filter(|name| !members.contains_key(**name)) {
            self.error(child(at, name), "is required");
        }
        for (name, value) in members {
            if self.errors.is_full() {
                return;
            }
            match schema.properties.iter().find(|(known, _)| known == name) {
                Some((_, schema)) => self.value(schema, value, &child(at, name)),
                None if schema.additional_properties.is_some() => {}
                None => self.error(child(at, name), "is not a known field"),
            }
        }
    }

    fn array(&mut self, schema: &MetaSchema, items: &[Value], at: &str) {
        let (min, max) = (schema.min_items.unwrap_or(0), schema.max_items.unwrap_or(usize::MAX));
        if items.len() < min {
            self.error(at, format!("must have at least {min} {}", if min == 1 { "item" } else { "items" }));
        }
        if items.len() > max {
            return self.error(at, format!("must have at most {max} items"));
        }
        for (schema, (index, item)) in
            schema.items.iter().flat_map(|schema| items.iter().enumerate().map(move |item| (schema, item)))
        {
            self.value(schema, item, &format!("{at}/{index}"));
        }
    }

    fn string(&mut self, schema: &MetaSchema, text: &str, at: &str) {
        let length = text.chars().count();
        if let Some(min) = schema.min_length.filter(|&min| length < min) {
            self.error(at, format!("must have at least {min} characters"));
        } else if let Some(max) = schema.max_length.filter(|&max| length > max) {
            self.error(at, format!("must have at most {max} characters"));
        } else if let Some(reason) = format_error(schema, text) {
            self.error(at, reason);
        }
    }

    fn number(&mut self, schema: &MetaSchema, value: &Value, at: &str) {
        if schema.ty == "integer" && !value.is_i64() {
            return self.error(at, "must be an integer");
        }
        if schema.format == Some("int32") && value.as_i64().is_some_and(|number| i32::try_from(number).is_err()) {
            return self.error(at, "must be an integer of 32 bits");
        }
        let number = value.as_f64().unwrap_or(f64::NAN);
        if let Some(min) = schema.minimum.filter(|&min| number < min) {
            self.error(at, format!("must be at least {min}"));
        }
        if let Some(max) = schema.maximum.filter(|&max| number > max) {
            self.error(at, format!("must be at most {max}"));
        }
    }
}

/// The error of a text that does not have the format of its schema. The domain defines the formats.
fn format_error(schema: &MetaSchema, text: &str) -> Option<String> {
    let (min, max) = (schema.min_length.unwrap_or(0), schema.max_length.unwrap_or(usize::MAX));
    let refusal = match schema.format? {
        "ulid" => ChatId::from_str(text).err(),
        "line" => text::line(text, min, max).err(),
        "prose" => text::prose(text, min, max).err(),
        _ => None,
    };
    refusal.map(|reason| reason.to_string())
}

/// The pointer to a member of an object (RFC 6901).
pub(crate) fn child(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}
