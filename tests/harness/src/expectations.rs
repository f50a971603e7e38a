//! Assertions on responses: those that a test makes, and those that every response must satisfy.

use super::response::Response;

/// Internal words that no response may contain.
const LEAKS: [&str; 8] = ["sqlx", "sea_orm", "SELECT ", "INSERT ", "panicked", "RUST_BACKTRACE", ".rs:", "Postgres"];

impl Response {
    /// Asserts the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status(), status, "{self:?}");
        self
    }

    /// Asserts a problem type, such as `not-found`.
    #[track_caller]
    pub fn problem(self, name: &str) -> Self {
        let found = self["type"].as_str().unwrap_or_default();
        assert!(found.ends_with(&format!("/problems/{name}")), "expected the problem {name}: {self:?}");
        self
    }

    /// Asserts that a validation problem has an error at this pointer.
    #[track_caller]
    pub fn pointing_at(self, pointer: &str) -> Self {
        let errors = self["errors"].as_array().into_iter().flatten();
        let pointers: Vec<&str> = errors.filter_map(|error| error["pointer"].as_str()).collect();
        assert!(pointers.contains(&pointer), "expected an error at {pointer:?}: {self:?}");
        self
    }

    /// Asserts what holds for every response: a request id, `nosniff`, a problem document for an error, nothing internal.
    pub fn check_form(&self) {
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        let request_id = self.header("x-request-id");
        assert!(!request_id.is_empty(), "an empty request id: {self:?}");
        if matches!(self.status(), 204 | 304) {
            assert!(self.body().is_empty(), "an unexpected body: {self:?}");
        }
        if self.status() >= 400 {
            self.check_problem(request_id);
        }
        if self.status() == 401 {
            self.header("www-authenticate");
        }
        if matches!(self.status(), 429 | 503) {
            self.header("retry-after");
        }
    }

    fn check_problem(&self, request_id: &str) {
        let media_type = self.header("content-type");
        assert!(media_type.starts_with("application/problem+json"), "not a problem document: {self:?}");
        assert!(!self.text("type").is_empty() && !self.text("title").is_empty(), "an empty problem: {self:?}");
        assert_eq!(self.number("status"), i64::from(self.status()), "the statuses differ: {self:?}");
        assert_eq!(self.text("request_id"), request_id, "the request ids differ: {self:?}");
        let body = String::from_utf8_lossy(self.body());
        let leak = LEAKS.iter().find(|leak| body.contains(**leak));
        assert!(leak.is_none(), "the response contains {leak:?}: {self:?}");
    }
}
