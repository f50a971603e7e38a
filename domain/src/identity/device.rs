//! The device of a login session, as its client names it and as its requests show it.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{line, parsed_text};

parsed_text! {
    /// The name of a device, one line of 1 to 64 characters.
    DeviceName, |text| line(text, 1, 64)
}

/// The `User-Agent` of a device: at most 256 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct UserAgent(String);

impl UserAgent {
    /// The cleaned text of a header; `None` if nothing is left.
    #[must_use]
    pub fn cleaned(text: &str) -> Option<Self> {
        let text: String =
            text.chars().filter(|char| !char.is_control() && *char != char::REPLACEMENT_CHARACTER).take(256).collect();
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The text as it is stored and displayed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The device that logs in or refreshes.
#[derive(Debug, Clone, Default)]
pub struct Device {
    /// The name that the client gave it.
    pub name: Option<DeviceName>,
    /// Its user agent.
    pub user_agent: Option<UserAgent>,
    /// Its address, behind trusted proxies.
    pub address: Option<IpAddr>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_bounded_and_has_no_control_characters() {
        let cleaned = |text: &str| UserAgent::cleaned(text).map(|agent| agent.as_str().to_owned());
        assert_eq!(cleaned(" Mozilla/5.0\t(X11)\u{1b} ").as_deref(), Some("Mozilla/5.0(X11)"));
        assert_eq!(cleaned(&"ä".repeat(1000)).map(|agent| agent.chars().count()), Some(256));
        assert_eq!(cleaned(" \u{fffd}\u{7f} "), None);
    }
}
