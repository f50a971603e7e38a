//! The links in mails.

use crate::config::LinkBase;

/// What a mail shows in place of a token that must not be kept.
const HIDDEN: &str = "(hidden)";

/// A link to a page of the site, with a token that the page sends to an operation.
#[derive(Clone)]
pub(crate) struct Link {
    /// The path of the page.
    pub(crate) page: &'static str,
    /// The path of the operation that takes the token.
    pub(crate) operation: &'static str,
    /// The token.
    pub(crate) token: String,
    /// Whether the operation takes a password too.
    pub(crate) with_password: bool,
}

impl Link {
    /// The same link with a token that is good for nothing.
    pub(super) fn hidden(self) -> Self {
        Self { token: HIDDEN.to_owned(), ..self }
    }

    /// The URL of the page.
    pub(super) fn url(&self, base: &LinkBase) -> String {
        format!("{}{}?token={}", base.url, self.page, self.token)
    }

    /// The request that uses the token without a page.
    pub(super) fn request(&self, base: &LinkBase) -> String {
        let password = if self.with_password { ", \"password\": \"...\"" } else { "" };
        format!("POST {}{} (application/json) {{\"token\": \"{}\"{password}}}", base.url, self.operation, self.token)
    }
}
