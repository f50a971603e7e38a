//! The checks of the path and the query of a request against the description of its operation.

use std::borrow::Cow;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use poem_openapi::registry::{MetaOperationParam, MetaParamIn, MetaSchemaRef};
use url::form_urlencoded;

use crate::http::problem::FieldErrors;
use crate::http::schema::{Schemas, check_parameter, child};

/// The error of text that cannot be decoded.
pub(crate) const NOT_UTF8: &str = "must be UTF-8 within its percent-encoding";

/// A described parameter of a path or a query.
pub(crate) struct Parameter {
    /// Its name in the router or the query.
    pub(crate) name: String,
    /// Its pointer in errors.
    pub(crate) pointer: String,
    schema: MetaSchemaRef,
    schemas: Schemas,
}

impl Parameter {
    /// All parameters of an operation in the path or in the query.
    pub(crate) fn all(parent: &str, place: MetaParamIn, described: &[MetaOperationParam], schemas: &Schemas) -> Vec<Self> {
        let described = described.iter().filter(|described| described.in_type == place);
        let parameter = |described: &MetaOperationParam| Self {
            name: described.name.clone(),
            pointer: child(parent, &described.name),
            schema: described.schema.clone(),
            schemas: Arc::clone(schemas),
        };
        described.map(parameter).collect()
    }

    /// Adds the errors in its text.
    pub(crate) fn check(&self, text: &str, errors: &mut FieldErrors) {
        check_parameter(&self.schemas, &self.schema, text, &self.pointer, errors);
    }
}

/// The parameters of a query.
pub(crate) fn check_query(known: &[Parameter], query: Option<&str>, errors: &mut FieldErrors) -> Vec<(String, String)> {
    let Some(query) = query else { return Vec::new() };
    if percent_decode_str(query).decode_utf8().is_err() {
        errors.add("/query", NOT_UTF8);
    }
    check_pairs(known, form_urlencoded::parse(query.as_bytes()), errors)
}

/// The parameters among the pairs of a query. Each pair is read once, and none after the last error that is reported.
fn check_pairs<'q>(
    known: &[Parameter],
    pairs: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>,
    errors: &mut FieldErrors,
) -> Vec<(String, String)> {
    // Has each known name at most once.
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, text) in pairs {
        match known.iter().find(|parameter| parameter.name == name) {
            None => errors.add(child("/query", &name), "is not a known parameter"),
            Some(parameter) if found.iter().any(|(earlier, _)| *earlier == name) => {
                errors.add(&parameter.pointer, "must not be repeated");
            }
            Some(parameter) => {
                parameter.check(&text, errors);
                found.push((name.into_owned(), text.into_owned()));
            }
        }
        if errors.is_full() {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use poem_openapi::registry::MetaSchema;

    use super::*;

    fn text(name: &str) -> Parameter {
        let schema = MetaSchemaRef::Inline(Box::new(MetaSchema { max_length: Some(3), ..MetaSchema::new("string") }));
        Parameter { name: name.to_owned(), pointer: child("/query", name), schema, schemas: Schemas::default() }
    }

    /// The parameters, the pointers of the errors, and how many pairs were read.
    fn checked(query: &str) -> (Vec<(String, String)>, Vec<String>, usize) {
        let (read, mut errors) = (Cell::new(0), FieldErrors::default());
        let pairs = form_urlencoded::parse(query.as_bytes()).inspect(|_| read.set(read.get() + 1));
        let found = check_pairs(&[text("q"), text("sort")], pairs, &mut errors);
        (found, errors.into_vec().into_iter().map(|error| error.pointer).collect(), read.get())
    }

    #[test]
    fn a_query_has_known_parameters_at_most_once() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(checked("sort=a+b&q=%C3%A9").0, [pair("sort", "a b"), pair("q", "é")]);
        assert_eq!(checked("q=1234&a/b=1&q=2&sort&q=3").1, ["/query/q", "/query/a~1b", "/query/q", "/query/q"]);
    }

    #[test]
    fn the_work_for_a_query_of_errors_does_not_grow_with_its_length() {
        for query in ["a&".repeat(3990) + &"q&".repeat(3990), "q&".repeat(8000), "q=1234&a&".repeat(3000)] {
            let (_, errors, read) = checked(&query);
            assert_eq!(errors.len(), FieldErrors::MAX);
            assert!(read <= FieldErrors::MAX + 2, "{read} pairs were read");
        }
    }
}
