//! An HTTP client of a server.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};

use super::request::Request;
use super::server::Server;

/// A client of one server, signed in or not.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    /// An API key, and the user that its requests name to act for.
    key: Option<String>,
    acts_for: Option<String>,
}

impl Client {
    /// The connection pool of one test.
    pub fn http() -> reqwest::Client {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        // A server closes connections that are idle for ten seconds; a request sent at that moment gets no response.
        let http = http.pool_idle_timeout(Duration::from_secs(5));
        http.timeout(Duration::from_mins(1)).build().expect("a default client")
    }

    /// A client that is not signed in.
    pub fn new(http: reqwest::Client, base: &str) -> Self {
        Self { http, base: base.to_owned(), token: None, key: None, acts_for: None }
    }

    /// The same user at another server.
    pub fn at(&self, server: &Server) -> Self {
        Self { base: server.url().to_owned(), ..self.clone() }
    }

    /// The same server with an access token, valid or not.
    pub fn bearing(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The same server without a credential.
    pub fn signed_out(&self) -> Self {
        Self { token: None, key: None, acts_for: None, ..self.clone() }
    }

    /// The same server with an API key in place of any other credential, valid or not.
    pub fn with_key(&self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self.signed_out() }
    }

    /// The same client, whose requests name a user to act for.
    pub fn acting_for(&self, user: &str) -> Self {
        Self { acts_for: Some(user.to_owned()), ..self.clone() }
    }

    /// The access token.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("a client that is signed in")
    }

    /// A GET request.
    pub fn get(&self, path: impl Into<String>) -> Request {
        self.request(Method::GET, path)
    }

    /// A POST request.
    pub fn post(&self, path: impl Into<String>) -> Request {
        self.request(Method::POST, path)
    }

    /// A PUT request.
    pub fn put(&self, path: impl Into<String>) -> Request {
        self.request(Method::PUT, path)
    }

    /// A PATCH request.
    pub fn patch(&self, path: impl Into<String>) -> Request {
        self.request(Method::PATCH, path)
    }

    /// A DELETE request.
    pub fn delete(&self, path: impl Into<String>) -> Request {
        self.request(Method::DELETE, path)
    }

    /// A request with any method.
    pub fn request(&self, method: Method, path: impl Into<String>) -> Request {
        let path = path.into();
        let http = self.http.request(method.clone(), format!("{}{path}", self.base));
        let http = self.token.iter().fold(http, RequestBuilder::bearer_auth);
        let http = self.key.iter().fold(http, |http, key| http.header("X-API-Key", key));
        let http = self.acts_for.iter().fold(http, |http, user| http.header("Atelier-User", user));
        Request::new(http, method, path)
    }
}
