//! The statements of the audit. Each returns rows that violate its invariant: `id`, and `detail` for the operator.
//! Sums are compared as `NUMERIC`, so that rows with wrong values are found and do not fail the statement.

use domain::billing::ledger_audit::{Invariant, Subject};
use sea_orm::DbBackend;

/// A statement that returns the rows that violate an invariant.
pub(super) struct Check {
    pub(super) invariant: Invariant,
    pub(super) subject: Subject,
    pub(super) sql: &'static str,
}

/// The slices of holds as rows, for `{slices}` in a statement. The JSON functions of the databases differ.
const SLICES_SQLITE: &str = "(SELECT h.id AS hold_id, h.user_id, h.state, h.captured, s.key AS place,
    CASE WHEN s.type = 'object' THEN json_extract(s.value, '$.lot_id') END AS lot_id,
    CASE WHEN s.type = 'object' AND json_type(s.value, '$.amount') = 'integer' THEN json_extract(s.value, '$.amount') ELSE 0 END
        AS amount
    FROM coin_holds h, json_each(CASE WHEN json_valid(h.slices) THEN h.slices ELSE '[]' END) s)";
const SLICES_POSTGRES: &str = "(SELECT h.id AS hold_id, h.user_id, h.state, h.captured, s.place, s.value ->> 'lot_id' AS lot_id,
    CASE WHEN jsonb_typeof(s.value -> 'amount') = 'number' THEN CAST(s.value ->> 'amount' AS NUMERIC) ELSE 0 END AS amount
    FROM coin_holds h CROSS JOIN LATERAL
        jsonb_array_elements(CASE WHEN jsonb_typeof(h.slices) = 'array' THEN h.slices ELSE '[]' END)
        WITH ORDINALITY AS s (value, place))";

/// The number of active triggers that forbid changes of entries, for `{guards}` in a statement.
const GUARDS_SQLITE: &str = "(SELECT COUNT(*) FROM sqlite_master
    WHERE type = 'trigger' AND tbl_name = 'coin_entries' AND name IN ('coin_entries_stay', 'coin_entries_stay_all'))";
const GUARDS_POSTGRES: &str = "(SELECT COUNT(*) FROM pg_trigger WHERE tgrelid = 'coin_entries'::regclass AND tgenabled <> 'D'
    AND tgname IN ('coin_entries_stay', 'coin_entries_stay_all'))";

/// The sums of each group of lots, for `{groups}` in a statement: a root lot, and the lots that came from it.
const GROUPS: &str = "(SELECT COALESCE(origin, id) AS root, SUM(taken) AS taken, SUM(remaining - held) AS free,
    SUM(CASE WHEN expires_at IS NULL THEN 0 ELSE taken END) AS taken_expiring FROM coin_lots GROUP BY COALESCE(origin, id))";

/// Payments with what their refunds and disputes make, for `{money}` in a statement.
const MONEY: &str = "(SELECT p.*, COALESCE(r.effective, 0) + CASE WHEN p.refunded_total > COALESCE(r.known, 0)
        THEN p.refunded_total - COALESCE(r.known, 0) ELSE 0 END AS refunded, COALESCE(d.disputed, 0) AS disputed
    FROM payments p
    LEFT JOIN (SELECT payment_id, SUM(cents) AS known, SUM(CASE WHEN status = 'effective' THEN cents ELSE 0 END) AS effective
        FROM payment_refunds GROUP BY payment_id) r ON r.payment_id = p.id
    LEFT JOIN (SELECT payment_id, SUM(CASE WHEN status IN ('open', 'lost') THEN cents ELSE 0 END) AS disputed
        FROM payment_disputes GROUP BY payment_id) d ON d.payment_id = p.id)";

/// The text of a statement for a database.
pub(super) fn for_backend(sql: &str, backend: DbBackend) -> String {
    let (slices, guards) = match backend {
        DbBackend::Sqlite => (SLICES_SQLITE, GUARDS_SQLITE),
        _ => (SLICES_POSTGRES, GUARDS_POSTGRES),
    };
    sql.replace("{groups}", GROUPS).replace("{money}", MONEY).replace("{slices}", slices).replace("{guards}", guards)
}

macro_rules! checks {
    ($($invariant:ident $subject:ident $sql:literal;)+) => {
        /// Every check.
        pub(super) const CHECKS: &[Check] =
            &[$(Check { invariant: Invariant::$invariant, subject: Subject::$subject, sql: $sql }),+];
    };
}

