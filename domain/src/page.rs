//! Cursor pagination. It has no totals and no offsets, so a concurrent insert does not shift pages.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Maximum page size.
pub const MAX_LIMIT: u64 = 100;
/// Default page size.
pub const DEFAULT_LIMIT: u64 = 20;

/// A request for one page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Maximum number of items, 1 to [`MAX_LIMIT`].
    pub limit: u64,
    /// The cursor from the previous page; `None` for the first page.
    pub cursor: Option<Cursor>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Send it as `cursor` to read the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Cursor>,
}

/// A position in a list, opaque to clients and bound to the list's filters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Cursor(String);

/// The cursor is malformed, or belongs to another list or other filters (400).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cursor was not issued for this list and these filters")]
pub struct InvalidCursor;

impl Cursor {
    /// Maximum length of a cursor, in bytes.
    pub const MAX_LENGTH: usize = 1024;

    /// A cursor received from a client; it is not validated yet.
    #[must_use]
    pub fn from_client(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text that the client sends to request the next page.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn encode(filters: &impl Serialize, position: &impl Serialize) -> Result<Self, serde_json::Error> {
        let json = serde_json::to_vec(&(fingerprint(filters)?, position))?;
        Ok(Self(URL_SAFE_NO_PAD.encode(json)))
    }

    fn decode<P: DeserializeOwned>(&self, filters: &impl Serialize) -> Result<P, InvalidCursor> {
        let json = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| InvalidCursor)?;
        // A forged cursor may contain NUL, which Postgres rejects in text.
        if json.windows(6).any(|escape| escape == b"\\u0000") {
            return Err(InvalidCursor);
        }
        let (bound_to, position) = serde_json::from_slice::<(u64, P)>(&json).map_err(|_| InvalidCursor)?;
        if fingerprint(filters).is_ok_and(|filters| filters == bound_to) { Ok(position) } else { Err(InvalidCursor) }
    }
}

fn fingerprint(filters: &impl Serialize) -> Result<u64, serde_json::Error> {
    let digest = Sha256::digest(serde_json::to_vec(filters)?);
    Ok(digest.iter().take(8).fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
}

impl PageRequest {
    /// The position of the last item of the previous page; `None` for the first page.
    ///
    /// # Errors
    /// [`InvalidCursor`] when the cursor was not issued for these filters.
    pub fn after<P: DeserializeOwned>(&self, filters: &impl Serialize) -> Result<Option<P>, InvalidCursor> {
        self.cursor.as_ref().map(|cursor| cursor.decode(filters)).transpose()
    }
}

impl<T> Page<T> {
    /// Builds a page from up to `limit + 1` rows. An extra row is dropped; it shows that a next page exists.
    ///
    /// # Errors
    /// When a position cannot be serialized to JSON, which is a bug.
    pub fn from_rows<P: Serialize>(
        mut items: Vec<T>,
        request: &PageRequest,
        filters: &impl Serialize,
        position: impl Fn(&T) -> P,
    ) -> Result<Self, serde_json::Error> {
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|item| Cursor::encode(filters, &position(item))).transpose()?;
        Ok(Self { items, next_cursor })
    }

    /// The same page with each item converted by `convert`.
    #[must_use]
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(convert).collect(), next_cursor: self.next_cursor }
    }

    /// The same page with each item converted by `convert`, which may fail.
    ///
    /// # Errors
    /// The first error of `convert`.
    pub fn try_map<U, E>(self, convert: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let items = self.items.into_iter().map(convert).collect::<Result<_, E>>()?;
        Ok(Page { items, next_cursor: self.next_cursor })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_decodes_with_its_own_filters_only(position: (i64, String), filters: String, other: String) {
            let request = PageRequest { limit: 1, cursor: Some(Cursor::encode(&filters, &position).unwrap()) };
            prop_assert_eq!(request.after::<(i64, String)>(&filters), Ok(Some(position)));
            if filters != other {
                prop_assert_eq!(request.after::<(i64, String)>(&other), Err(InvalidCursor));
            }
        }

        #[test]
        fn arbitrary_text_is_an_invalid_cursor(text: String) {
            let request = PageRequest { limit: 1, cursor: Some(Cursor::from_client(&text)) };
            prop_assert_eq!(request.after::<(i64, String)>(&"f"), Err(InvalidCursor));
        }
    }

    #[test]
    fn a_page_has_a_next_cursor_only_if_more_rows_exist() {
        let request = PageRequest { limit: 2, cursor: None };
        let last = Page::from_rows(vec![1, 2], &request, &(), |&n| n).unwrap();
        assert_eq!((last.items, last.next_cursor), (vec![1, 2], None));
        let first = Page::from_rows(vec![1, 2, 3], &request, &(), |&n| n).unwrap();
        let next = PageRequest { limit: 2, cursor: first.next_cursor };
        assert_eq!((first.items, next.after::<i32>(&())), (vec![1, 2], Ok(Some(2))));
    }
}
