//! An HTTP response and the accessors that tests use.

use std::fmt;
use std::ops::Index;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::cache_status::CacheStatus;

/// A complete response. Indexing it reads a member of its JSON body.
#[derive(Clone)]
pub struct Response {
    method: Method,
    path: String,
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    json: Value,
}

impl Response {
    /// Reads a response to its end.
    pub async fn read(method: &Method, path: &str, response: reqwest::Response) -> Result<Self, reqwest::Error> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await?.to_vec();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Ok(Self { method: method.clone(), path: path.to_owned(), status, headers, body, json })
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The path of the request, without its query.
    pub fn path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The JSON body.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// The body as received.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// A member of the body that is text.
    #[track_caller]
    pub fn text(&self, member: &str) -> &str {
        self.json[member].as_str().unwrap_or_else(|| panic!("expected text in {member}: {self:?}"))
    }

    /// A member of the body that is a whole number.
    #[track_caller]
    pub fn number(&self, member: &str) -> i64 {
        self.json[member].as_i64().unwrap_or_else(|| panic!("expected a number in {member}: {self:?}"))
    }

    /// The id of the resource in the body.
    #[track_caller]
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// The items of a list.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.json["items"].as_array().unwrap_or_else(|| panic!("expected a list: {self:?}"))
    }

    /// One member of every item of a list, as text.
    #[track_caller]
    pub fn each(&self, member: &str) -> Vec<&str> {
        self.items().iter().map(|item| item[member].as_str().unwrap_or_default()).collect()
    }

    /// A header, if present.
    pub fn find_header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All lines of a header.
    pub fn header_lines(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
    }

    /// A header that must be present.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.find_header(name).unwrap_or_else(|| panic!("expected the header {name}: {self:?}"))
    }

    /// The entity tag.
    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").to_owned()
    }

    /// The parsed `Cache-Status` header.
    #[track_caller]
    pub fn cache(&self) -> CacheStatus {
        CacheStatus::parse(self.header("cache-status"))
    }
}

impl Index<&str> for Response {
    type Output = Value;

    fn index(&self, member: &str) -> &Value {
        &self.json[member]
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        let shown: String = body.chars().take(2000).collect();
        write!(f, "{} {} responded {}\n{:#?}\n{shown}", self.method, self.path, self.status, self.headers)
    }
}