checks! {
    I1 User "SELECT user_id AS id, 'held ' || held || ', balance ' || balance AS detail
        FROM coin_accounts WHERE held < 0 OR balance < 0 OR held > balance";

    I2 User "SELECT a.user_id AS id, 'the balance is ' || a.balance || ', the entries make ' || COALESCE(e.total, 0) AS detail
        FROM coin_accounts a LEFT JOIN (SELECT user_id, SUM(amount) AS total FROM coin_entries GROUP BY user_id) e
            ON e.user_id = a.user_id
        WHERE a.balance <> COALESCE(e.total, 0)";
    I2 User "SELECT a.user_id AS id, 'the balance is ' || a.balance || ', the lots make ' || COALESCE(l.total, 0) AS detail
        FROM coin_accounts a LEFT JOIN (SELECT user_id, SUM(remaining) AS total FROM coin_lots GROUP BY user_id) l
            ON l.user_id = a.user_id
        WHERE a.balance <> COALESCE(l.total, 0)";
    I2 User "SELECT a.user_id AS id, 'the account is at entry ' || a.seq || ', the last one is ' || COALESCE(e.last, 0) AS detail
        FROM coin_accounts a LEFT JOIN (SELECT user_id, MAX(seq) AS last FROM coin_entries GROUP BY user_id) e
            ON e.user_id = a.user_id
        WHERE a.seq <> COALESCE(e.last, 0)";
    I2 Entry "SELECT id, 'entry ' || seq || ' follows entry ' || before AS detail
        FROM (SELECT id, seq, COALESCE(LAG(seq) OVER (PARTITION BY user_id ORDER BY seq, id), 0) AS before FROM coin_entries) e
        WHERE seq <> before + 1";
    I2 Entry "SELECT id, amount || ' after a balance of ' || before || ' does not make ' || balance_after AS detail
        FROM (SELECT id, amount, balance_after,
                COALESCE(LAG(balance_after) OVER (PARTITION BY user_id ORDER BY seq, id), 0) AS before FROM coin_entries) e
        WHERE balance_after <> CAST(before AS NUMERIC) + amount";
    I2 Entry "SELECT e.id, 'its lot of ' || e.amount || ' coins does not exist' AS detail
        FROM coin_entries e LEFT JOIN coin_lots l ON l.id = e.lot_id AND l.user_id = e.user_id AND (l.granted = e.amount
            OR (e.kind = 'refund' AND l.granted < e.amount)) AND COALESCE(l.hold_id, '') = CASE e.kind WHEN 'refund' THEN e.hold_id ELSE '' END
        WHERE e.kind IN ('grant', 'refund') AND l.id IS NULL";
    // A refund makes a lot for each origin, and its entry names the first one.
    I2 Lot "SELECT l.id, 'it has no grant or refund entry' AS detail
        FROM coin_lots l LEFT JOIN coin_entries e ON e.lot_id = l.id AND e.kind IN ('grant', 'refund')
        LEFT JOIN (SELECT DISTINCT hold_id, user_id, created_at FROM coin_entries WHERE kind = 'refund') r
            ON r.hold_id = l.hold_id AND r.user_id = l.user_id AND r.created_at = l.created_at
        WHERE e.id IS NULL AND r.hold_id IS NULL";
    I2 Lot "SELECT id, 'its source is ' || source || ', its hold is ' || COALESCE(hold_id, 'not set') AS detail
        FROM coin_lots WHERE (source = 'refund') <> (hold_id IS NOT NULL)";
    // Only for users whose holds all have slices.
    I2 Lot "SELECT id, 'granted ' || granted || ', remaining ' || remaining || ', expired ' || expired || ', spent ' || spent
            || ', taken ' || taken AS detail
        FROM (SELECT l.id, l.granted, l.remaining, l.expired, l.taken, COALESCE(s.spent, 0) AS spent,
                CAST(l.granted AS NUMERIC) - l.remaining - l.expired - l.taken - COALESCE(s.spent, 0) AS lacks
            FROM coin_lots l LEFT JOIN (SELECT lot_id, SUM(spent) AS spent
                FROM (SELECT lot_id, CASE WHEN captured >= through THEN amount WHEN captured > through - amount
                        THEN captured - through + amount ELSE 0 END AS spent
                    FROM (SELECT c.lot_id, c.amount, c.captured,
                            SUM(c.amount) OVER (PARTITION BY c.hold_id ORDER BY c.place) AS through FROM {slices} c) ordered) parts
                GROUP BY lot_id) s ON s.lot_id = l.id
            LEFT JOIN (SELECT DISTINCT user_id FROM coin_holds WHERE slices IS NULL) old ON old.user_id = l.user_id
            WHERE old.user_id IS NULL) lots
        WHERE lacks <> 0";
    I2 Lot "SELECT id, 'granted ' || granted || ', remaining ' || remaining || ', expired ' || expired || ', taken ' || taken AS detail
        FROM coin_lots WHERE remaining < 0 OR expired < 0 OR taken < 0 OR granted <= 0
            OR CAST(remaining AS NUMERIC) + expired + taken > granted";
    I2 Lot "SELECT id, 'its account does not exist' AS detail FROM coin_lots r
        WHERE NOT EXISTS (SELECT 1 FROM coin_accounts a WHERE a.user_id = r.user_id)";
    I2 Hold "SELECT id, 'its account does not exist' AS detail FROM coin_holds r
        WHERE NOT EXISTS (SELECT 1 FROM coin_accounts a WHERE a.user_id = r.user_id)";
    I2 Entry "SELECT id, 'its account does not exist' AS detail FROM coin_entries r
        WHERE NOT EXISTS (SELECT 1 FROM coin_accounts a WHERE a.user_id = r.user_id)";

    I3 User "SELECT a.user_id AS id, 'held ' || a.held || ', the open holds make ' || COALESCE(h.total, 0) AS detail
        FROM coin_accounts a LEFT JOIN (SELECT user_id, SUM(amount) AS total FROM coin_holds WHERE state = 'held' GROUP BY user_id) h
            ON h.user_id = a.user_id
        WHERE a.held <> COALESCE(h.total, 0)";
    I3 User "SELECT a.user_id AS id, 'held ' || a.held || ', the lots hold ' || COALESCE(l.total, 0) AS detail
        FROM coin_accounts a LEFT JOIN (SELECT user_id, SUM(held) AS total FROM coin_lots GROUP BY user_id) l
            ON l.user_id = a.user_id
        WHERE a.held <> COALESCE(l.total, 0)";
    I3 Lot "SELECT id, 'held ' || held || ', remaining ' || remaining AS detail
        FROM coin_lots WHERE held < 0 OR held > remaining";
    I3 Lot "SELECT l.id, 'held ' || l.held || ', the slices of open holds make ' || COALESCE(s.total, 0) AS detail
        FROM coin_lots l LEFT JOIN (SELECT lot_id, SUM(amount) AS total FROM {slices} o WHERE state = 'held' GROUP BY lot_id) s
            ON s.lot_id = l.id
        WHERE l.held <> COALESCE(s.total, 0)";
    I3 Hold "SELECT h.id, 'its amount is ' || h.amount || ', its slices make ' || COALESCE(s.total, 0) AS detail
        FROM coin_holds h LEFT JOIN (SELECT hold_id, SUM(amount) AS total FROM {slices} a GROUP BY hold_id) s ON s.hold_id = h.id
        WHERE (h.slices IS NOT NULL OR h.state <> 'captured') AND h.amount <> COALESCE(s.total, 0)";
    I3 Hold "SELECT s.hold_id AS id, 'a slice of ' || s.amount || ' coins names no lot of its user: ' || COALESCE(s.lot_id, '?') AS detail
        FROM {slices} s LEFT JOIN coin_lots l ON l.id = s.lot_id AND l.user_id = s.user_id WHERE l.id IS NULL OR s.amount <= 0";

    I4 User "SELECT a.user_id AS id, 'issued ' || a.issued || ', revenue ' || a.revenue || ', expired ' || a.expired
            || ', clawed back ' || a.clawed_back || '; the entries make ' || COALESCE(e.issued, 0) || ', ' || COALESCE(e.revenue, 0)
            || ', ' || COALESCE(e.expired, 0) || ', ' || COALESCE(e.clawed_back, 0) AS detail
        FROM coin_accounts a LEFT JOIN (SELECT user_id,
                SUM(CASE WHEN counter_account = 'issued' THEN amount ELSE 0 END) AS issued,
                -SUM(CASE WHEN counter_account = 'revenue' THEN amount ELSE 0 END) AS revenue,
                -SUM(CASE WHEN counter_account = 'expired' THEN amount ELSE 0 END) AS expired,
                -SUM(CASE WHEN counter_account = 'clawed_back' THEN amount ELSE 0 END) AS clawed_back
            FROM coin_entries GROUP BY user_id) e ON e.user_id = a.user_id
        WHERE a.issued <> COALESCE(e.issued, 0) OR a.revenue <> COALESCE(e.revenue, 0)
            OR a.expired <> COALESCE(e.expired, 0) OR a.clawed_back <> COALESCE(e.clawed_back, 0)";
    I4 User "SELECT user_id AS id, 'the balance is ' || balance || ', but ' || issued || ' were issued, ' || revenue || ' spent, '
            || expired || ' expired, ' || clawed_back || ' clawed back' AS detail
        FROM coin_accounts WHERE balance <> CAST(issued AS NUMERIC) - revenue - expired - clawed_back OR clawed_back < 0";
    I4 User "SELECT a.user_id AS id, 'clawed back ' || a.clawed_back || ', the lots make ' || COALESCE(l.total, 0) AS detail
        FROM coin_accounts a LEFT JOIN (SELECT user_id, SUM(taken) AS total FROM coin_lots GROUP BY user_id) l ON l.user_id = a.user_id
        WHERE a.clawed_back <> COALESCE(l.total, 0)";
    I4 Entry "SELECT id, kind || ' of ' || amount || ' against ' || counter_account AS detail FROM coin_entries
        WHERE NOT ((kind = 'grant' AND amount > 0 AND counter_account = 'issued')
            OR (kind = 'capture' AND amount < 0 AND counter_account = 'revenue')
            OR (kind = 'refund' AND amount > 0 AND counter_account = 'revenue')
            OR (kind = 'expire' AND amount < 0 AND counter_account = 'expired')
            OR (kind = 'clawback' AND amount < 0 AND counter_account = 'clawed_back')
            OR (kind = 'restore' AND amount > 0 AND counter_account = 'clawed_back'))";
    I4 Platform "SELECT CAST(NULL AS TEXT) AS id, 'the accounts of users and platform sum to ' || total || ', not 0' AS detail
        FROM (SELECT COALESCE((SELECT SUM(balance) FROM coin_accounts), 0) - COALESCE((SELECT SUM(amount) FROM coin_entries), 0)
            AS total) sums
        WHERE total <> 0";

    I5 Hold "SELECT id, state || ', amount ' || amount || ', captured ' || captured || ', refunded ' || refunded AS detail
        FROM coin_holds WHERE NOT (amount > 0 AND 0 <= refunded AND refunded <= captured AND captured <= amount
            AND ((state = 'captured' AND captured > 0) OR (state IN ('held', 'voided', 'expired') AND captured = 0)))";
    I5 Hold "SELECT h.id, h.state || ', captured ' || h.captured || '; ' || COALESCE(e.entries, 0) || ' entries captured '
            || COALESCE(e.total, 0) AS detail
        FROM coin_holds h LEFT JOIN (SELECT hold_id, user_id, COUNT(*) AS entries, -SUM(amount) AS total
            FROM coin_entries WHERE kind = 'capture' GROUP BY hold_id, user_id) e ON e.hold_id = h.id AND e.user_id = h.user_id
        WHERE h.captured <> COALESCE(e.total, 0) OR COALESCE(e.entries, 0) <> CASE WHEN h.state = 'captured' THEN 1 ELSE 0 END";
    I5 Hold "SELECT h.id, 'refunded ' || h.refunded || ', the entries refunded ' || COALESCE(e.total, 0) AS detail
        FROM coin_holds h LEFT JOIN (SELECT hold_id, SUM(amount) AS total FROM coin_entries WHERE kind = 'refund' GROUP BY hold_id) e
            ON e.hold_id = h.id
        WHERE h.refunded <> COALESCE(e.total, 0)";
    I5 Hold "SELECT h.id, 'refunded ' || h.refunded || ', the lots of its refunds make ' || COALESCE(l.total, 0) AS detail
        FROM coin_holds h LEFT JOIN (SELECT hold_id, user_id, SUM(granted) AS total FROM coin_lots GROUP BY hold_id, user_id) l
            ON l.hold_id = h.id AND l.user_id = h.user_id
        WHERE h.refunded <> COALESCE(l.total, 0)";
    I5 Entry "SELECT e.id, 'the hold of this ' || e.kind || ' does not exist' AS detail
        FROM coin_entries e LEFT JOIN coin_holds h ON h.id = e.hold_id AND h.user_id = e.user_id
        WHERE (e.kind IN ('capture', 'refund') OR e.hold_id IS NOT NULL) AND h.id IS NULL";

    I6 Lot "SELECT id, times || ' lots have the grant key ' || grant_key AS detail
        FROM (SELECT id, grant_key, COUNT(*) OVER (PARTITION BY grant_key) AS times FROM coin_lots) l WHERE times > 1";
    I6 Lot "SELECT lot_id AS id, COUNT(*) || ' entries name it as their lot' AS detail
        FROM coin_entries WHERE lot_id IS NOT NULL GROUP BY lot_id HAVING COUNT(*) > 1";

    I7 Platform "SELECT CAST(NULL AS TEXT) AS id, 'a trigger that forbids changes and deletions of entries is missing or disabled' AS detail
        WHERE {guards} <> 2";
    I7 Entry "SELECT e.id, 'its purpose or reference differs from its hold: ' || e.purpose AS detail
        FROM coin_entries e JOIN coin_holds h ON h.id = e.hold_id
        WHERE (e.kind = 'capture' AND e.purpose <> h.purpose)
            OR (e.kind IN ('capture', 'refund') AND COALESCE(e.reference, '') <> COALESCE(h.reference, ''))";
    I7 Entry "SELECT e.id, 'its creation time differs from that of its lot' AS detail
        FROM coin_entries e JOIN coin_lots l ON l.id = e.lot_id WHERE e.created_at <> l.created_at";

    I9 Payment "SELECT id, 'its state is ' || state || ', its grant key is ' || COALESCE(grant_key, 'not set') AS detail FROM payments
        WHERE (state = 'paid' AND coins > 0 AND grant_key IS NULL)
            OR (grant_key IS NOT NULL AND state NOT IN ('paid', 'refunded', 'charged_back'))";
    I9 Payment "SELECT p.id, 'the lot of its grant key does not exist: ' || p.grant_key AS detail
        FROM payments p LEFT JOIN coin_lots l ON l.grant_key = p.grant_key AND l.user_id = p.user_id
        WHERE p.grant_key IS NOT NULL AND l.id IS NULL";
    // What a payment paid for is to be taken back in proportion to the money that is gone.
    I9 Payment "SELECT p.id, p.gone_cents || ' of ' || p.amount_cents || ' cents are gone, ' || l.target || ' of ' || p.coins
            || ' coins are to be taken' AS detail
        FROM payments p JOIN coin_lots l ON l.grant_key = p.grant_key
        WHERE CASE WHEN p.amount_cents = 0 THEN l.target <> 0 ELSE
            CAST(p.coins AS NUMERIC) * p.gone_cents < CAST(l.target AS NUMERIC) * p.amount_cents
            OR CAST(p.coins AS NUMERIC) * p.gone_cents >= (CAST(l.target AS NUMERIC) + 1) * p.amount_cents END";
    I9 Payment "SELECT id, 'refunded ' || refunded_cents || ', gone ' || gone_cents || '; its refunds make ' || refunded
            || ', its disputes ' || disputed AS detail
        FROM {money} m
        WHERE paid_at IS NOT NULL AND (refunded_cents <> CASE WHEN refunded > amount_cents THEN amount_cents ELSE refunded END
            OR gone_cents <> CASE WHEN refunded + disputed > amount_cents THEN amount_cents ELSE refunded + disputed END)";
    I9 Payment "SELECT id, 'its state is ' || state || ', gone ' || gone_cents || ' of ' || amount_cents || ', ' || disputed
            || ' disputed, unapplied ' || COALESCE(unapplied, 'not set') AS detail
        FROM {money} m
        WHERE state <> CASE WHEN paid_at IS NULL THEN CASE WHEN state IN ('pending', 'requires_action', 'failed', 'void') THEN state ELSE '' END
            WHEN amount_cents > 0 AND gone_cents = amount_cents THEN CASE WHEN disputed > 0 THEN 'charged_back' ELSE 'refunded' END
            WHEN unapplied IS NOT NULL THEN 'unapplied' ELSE 'paid' END";
    I9 Payment "SELECT DISTINCT f.payment_id AS id, 'a refund or a dispute names it, and it does not exist' AS detail
        FROM (SELECT payment_id FROM payment_refunds UNION ALL SELECT payment_id FROM payment_disputes) f
        LEFT JOIN payments p ON p.id = f.payment_id WHERE p.id IS NULL";
    I10 Payment "SELECT id, times || ' payments have the charge ' || provider_reference || ' of ' || provider AS detail
        FROM (SELECT id, provider, provider_reference, COUNT(*) OVER (PARTITION BY provider, provider_reference) AS times
            FROM payments WHERE provider_reference IS NOT NULL) p WHERE times > 1";
    I9 Lot "SELECT l.id, 'target ' || l.target || ', but no payment has its grant key: ' || l.grant_key AS detail
        FROM coin_lots l LEFT JOIN payments p ON p.grant_key = l.grant_key
        WHERE l.target <> 0 AND l.source <> 'trial' AND p.id IS NULL";
    I9 Lot "SELECT l.id, 'its source is ' || l.source || ', target ' || l.target || ', owed ' || l.owed
            || '; its origin is no first lot of its user: ' || l.origin AS detail
        FROM coin_lots l LEFT JOIN coin_lots o ON o.id = l.origin AND o.user_id = l.user_id AND o.origin IS NULL
        WHERE l.origin IS NOT NULL AND (o.id IS NULL OR l.source NOT IN ('rollover', 'refund') OR l.target <> 0 OR l.owed <> 0)";
    // A group is a root lot and the lots that came from it.
    I9 Lot "SELECT l.id, 'target ' || l.target || ', owed ' || l.owed || ', its group has ' || g.taken || ' taken and ' || g.free
            || ' free' AS detail
        FROM coin_lots l JOIN {groups} g ON g.root = l.id
        WHERE l.origin IS NULL AND (l.target < 0 OR l.target > l.granted OR (l.owed > 0 AND g.free > 0)
            OR l.owed <> CASE WHEN l.target > g.taken THEN l.target - g.taken ELSE 0 END)";
    // More than the target is taken only where a lot expired before its coins could be restored.
    I9 Lot "SELECT l.id, 'target ' || l.target || ', its group has ' || g.taken || ' taken' AS detail
        FROM coin_lots l JOIN {groups} g ON g.root = l.id
        WHERE l.origin IS NULL AND CAST(l.target AS NUMERIC) + g.taken_expiring < g.taken";
    // Subscriptions that are older than payments have no `subscribed` event and are excluded.
    I9 Lot "SELECT l.id, 'no payment has its grant key: ' || l.grant_key AS detail
        FROM coin_lots l LEFT JOIN payments p ON p.grant_key = l.grant_key
        WHERE p.id IS NULL AND (l.source = 'purchase' OR (l.source = 'subscription' AND EXISTS (SELECT 1 FROM subscription_events e
            WHERE e.user_id = l.user_id AND e.subscription_id = SUBSTR(l.grant_key, 5, 26) AND e.kind = 'subscribed')))";

    I10 Job "SELECT j.id, 'it was claimed ' || j.fence || ' times, is ' || j.state || ', and has ' || COALESCE(a.attempts, 0)
            || ' attempts' AS detail
        FROM jobs j LEFT JOIN (SELECT job_id, COUNT(*) AS attempts, MAX(fence) AS last FROM job_attempts GROUP BY job_id) a
            ON a.job_id = j.id
        WHERE COALESCE(a.attempts, 0) <> j.fence - CASE WHEN j.state = 'running' THEN 1 ELSE 0 END
            OR COALESCE(a.attempts, 0) <> COALESCE(a.last, 0)";
    I10 Job "SELECT j.id, 'it is ' || j.state || ' with ' || j.failures || ' failures and ' || j.losses || ' losses; its attempts make '
            || COALESCE(a.failures, 0) || ' and ' || COALESCE(a.losses, 0) || ', ' || COALESCE(a.successes, 0) || ' succeeded' AS detail
        FROM jobs j LEFT JOIN (SELECT job_id, SUM(CASE WHEN outcome IN ('failed', 'retried') THEN 1 ELSE 0 END) AS failures,
            SUM(CASE WHEN outcome = 'lost' THEN 1 ELSE 0 END) AS losses, SUM(CASE WHEN outcome = 'succeeded' THEN 1 ELSE 0 END) AS successes
            FROM job_attempts GROUP BY job_id) a ON a.job_id = j.id
        WHERE j.failures <> COALESCE(a.failures, 0) OR j.losses <> COALESCE(a.losses, 0)
            OR COALESCE(a.successes, 0) <> CASE WHEN j.state = 'succeeded' THEN 1 ELSE 0 END";
}
