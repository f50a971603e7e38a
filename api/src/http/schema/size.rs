//! The size of the JSON that a schema allows.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use serde_json::Value;

/// Bytes of a character as two escaped UTF-16 units.
const ESCAPED: usize = 12;
/// Bytes of the longest number, and of `false` and `null`.
const SCALAR: usize = 24;
/// Bytes around a member or an item: quotes, colon, comma, and a line break with its indentation.
const AROUND: usize = 16;
/// The depth at which schemas that contain themselves end.
const MAX_DEPTH: usize = 8;

/// The size of the largest value that fits a schema, in bytes, with every character of its texts escaped. Parts without a maximum
/// length count as empty.
pub(crate) fn max_size(registry: &Registry, schema: &MetaSchemaRef) -> usize {
    size(registry, schema, MAX_DEPTH)
}

fn size(registry: &Registry, schema: &MetaSchemaRef, depth: usize) -> usize {
    let schema = match schema {
        MetaSchemaRef::Inline(schema) => Some(&**schema),
        MetaSchemaRef::Reference(name) => registry.schemas.get(name),
    };
    let (Some(schema), Some(depth)) = (schema, depth.checked_sub(1)) else { return 0 };
    let parts: usize = schema.all_of.iter().map(|part| size(registry, part, depth)).sum();
    let own = match schema.ty {
        "string" => ESCAPED.saturating_mul(characters(schema)),
        "object" => {
            schema.properties.iter().map(|(name, value)| AROUND + ESCAPED * name.len() + size(registry, value, depth)).sum()
        }
        "array" => {
            let item = schema.items.as_ref().map_or(0, |item| AROUND + size(registry, item, depth));
            schema.max_items.unwrap_or(0).saturating_mul(item)
        }
        _ => SCALAR,
    };
    own.saturating_add(parts)
}

/// The maximum number of characters of a text.
fn characters(schema: &MetaSchema) -> usize {
    let longest = schema.enum_items.iter().filter_map(Value::as_str).map(|item| item.chars().count()).max();
    schema.max_length.or(longest).unwrap_or(0)
}
