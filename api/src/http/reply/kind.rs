//! Kinds of successful responses: status, headers and caching.

use poem::http::{HeaderValue, StatusCode};

/// Only the client may store it, and must revalidate it.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");
/// Never stored: it contains secrets, or is valid for a moment only.
const SECRET: HeaderValue = HeaderValue::from_static("no-store");
/// Shared content. Proxies may serve it for a few seconds: they receive no invalidations, unlike the cache of Atelier. While the
/// service is unavailable they may serve content up to an hour old.
pub(super) const PUBLIC: HeaderValue =
    HeaderValue::from_static("public, max-age=5, stale-while-revalidate=30, stale-if-error=3600");

/// Everything of a response apart from its body.
pub(crate) trait Kind {
    /// The status.
    const STATUS: StatusCode;
    /// The description in the document.
    const DESCRIPTION: &'static str;
    /// Its headers; `true` if they are always present.
    const HEADERS: &'static [(&'static str, bool)];
    /// Its `Cache-Control`.
    const CACHE_CONTROL: Option<HeaderValue>;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $status:ident, $description:literal, [$($header:literal $always:literal),*], $cache_control:expr;)+) => {$(
        $(#[$doc])*
        pub(crate) struct $kind;

        impl Kind for $kind {
            const STATUS: StatusCode = StatusCode::$status;
            const DESCRIPTION: &'static str = $description;
            const HEADERS: &'static [(&'static str, bool)] = &[$(($header, $always)),*];
            const CACHE_CONTROL: Option<HeaderValue> = $cache_control;
        }
    )+};
}

kinds! {
    /// Data of a user, read through the cache.
    Cached, OK, "The requested data.", ["ETag" true, "Cache-Control" true, "Cache-Status" false], Some(PRIVATE);
    /// Public data, read through the cache.
    Public, OK, "The requested data.", ["ETag" true, "Cache-Control" true, "Cache-Status" false], Some(PUBLIC);
    /// Data of a user with a version.
    Versioned, OK, "The present version.", ["ETag" true, "Cache-Control" true], Some(PRIVATE);
    /// Data of a user without a version.
    Uncached, OK, "The requested data.", ["Cache-Control" true], Some(PRIVATE);
    /// Public data without a version.
    PublicUncached, OK, "The requested data.", ["Cache-Control" true], Some(PUBLIC);
    /// Data that must not be stored.
    Secret, OK, "The requested data.", ["Cache-Control" true], Some(SECRET);
    /// A new resource with a secret that is shown this once.
    CreatedSecret, CREATED, "Created. The secret is shown this once.", ["Cache-Control" true], Some(SECRET);
    /// A new resource without a version.
    CreatedUncached, CREATED, "Created.", ["Cache-Control" true], Some(PRIVATE);
    /// A new resource with a version.
    Created, CREATED, "Created.", ["ETag" true, "Location" false, "Cache-Control" true], Some(PRIVATE);
    /// Work that goes on, with a secret that is shown this once.
    AcceptedSecret, ACCEPTED, "Accepted. The secret is shown this once.", ["Cache-Control" true], Some(SECRET);
    /// Work that goes on.
    AcceptedUncached, ACCEPTED, "Accepted.", ["Cache-Control" true], Some(PRIVATE);
    /// Work that goes on, requested with an idempotency key.
    AcceptedOnce, ACCEPTED, "Accepted, now or by an earlier request with this key.", ["Idempotent-Replayed" false, "Location" false, "Cache-Control" true], Some(PRIVATE);
    /// A resource that will be created.
    Pending, ACCEPTED, "It will be created as shown.", ["Cache-Control" true], Some(SECRET);
    /// The outcome of a request with an idempotency key that creates a resource.
    CreatedOnce, CREATED, "Done, now or by an earlier request with this key.", ["Idempotent-Replayed" false, "Location" false, "Cache-Control" true], Some(PRIVATE);
    /// The outcome of a request with an idempotency key.
    CompletedOnce, OK, "Done, now or by an earlier request with this key.", ["Idempotent-Replayed" false, "Cache-Control" true], Some(PRIVATE);
}
