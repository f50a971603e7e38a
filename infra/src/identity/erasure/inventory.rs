//! The inventory of all tables: what happens to the rows of a user when the account is deleted, and what an export contains.
//!
//! It is the only list of this kind. The erasure and the export read it. Tests compare it with the schema and with the table of cached
//! entries.

/// A table of the schema.
pub(in crate::identity) struct Table {
    /// Its name, also the area of a receipt and of an export.
    pub(in crate::identity) name: &'static str,
    /// What the deletion of an account does with its rows.
    pub(in crate::identity) fate: Fate,
    /// What an export contains of it.
    pub(in crate::identity) export: Export,
}

/// What the deletion of an account does with the rows of a table. `of_user` selects the rows of the user `$1`.
#[cfg_attr(not(test), expect(dead_code, reason = "the tests read the columns that stay, and the reasons"))]
pub(in crate::identity) enum Fate {
    /// The job deletes them.
    Erased { of_user: &'static str },
    /// The feature of the table deletes them, as its `Eraser` says.
    ErasedByFeature,
    /// They stay, and the feature of the table redacts their free texts, as its `Eraser` says.
    RedactedByFeature { because: &'static str, columns: &'static str },
    /// The database deletes them with those of another table.
    ErasedWith(&'static str),
    /// They stay, and the job sets one column to null.
    Redacted { of_user: &'static str, column: &'static str, because: &'static str, columns: &'static str },
    /// They stay, with the id of the user as the only trace. Another column than these fails a test.
    Kept { because: &'static str, columns: &'static str },
    /// They are purged soon, without regard to the deletion.
    Expires(&'static str),
    /// They are about no user.
    NotPersonal(&'static str),
}

/// What an export contains of a table.
#[cfg_attr(not(test), expect(dead_code, reason = "the tests read the reasons"))]
pub(in crate::identity) enum Export {
    /// Rows that `of_user` selects for the user `$1`, in the order of `key`. A column is `name` or `name:kind`.
    Rows { of_user: &'static str, key: &'static str, columns: &'static str },
    /// Nothing.
    No(&'static str),
}

impl Fate {
    /// Why rows of a deleted user stay; `None` if they do not.
    pub(super) fn kept_because(&self) -> Option<&'static str> {
        match self {
            Self::Kept { because, .. } | Self::Redacted { because, .. } | Self::RedactedByFeature { because, .. } => {
                Some(because)
            }
            _ => None,
        }
    }
}

use Export::{No, Rows};
use Fate::{Erased, ErasedByFeature, ErasedWith, Expires, Kept, NotPersonal, Redacted, RedactedByFeature};

const USER: &str = "user_id = $1";
const OWN_CHATS: &str = "chat_id IN (SELECT id FROM chats WHERE user_id = $1)";
const OWN_CHARACTERS: &str = "character_id IN (SELECT id FROM characters WHERE owner_id = $1)";
const OWN_EXPORTS: &str = "export_id IN (SELECT id FROM account_exports WHERE user_id = $1)";
const OWN_PAYMENTS: &str = "payment_id IN (SELECT id FROM payments WHERE user_id = $1)";
const PAID: &str = "it explains what became of a payment";
const NOT_ABOUT_USERS: Export = No("it is about no user");
const LEDGER: &str = "the ledger proves what was paid and spent";

const fn table(name: &'static str, fate: Fate, export: Export) -> Table {
    Table { name, fate, export }
}

const fn rows(key: &'static str, columns: &'static str) -> Export {
    Rows { of_user: USER, key, columns }
}

/// All tables. The job erases them in this order.
pub(in crate::identity) const TABLES: &[Table] = &[
    table(
        "users",
        Kept {
            because: "payments, the ledger and events refer to it; the deletion replaces its names",
            columns: "id email username username_key display_name role password_hash created_at version suspended_at \
                      suspended_reason deleted_at email_verified_at",
        },
        Rows {
            of_user: "id = $1",
            key: "id",
            columns: "id email username display_name role created_at:time version suspended_at:time suspended_reason \
                      email_verified_at:time",
        },
    ),
    table("user_settings", Erased { of_user: USER }, rows("user_id", "settings:json updated_at:time version")),
    table(
        "login_sessions",
        Erased { of_user: USER },
        rows("id", "id created_at:time expires_at:time revoked_at:time device user_agent address last_used_at:time"),
    ),
    table(
        "api_keys",
        Erased { of_user: USER },
        rows("id", "id name prefix scopes created_at:time expires_at:time revoked_at:time last_used_at:time"),
    ),
    table(
        "permission_grants",
        Erased { of_user: USER },
        rows("id", "id scope reason granted_by created_at:time expires_at:time revoked_at:time"),
    ),
    table("mail_tokens", Erased { of_user: USER }, No("it leads to a secret; the deletion deletes those of the address as well")),
    table("tickets", Erased { of_user: USER }, No("it leads to a secret, which ends within 30 seconds")),
    table(
        "mails",
        Expires("the deletion deletes those to its address; kept mails are purged after seven days"),
        No("the user reads the mails"),
    ),
    table(
        "account_attempts",
        Expires("a row is a keyed hash; the deletion deletes those of its address, others end within ten minutes"),
        No("a row names nobody"),
    ),
    table(
        "messages",
        ErasedByFeature,
        Rows {
            of_user: OWN_CHATS,
            key: "id",
            columns: "id chat_id parent_id sibling_index role content state created_at:time version",
        },
    ),
    table(
        "chats",
        ErasedByFeature,
        rows("id", "id character_id character_name title message_count head_message_id created_at:time updated_at:time version"),
    ),
    table(
        "memories",
        Erased { of_user: OWN_CHARACTERS },
        Rows { of_user: OWN_CHARACTERS, key: "id", columns: "id character_id scope text pinned:bool created_at:time version" },
    ),
    table("character_tags", Erased { of_user: OWN_CHARACTERS }, No("the tags are in the card of the character")),
    table(
        "characters",
        ErasedByFeature,
        Rows {
            of_user: "owner_id = $1",
            key: "id",
            columns: "id name card:json visibility rating created_at:time updated_at:time published_at:time version",
        },
    ),
    table(
        "period_usage",
        Erased { of_user: USER },
        rows("CAST(period_start AS TEXT)", "period_start:time messages images tokens"),
    ),
    table("daily_usage", Erased { of_user: USER }, rows("day", "day messages images")),
    table(
        "idempotency_keys",
        Erased { of_user: "user_id = $1 OR owner IN ('user:' || $1, 'site:' || $1)" },
        No("it repeats answers whose data is exported from other tables"),
    ),
    table("account_export_pieces", Erased { of_user: OWN_EXPORTS }, No("it is the archive itself")),
    table("account_exports", Erased { of_user: USER }, No("it is about the archive itself")),
    table(
        "data_session_frames",
        ErasedWith("data_sessions"),
        No("the user uploads them, and downloads them while the session lives"),
    ),
    table(
        "data_sessions",
        ErasedByFeature,
        rows("id", "id created_at:time expires_at:time ends_at:time bytes stored_table:json stored_model:json report:json"),
    ),
    table(
        "jobs",
        ErasedByFeature,
        Rows {
            of_user: "owner_id = $1",
            key: "id",
            columns: "id kind state created_at:time started_at:time finished_at:time result:json",
        },
    ),
    table("job_attempts", ErasedWith("jobs"), No("it is about the operation of the site")),
    table(
        "subscriptions",
        Redacted {
            of_user: USER,
            column: "payment_method",
            because: "payments refer to it",
            columns: "id user_id plan_code plan_version state cancel_at_period_end anchor_at period_index period_start period_end \
                      canceled_at created_at version pause_at_period_end pending_plan_code pending_plan_version \
                      pending_payment_id pending_coins anchor_index period_paid grace_until retries payment_method next_at \
                      period_plan_code period_plan_version upgrades unspent_at needs_method end_reason",
        },
        rows(
            "id",
            "id plan_code plan_version state cancel_at_period_end:bool pause_at_period_end:bool anchor_at:time period_index \
             period_start:time period_end:time period_paid:bool grace_until:time canceled_at:time end_reason created_at:time",
        ),
    ),
    table(
        "subscription_events",
        Kept {
            because: "it explains the payments",
            columns: "id user_id subscription_id kind from_state to_state plan_code period_index missed_periods key_id created_at",
        },
        rows("id", "id subscription_id kind from_state to_state plan_code period_index missed_periods key_id created_at:time"),
    ),
    table(
        "payments",
        Kept {
            because: "the law requires to keep it, and later events of the provider refer to it",
            columns: "id user_id purpose subscription_id period_index package_code surplus_of amount_cents currency coins state \
                      refunded_total refunded_cents gone_cents unapplied fell attention attempts provider provider_reference \
                      grant_key created_at paid_at",
        },
        rows(
            "id",
            "id purpose subscription_id period_index package_code surplus_of amount_cents currency coins state refunded_cents \
             gone_cents attempts provider provider_reference created_at:time paid_at:time",
        ),
    ),
    table(
        "payment_refunds",
        Kept { because: PAID, columns: "payment_id refund_id cents status reason actor_id" },
        Rows { of_user: OWN_PAYMENTS, key: "payment_id || ':' || refund_id", columns: "payment_id refund_id cents status" },
    ),
    table(
        "payment_disputes",
        Kept { because: PAID, columns: "payment_id dispute_id cents status" },
        Rows { of_user: OWN_PAYMENTS, key: "payment_id || ':' || dispute_id", columns: "payment_id dispute_id cents status" },
    ),
    table(
        "trial_claims",
        Kept { because: "one person has one trial; a keyed hash tells no address", columns: "claim subscription_id" },
        No("it is a hash of the address that the account shows"),
    ),
    table(
        "provider_events",
        Kept {
            because: "each event is applied once; it is kept for 90 days, and has ids and amounts, and no name",
            columns: "provider event_id kind reference payload outcome received_at",
        },
        No("the payments show the effect of events"),
    ),
    table(
        "coin_accounts",
        Kept { because: LEDGER, columns: "user_id balance held seq issued revenue expired clawed_back" },
        rows("user_id", "balance held seq issued revenue expired clawed_back"),
    ),
    table(
        "coin_lots",
        RedactedByFeature {
            because: LEDGER,
            columns: "id user_id source grant_key granted remaining held expired created_at expires_at taken target owed origin \
                      hold_id",
        },
        rows("id", "id source granted remaining held expired taken target owed origin hold_id created_at:time expires_at:time"),
    ),
    table(
        "coin_holds",
        RedactedByFeature {
            because: LEDGER,
            columns: "id user_id amount captured refunded state purpose reference slices created_at expires_at placer",
        },
        rows("id", "id placer amount captured refunded state purpose reference slices:json created_at:time expires_at:time"),
    ),
    table(
        "coin_entries",
        RedactedByFeature {
            because: LEDGER,
            columns: "id user_id seq kind amount balance_after counter_account purpose reference hold_id lot_id \
                      actor_id created_at key_id",
        },
        rows(
            "id",
            "id seq kind amount balance_after counter_account purpose reference hold_id lot_id actor_id key_id created_at:time",
        ),
    ),
    table(
        "account_erasures",
        Kept {
            because: "it is the receipt of the deletion; it is purged after 30 days",
            columns: "user_id receipt job_id deleted_at erased_at erased expires_at",
        },
        No("a user with an account has none"),
    ),
    table(
        "cache_log",
        Expires("its keys name addresses and characters; it is purged after 26 hours, since servers may still have to read it"),
        No("it names keys of other tables"),
    ),
    table("installation", NotPersonal("it has the id of the first administrator"), NOT_ABOUT_USERS),
    table("cache_log_horizon", NotPersonal("one position"), NOT_ABOUT_USERS),
    table("plans", NotPersonal("offers of the site"), NOT_ABOUT_USERS),
    table("coin_packages", NotPersonal("offers of the site"), NOT_ABOUT_USERS),
    table("generation_settings", NotPersonal("settings of the site"), NOT_ABOUT_USERS),
    table("workers", NotPersonal("processes"), NOT_ABOUT_USERS),
    table("product_clock", NotPersonal("one offset"), NOT_ABOUT_USERS),
    table("job_totals", NotPersonal("numbers of jobs"), NOT_ABOUT_USERS),
    table("schedules", NotPersonal("settings of the site"), NOT_ABOUT_USERS),
    table("seaql_migrations", NotPersonal("applied migrations"), NOT_ABOUT_USERS),
];

/// What drops the cached entries of a deleted user, by the setting of the entry.
#[cfg(test)]
pub(super) const CACHED: &[(&str, &str)] = &[
    ("subscription_user", "the job"),
    ("subscription_stats", "the job"),
    ("user_email", "the deletion"),
    ("user_coins", "the job"),
    ("characters_list", "the eraser of characters"),
    ("character", "the eraser of characters"),
    ("generation_settings", "nothing: it is about no user"),
    ("chat_history", "the eraser of chats"),
    ("user_settings", "the job"),
    ("char_id", "the eraser of characters"),
    ("char_profile", "the eraser of characters"),
    ("char_list", "the job"),
    ("session_info", "the eraser of data sessions"),
    ("session_metadata", "the eraser of data sessions"),
    ("session_raw_data", "the eraser of data sessions"),
    ("session_processed_data", "the eraser of data sessions"),
    ("session_training_progress", "the eraser of data sessions"),
];
