//! The registry of identifiers: one type per entity. All are ULIDs, on the wire and in storage.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::{Invalid, Time};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Ulid);

        impl $name {
            /// A new identifier with the timestamp `now` and 80 random bits.
            #[must_use]
            pub fn generate(now: Time) -> Self {
                Self(Ulid::from_parts(now.timestamp_millis().unsigned_abs(), rand::random()))
            }

            /// A new identifier greater than `last`. When `now` is not later than `last`, it is `last` plus one
            /// (<https://github.com/ulid/spec#monotonicity>).
            #[must_use]
            pub fn generate_after(last: Option<Self>, now: Time) -> Self {
                let new = Self::generate(now);
                last.filter(|last| *last >= new).and_then(|last| last.0.increment()).map_or(new, Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                parse(text).map(Self)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                schema()
            }
        }
    )+};
}

ids! {
    /// A user.
    UserId,
    /// One login on one device, from password to logout.
    SessionId,
    /// An API key of a user, or a service key of the site.
    ApiKeyId,
    /// A temporary permission of a user.
    GrantId,
    /// An export of an account.
    ExportId,
    /// A data session.
    DataSessionId,
    /// A subscription of a user to a plan.
    SubscriptionId,
    /// An event in a subscription's history.
    SubscriptionEventId,
    /// A payment.
    PaymentId,
    /// A refund of a payment that an administrator recorded.
    RefundId,
    /// A lot: coins that were granted together and expire together.
    LotId,
    /// A hold of coins, open or finished.
    HoldId,
    /// An entry of the coin ledger.
    EntryId,
    /// A character.
    CharacterId,
    /// A memory of a character.
    MemoryId,
    /// A chat, the `session` of the cache key.
    ChatId,
    /// A message of a chat.
    MessageId,
    /// A job.
    JobId,
    /// The token of a link that was sent by mail.
    MailTokenId,
    /// A mail that was kept instead of sent.
    MailId,
    /// A server process, from start to exit.
    WorkerId,
}

/// Accepts the canonical upper-case form only, so that an entity has one spelling in URLs, keys and entity tags.
fn parse(text: &str) -> Result<Ulid, Invalid> {
    Ulid::from_string(text)
        .ok()
        .filter(|id| id.to_string() == text)
        .ok_or_else(|| Invalid::new("must be a ULID: 26 characters of Crockford base 32 in upper case"))
}

/// The JSON schema of every identifier.
#[must_use]
pub fn schema() -> Schema {
    json_schema!({
        "type": "string",
        "format": "ulid",
        "minLength": 26,
        "maxLength": 26,
        "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$",
        "examples": ["01JZ5Q6W8Y2N4R6T8V0X2Z4B6D"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_id_is_greater_than_the_last_even_after_the_clock_moved_back() {
        let mut ids = vec![SubscriptionEventId::generate_after(None, Time::UNIX_EPOCH)];
        for second in [5, 5, 3, 3, 9, 0] {
            let now = Time::UNIX_EPOCH + chrono::TimeDelta::seconds(second);
            ids.push(SubscriptionEventId::generate_after(ids.last().copied(), now));
        }
        assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
    }

    #[test]
    fn only_the_canonical_text_of_an_id_parses() {
        let id = UserId::generate(Time::UNIX_EPOCH);
        assert_eq!(id.to_string().parse::<UserId>().unwrap(), id);
        for text in ["", "42", "01hzzzzzzzzzzzzzzzzzzzzzzz", "81HZZZZZZZZZZZZZZZZZZZZZZZ"] {
            assert!(text.parse::<UserId>().is_err(), "{text}");
        }
    }
}
