//! The published contract, `openapi.json`, and whether an answer keeps it.

use std::path::Path;
use std::sync::OnceLock;

use reqwest::Method;
use serde_json::Value;

use super::answer::Answer;
use super::schema::Schema;

/// The committed OpenAPI document.
pub struct Document(Value);

/// One operation of it.
pub struct Operation<'a> {
    /// In upper case.
    pub method: Method,
    /// The path with its `{parameters}`.
    pub template: &'a str,
    /// What the document says of it.
    pub says: &'a Value,
}

impl Document {
    /// The document in the root of the repository.
    pub fn committed() -> &'static Self {
        static DOCUMENT: OnceLock<Document> = OnceLock::new();
        DOCUMENT.get_or_init(|| {
            let text = std::fs::read_to_string(Self::path()).expect("openapi.json lies in the root of the repository");
            Self(serde_json::from_str(&text).expect("openapi.json is JSON"))
        })
    }

    /// Where it lies.
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
        paths.flat_map(|(template, item)| {
            let members = item.as_object().into_iter().flatten();
            members.filter_map(move |(name, says)| Some(Operation { method: method(name)?, template, says }))
        })
    }

    /// Demands that the document tells of this status for this operation, and that the body is what it says.
    pub fn check(&self, method: &Method, answer: &Answer) {
        let candidates = self.operations().filter(|known| known.method == *method && known.is_at(answer.path()));
        let operation = candidates.min_by_key(Operation::parameters).unwrap_or_else(|| panic!("undocumented: {answer:?}"));
        let response = self.resolve(&operation.says["responses"][answer.status().to_string()]);
        assert!(response.is_object(), "{} does not document this status: {answer:?}", operation.template);
        self.check_body(response, answer);
    }

    fn check_body(&self, response: &Value, answer: &Answer) {
        let Some(media_types) = response["content"].as_object().filter(|_| answer.status() != 304) else {
            return assert!(answer.body().is_empty(), "the document knows of no body: {answer:?}");
        };
        let sent = bare(answer.header("content-type"));
        let content = media_types.iter().find(|(media_type, _)| bare(media_type) == sent);
        let (_, content) = content.unwrap_or_else(|| panic!("the document does not know {sent}: {answer:?}"));
        if sent.ends_with("json") {
            let faults = Schema::new(&self.0, &content["schema"]).faults(answer.json());
            assert!(faults.is_empty(), "not as documented: {faults:#?}\n{answer:?}");
        }
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let target = value["$ref"].as_str().and_then(|reference| self.0.pointer(reference.strip_prefix('#')?));
        target.unwrap_or(value)
    }
}

impl Operation<'_> {
    /// Its name for people.
    pub fn label(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// What it wants a client to prove; empty for everybody's operations.
    pub fn guards(&self) -> &[Value] {
        self.says["security"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Whether a path is one of its template.
    fn is_at(&self, path: &str) -> bool {
        let (known, asked): (Vec<&str>, Vec<&str>) = (self.template.split('/').collect(), path.split('/').collect());
        known.len() == asked.len() && known.iter().zip(asked).all(|(known, asked)| known.starts_with('{') || *known == asked)
    }

    fn parameters(&self) -> usize {
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
