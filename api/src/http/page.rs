//! The shape of a list on the wire.

use std::borrow::Cow;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;

/// A page of `T`s, as the document shows it; the pages themselves are the domain's.
pub(crate) struct PageOf<T>(Vec<T>);

impl<T: Type> Type for PageOf<T> {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = T;

    fn name() -> Cow<'static, str> {
        format!("{}Page", T::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference(Self::name().into_owned())
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
        registry.create_schema::<Self, _>(Self::name().into_owned(), |_| schema(T::schema_ref()));
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a T> + 'a> {
        Box::new(self.0.iter())
    }
}

fn schema(items: MetaSchemaRef) -> MetaSchema {
    let items = MetaSchema { items: Some(Box::new(items)), ..MetaSchema::new("array") };
    let next_cursor = MetaSchema {
        description: Some("What to ask for as `cursor` to get the next page; absent on the last one."),
        ..MetaSchema::new("string")
    };
    MetaSchema {
        description: Some("A page of a list."),
        required: vec!["items"],
        properties: vec![
            ("items", MetaSchemaRef::Inline(Box::new(items))),
            ("next_cursor", MetaSchemaRef::Inline(Box::new(next_cursor))),
        ],
        ..MetaSchema::new("object")
    }
}
