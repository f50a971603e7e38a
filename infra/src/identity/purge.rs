//! The rows of identity that are deleted by age.

use chrono::TimeDelta;

use crate::jobs::{OldRows, Since};

/// Sessions whose last token has expired, tokens of links and receipts of deletions that have expired, keys that were revoked 30 days
/// ago, and expired exports with their archives. A token of a deleted session and a deleted key stay refused, because they have no row.
pub(crate) const OLD_ROWS: [OldRows; 5] = [
    OldRows::of("purge_login_sessions", "login_sessions", "id", EXPIRY),
    OldRows::of("purge_mail_tokens", "mail_tokens", "id", EXPIRY),
    OldRows { age: TimeDelta::days(30), ..OldRows::of("purge_revoked_keys", "api_keys", "id", Since::Time("revoked_at")) },
    OldRows {
        condition: "erased_at IS NOT NULL",
        ..OldRows::of("purge_deletion_receipts", "account_erasures", "user_id", EXPIRY)
    },
    // One at a time, since an archive may be large.
    OldRows { at_most: 1, ..OldRows::of("purge_exports", "account_exports", "id", EXPIRY) },
];

const EXPIRY: Since = Since::Time("expires_at");
