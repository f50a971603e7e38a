//! The published contract, `openapi.json`, and the check of responses against it.

use std::path::Path;
use std::sync::OnceLock;

use reqwest::Method;
use serde_json::Value;

use super::response::Response;
use super::schema::Schema;

/// The committed OpenAPI document.
pub struct Document(Value);

/// One operation of it.
pub struct Operation<'a> {
    /// In upper case.
    pub method: Method,
    /// The path with its `{parameters}`.
    pub template: &'a str,
    /// Its OpenAPI object.
    pub spec: &'a Value,
    document: &'a Document,
}

impl Document {
    /// The document in the root of the repository.
    pub fn committed() -> &'static Self {
        static DOCUMENT: OnceLock<Document> = OnceLock::new();
        DOCUMENT.get_or_init(|| {
            let text = std::fs::read_to_string(Self::path()).expect("openapi.json is in the root of the repository");
            Self(serde_json::from_str(&text).expect("openapi.json is JSON"))
        })
    }

    /// Its path.
    pub fn path() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json"))
    }

    /// The document itself.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// All operations.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.0["paths"].as_object().into_iter().flatten();
        paths.flat_map(move |(template, item)| {
            let members = item.as_object().into_iter().flatten();
            members.filter_map(move |(name, spec)| Some(Operation { method: method(name)?, template, spec, document: self }))
        })
    }

    /// Asserts that the document has this status for this operation and that the body fits its schema.
    pub fn check(&self, method: &Method, response: &Response) {
        let candidates = self.operations().filter(|known| known.method == *method && known.matches(response.path()));
        let operation = candidates.min_by_key(Operation::path_parameters).unwrap_or_else(|| panic!("undocumented: {response:?}"));
        let documented = operation.response(&response.status().to_string());
        assert!(documented.is_object(), "{} does not document this status: {response:?}", operation.template);
        self.check_body(documented, response);
    }

    fn check_body(&self, documented: &Value, response: &Response) {
        let Some(media_types) = documented["content"].as_object().filter(|_| response.status() != 304) else {
            return assert!(response.body().is_empty(), "the document has no body: {response:?}");
        };
        let sent = bare(response.header("content-type"));
        let content = media_types.iter().find(|(media_type, _)| bare(media_type) == sent);
        let (_, content) = content.unwrap_or_else(|| panic!("the document has no media type {sent}: {response:?}"));
        if sent.ends_with("json") {
            let violations = Schema::new(&self.0, &content["schema"]).violations(response.json());
            assert!(violations.is_empty(), "not as documented: {violations:#?}\n{response:?}");
        }
    }

    /// The target of a reference; any other value is itself.
    pub fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let target = value["$ref"].as_str().and_then(|reference| self.0.pointer(reference.strip_prefix('#')?));
        target.unwrap_or(value)
    }
}

impl<'a> Operation<'a> {
    /// Its parameters.
    pub fn parameters(&self) -> impl Iterator<Item = &'a Value> {
        let parameters = self.spec["parameters"].as_array().into_iter().flatten();
        parameters.map(|parameter| self.document.resolve(parameter))
    }

    /// Whether it has this parameter.
    pub fn takes(&self, parameter: &str) -> bool {
        self.parameters().any(|known| known["name"] == parameter)
    }

    /// The response of a status; null if there is none.
    pub fn response(&self, status: &str) -> &'a Value {
        self.document.resolve(&self.spec["responses"][status])
    }

    /// Method and template.
    pub fn label(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// Its security requirements; empty for public operations.
    pub fn security(&self) -> &[Value] {
        self.spec["security"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Whether a path matches its template.
    fn matches(&self, path: &str) -> bool {
        let (known, asked): (Vec<&str>, Vec<&str>) = (self.template.split('/').collect(), path.split('/').collect());
        known.len() == asked.len() && known.iter().zip(asked).all(|(known, asked)| known.starts_with('{') || *known == asked)
    }

    fn path_parameters(&self) -> usize {
        self.template.matches('{').count()
    }
}

fn bare(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

fn method(name: &str) -> Option<Method> {
    let known = ["get", "post", "put", "patch", "delete", "head"];
    known.contains(&name).then(|| name.to_uppercase().parse().ok()).flatten()
}
