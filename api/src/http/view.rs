//! Schemas of the domain's types, for the document and for the checks of requests.
//!
//! The domain derives them by schemars; this module converts them to what poem-openapi registers. A member that may be absent is
//! optional and never `null`. Bounds of requests are left to the models of the requests.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The reference to the schema of a type.
pub(crate) fn reference<T: JsonSchema>() -> MetaSchemaRef {
    MetaSchemaRef::Reference(T::schema_name().into_owned())
}

/// Registers the schemas of a type and of its parts. A schema that is registered already stays.
pub(crate) fn register<T: JsonSchema>(registry: &mut Registry) {
    let mut generator = SchemaSettings::openapi3().for_serialize().into_generator();
    generator.subschema_for::<T>();
    for (name, schema) in generator.take_definitions(true) {
        let schema = component(schema);
        registry.schemas.entry(name).or_insert(schema);
    }
}

/// The schema of a named type.
fn component(schema: Value) -> MetaSchema {
    serde_json::from_value::<Derived>(schema).map_or(MetaSchema::ANY, Derived::into_schema)
}

/// A schema as schemars derives it, with every keyword that the domain's types have.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Derived {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "type")]
    ty: String,
    format: Option<String>,
    description: Option<String>,
    example: Option<Value>,
    #[serde(rename = "enum")]
    enum_items: Vec<Value>,
    pattern: Option<String>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    /// Zero, of unsigned integers; not published.
    #[serde(rename = "minimum")]
    _minimum: Option<f64>,
    items: Option<Box<Self>>,
    min_items: Option<usize>,
    max_items: Option<usize>,
    properties: BTreeMap<String, Self>,
    required: Vec<String>,
    /// A reference with a description beside it.
    all_of: Vec<Self>,
    /// An optional reference.
    any_of: Vec<Self>,
    /// The variants of an enumeration, each with its description.
    one_of: Vec<Self>,
    /// Of optional members; not published, because absent members are omitted.
    #[serde(rename = "nullable")]
    _nullable: bool,
}

impl Derived {
    fn into_ref(self) -> MetaSchemaRef {
        match self.target() {
            Some(name) => MetaSchemaRef::Reference(name.to_owned()),
            None => MetaSchemaRef::Inline(Box::new(self.into_schema())),
        }
    }

    /// The name of the type that this refers to.
    fn target(&self) -> Option<&str> {
        let own = self.reference.as_deref().and_then(|path| path.rsplit('/').next());
        own.or_else(|| self.all_of.iter().chain(&self.any_of).find_map(Self::target))
    }

    fn into_schema(mut self) -> MetaSchema {
        if !self.one_of.is_empty() {
            self = self.into_enumeration();
        }
        let properties = self.properties.into_iter().map(|(name, schema)| (interned(name), schema.into_ref()));
        MetaSchema {
            // JSON has signed integers only: generators know int32 and int64.
            format: self.format.map(|format| interned(format.replace("uint", "int"))),
            description: self.description.map(interned),
            example: self.example,
            enum_items: self.enum_items,
            pattern: self.pattern,
            min_length: self.min_length,
            max_length: self.max_length,
            items: self.items.map(|items| Box::new(items.into_ref())),
            min_items: self.min_items,
            max_items: self.max_items,
            properties: properties.collect(),
            required: self.required.into_iter().map(interned).collect(),
            ..MetaSchema::new(interned(self.ty))
        }
    }

    /// One `enum` for all variants; the description lists their meanings.
    fn into_enumeration(self) -> Self {
        let (mut meanings, mut enum_items) = (Vec::new(), Vec::new());
        for variant in self.one_of {
            let meaning = variant.description.unwrap_or_default().replace('\n', " ");
            for item in variant.enum_items {
                meanings.push(format!("- `{}`: {meaning}", item.as_str().unwrap_or_default()));
                enum_items.push(item);
            }
        }
        let description = format!("{}\n\n{}", self.description.unwrap_or_default(), meanings.join("\n"));
        Self { ty: "string".to_owned(), description: Some(description), enum_items, ..Self::default() }
    }
}

/// The text with a static lifetime, which poem-openapi requires. Each text is kept once, however many registries are built.
fn interned(text: String) -> &'static str {
    static TEXTS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = texts.get(&*text) {
        return known;
    }
    let text: &'static str = text.leak();
    texts.insert(text);
    text
}

/// An enumeration of the domain in a request.
#[derive(Clone, Copy, Default)]
pub(crate) struct Choice<T>(pub(crate) T);

impl<T: JsonSchema + Send + Sync> Type for Choice<T> {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_ref() -> MetaSchemaRef {
        reference::<T>()
    }

    fn register(registry: &mut Registry) {
        register::<T>(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(Some(self).into_iter())
    }
}

impl<T: JsonSchema + DeserializeOwned + Send + Sync> ParseFromJSON for Choice<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        serde_json::from_value(value.unwrap_or_default()).map(Self).map_err(ParseError::custom)
    }
}

impl<T: JsonSchema + DeserializeOwned + Send + Sync> ParseFromParameter for Choice<T> {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        Self::parse_from_json(Some(text.into()))
    }
}

impl<T: JsonSchema + Serialize + Send + Sync> ToJSON for Choice<T> {
    fn to_json(&self) -> Option<Value> {
        serde_json::to_value(&self.0).ok()
    }
}
