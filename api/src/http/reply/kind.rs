//! What answers are for: their statuses, their headers and who may keep them.

use poem::http::{HeaderValue, StatusCode};

/// Kept by nobody but the client, who asks each time whether it still holds.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");
/// Never kept: it holds secrets, or holds for a moment only.
const SECRET: HeaderValue = HeaderValue::from_static("no-store");
/// Shared content. A change is seen everywhere within 200 ms, so a proxy may add a few seconds but not the half hour that our own
/// cache, which is told of changes, may keep it; while we are away an hour-old list is better than none.
const PUBLIC: HeaderValue = HeaderValue::from_static("public, max-age=5, stale-while-revalidate=30, stale-if-error=3600");

/// What an answer is for, apart from its body.
pub(crate) trait Kind {
    /// The status.
    const STATUS: StatusCode;
    /// What the document says of it.
    const DESCRIPTION: &'static str;
    /// The headers it has always (`true`) or at times.
    const HEADERS: &'static [(&'static str, bool)];
    /// Who may keep it.
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
    /// A person's data, read through a cache.
    Cached, OK, "As asked for.", ["ETag" true, "Cache-Control" true, "Cache-Status" false], Some(PRIVATE);
    /// Everybody's data, read through a cache.
    Public, OK, "As asked for.", ["ETag" true, "Cache-Control" true, "Cache-Status" false], Some(PUBLIC);
    /// A person's data with a version.
    Versioned, OK, "As it is now.", ["ETag" true, "Cache-Control" true], Some(PRIVATE);
    /// A person's data without a version.
    Uncached, OK, "As asked for.", ["Cache-Control" true], Some(PRIVATE);
    /// Everybody's data without a version.
    PublicUncached, OK, "As asked for.", ["Cache-Control" true], Some(PUBLIC);
    /// What must not be kept.
    Secret, OK, "As asked for.", ["Cache-Control" true], Some(SECRET);
    /// Something new with a version.
    Created, CREATED, "Created.", ["ETag" true, "Location" false, "Cache-Control" true], Some(PRIVATE);
    /// The outcome of something that happens once, which makes something.
    CreatedOnce, CREATED, "Done, now or at an earlier attempt with this key.", ["Idempotent-Replayed" false, "Location" false, "Cache-Control" true], Some(PRIVATE);
    /// The outcome of something that happens once.
    CompletedOnce, OK, "Done, now or at an earlier attempt with this key.", ["Idempotent-Replayed" false, "Cache-Control" true], Some(PRIVATE);
}
