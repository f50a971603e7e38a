//! Scalar types in requests.

/// Implements poem-openapi's `Type` for a scalar.
macro_rules! scalar {
    ($({$($bounds:tt)*})? $type:ty, $name:literal, required: $required:literal, $schema:expr) => {
        impl $(<$($bounds)*>)? ::poem_openapi::types::Type for $type {
            const IS_REQUIRED: bool = $required;

            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> ::std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn schema_ref() -> ::poem_openapi::registry::MetaSchemaRef {
                ::poem_openapi::registry::MetaSchemaRef::Inline(Box::new($schema))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(Some(self).into_iter())
            }
        }
    };
}

pub(crate) use scalar;
