//! The operations of the document, and what all of them have by rule.

use serde_json::{Map, Value, json};

use crate::http::access::Required;

/// An operation of the document.
pub(crate) struct Operation<'a> {
    pub(crate) template: &'a str,
    reads: bool,
    pub(crate) description: &'a mut Map<String, Value>,
}

impl Operation<'_> {
    /// Its `operationId`.
    pub(crate) fn id(&self) -> &str {
        self.description.get("operationId").and_then(Value::as_str).unwrap_or_default()
    }

    /// The right that it requires, by the requirement that its extractor registered; `None` if it is public.
    fn required(&self) -> Option<Required> {
        let requirement = self.description.get("security")?.as_array()?.first()?.as_object()?.keys().next()?;
        let groups = self.description.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        Some(Required::of(requirement, self.template, self.reads, groups))
    }
}

/// All operations of a document.
pub(crate) fn operations(document: &mut Value) -> impl Iterator<Item = Operation<'_>> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(template, methods)| {
        let methods = methods.as_object_mut().into_iter().flatten();
        methods.filter_map(move |(method, description)| {
            Some(Operation { template, reads: method == "get", description: description.as_object_mut()? })
        })
    })
}

/// Adds conditional reads, the examples of parameters and the header that every response has, and names the security scheme.
pub(super) fn complete(document: &mut Value, examples: &[(&str, &str, &str)]) {
    for operation in operations(document) {
        let id = operation.id().to_owned();
        state_access(operation.required(), operation.description);
        let description = operation.description;
        for parameter in description.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let own = examples.iter().find(|(operation, name, _)| *operation == id && parameter["name"] == *name);
            if let Some((_, _, value)) = own {
                parameter["example"] = (*value).into();
            }
        }
        make_conditional(description);
        let is_charged_to_principal = description.contains_key("security");
        for (_, response) in description["responses"].as_object_mut().into_iter().flatten() {
            response["headers"]["X-Request-Id"] = request_id();
            if is_charged_to_principal {
                add_rate_headers(response);
            }
        }
    }
}

/// States the schemes that satisfy the requirement of an operation, and the scope that a key needs.
fn state_access(required: Option<Required>, operation: &mut Map<String, Value>) {
    let Some(required) = required else { return };
    let of = |schemes: &[&str]| schemes.iter().map(|scheme| ((*scheme).to_owned(), json!([]))).collect::<Map<_, _>>();
    operation.insert("security".to_owned(), required.schemes().iter().map(|schemes| of(schemes)).collect());
    if let Some(scope) = required.scope() {
        operation.insert("x-required-scope".to_owned(), scope.to_string().into());
    }
}

/// The header that every response has.
pub(super) fn request_id() -> Value {
    json!({
        "required": true, "schema": {"type": "string"},
        "description": "The id of the request: the one that it carried, or a new one.",
    })
}

/// Adds the headers that say what is left of the limits of requests.
pub(super) fn add_rate_headers(response: &mut Value) {
    let header = |description| json!({"schema": {"type": "string"}, "description": description});
    response["headers"]["RateLimit-Policy"] = header(
        "The limits of this request (draft-ietf-httpapi-ratelimit-headers): `q` requests in each `w` seconds, all at once or \
         spread. Absent without limits.",
    );
    response["headers"]["RateLimit"] =
        header("What is left of each: `r` requests now, and all of them in `t` seconds. Absent without limits.");
}

/// Says of operations without a security requirement that they need none.
pub(super) fn open_public(document: &mut Value) {
    for Operation { description, .. } in operations(document) {
        description.entry("security").or_insert_with(|| json!([]));
    }
}

/// Adds `If-None-Match` and 304 to a read with an entity tag.
fn make_conditional(operation: &mut Map<String, Value>) {
    let tagged = &operation["responses"]["200"]["headers"]["ETag"];
    let Some(etag) = Some(tagged.clone()).filter(|etag| etag.is_object() && !operation.contains_key("requestBody")) else {
        return;
    };
    let parameter = json!({
        "name": "If-None-Match", "in": "header", "required": false, "schema": {"type": "string"},
        "description": "The ETag of the version that you have. If it is current, the response is 304 without a body; some \
                        generated clients raise it as an error.",
    });
    if let Value::Array(parameters) = operation.entry("parameters").or_insert_with(|| json!([])) {
        parameters.push(parameter);
    }
    operation["responses"]["304"] =
        json!({"description": "The version that you sent in If-None-Match is current.", "headers": {"ETag": etag}});
}
