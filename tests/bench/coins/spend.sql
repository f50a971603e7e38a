-- One spend of one coin, statement for statement as the API does it. What the API computes between statements, pgbench computes as well.
-- A colon begins a variable even in quotes: \x3a stands for it.
\set n :n + 1
\set user random(1, :users)
BEGIN;
SELECT pg_try_advisory_xact_lock(hashtextextended(lpad(:user::text, 26, '0') || ' pgbench-' || :n::text || '-' || :client_id::text, 0)) AS free;
SELECT "idempotency_keys"."owner", "idempotency_keys"."key", "idempotency_keys"."user_id", "idempotency_keys"."fingerprint", "idempotency_keys"."outcome", "idempotency_keys"."created_at" FROM "idempotency_keys" WHERE "idempotency_keys"."owner" = 'user:' || lpad(:user::text, 26, '0') AND "idempotency_keys"."key" = 'pgbench-' || :n::text || '-' || :client_id::text LIMIT 1;
SELECT "coin_accounts"."user_id", "coin_accounts"."balance", "coin_accounts"."held", "coin_accounts"."seq", "coin_accounts"."issued", "coin_accounts"."revenue", "coin_accounts"."expired", "coin_accounts"."clawed_back" FROM "coin_accounts" WHERE "coin_accounts"."user_id" = lpad(:user::text, 26, '0') LIMIT 1 FOR UPDATE \gset account_
SELECT "coin_lots"."id", "coin_lots"."user_id", "coin_lots"."source", "coin_lots"."grant_key", "coin_lots"."granted", "coin_lots"."remaining", "coin_lots"."held", "coin_lots"."expired", "coin_lots"."created_at", "coin_lots"."expires_at", "coin_lots"."taken", "coin_lots"."target", "coin_lots"."owed", "coin_lots"."origin", "coin_lots"."hold_id" FROM "coin_lots" WHERE "coin_lots"."user_id" = lpad(:user::text, 26, '0') AND ((remaining > 0 OR owed > 0)) ORDER BY "coin_lots"."id" ASC \gset lot_
\set remaining :lot_remaining - 1
\set balance :account_balance - 1
\set seq :account_seq + 1
\set revenue :account_revenue + 1
UPDATE "coin_lots" SET "remaining" = :remaining, "held" = 0, "expired" = 0, "taken" = 0, "target" = 0, "owed" = 0 WHERE "coin_lots"."id" = :lot_id;
INSERT INTO "coin_holds" ("id", "user_id", "amount", "captured", "refunded", "state", "placer", "purpose", "reference", "slices", "created_at", "expires_at") VALUES ('1' || lpad(:n::text, 20, '0') || lpad(:client_id::text, 5, '0'), lpad(:user::text, 26, '0'), 1, 1, 0, 'captured', 'user', 'a picture', 'bench', jsonb_build_array(jsonb_build_object('amount', 1, 'lot_id', :lot_id::text)), now(), now() + interval '15 minutes');
INSERT INTO "coin_entries" ("id", "user_id", "seq", "kind", "amount", "balance_after", "counter_account", "purpose", "reference", "hold_id", "lot_id", "actor_id", "key_id", "created_at") VALUES ('1' || lpad(:n::text, 20, '0') || lpad(:client_id::text, 5, '0'), lpad(:user::text, 26, '0'), :seq, 'capture', -1, :balance, 'revenue', 'a picture', 'bench', '1' || lpad(:n::text, 20, '0') || lpad(:client_id::text, 5, '0'), NULL, lpad(:user::text, 26, '0'), NULL, now());
UPDATE "coin_accounts" SET "balance" = :balance, "held" = :account_held, "seq" = :seq, "issued" = :account_issued, "revenue" = :revenue, "expired" = :account_expired, "clawed_back" = :account_clawed_back WHERE "coin_accounts"."user_id" = lpad(:user::text, 26, '0');
INSERT INTO "idempotency_keys" ("owner", "key", "user_id", "fingerprint", "outcome", "created_at") VALUES ('user:' || lpad(:user::text, 26, '0'), 'pgbench-' || :n::text || '-' || :client_id::text, lpad(:user::text, 26, '0'), '\x1e0a2c7b03a11ed92e18442d383332cee289c08c704e5cdc6cd0c10d5d4d4b4e', '{"Ok":{"entry_id":"1' || lpad(:n::text, 20, '0') || lpad(:client_id::text, 5, '0') || '","amount":1,"balance":' || :balance::text || ',"available":' || :balance::text || '}}', now());
INSERT INTO cache_log (position, key, created_at) VALUES (pg_current_xact_id()::text::bigint, E'user\x3acoins\x3a' || lpad(:user::text, 26, '0'), now()), (pg_current_xact_id()::text::bigint, E'subscription\x3astats\x3a' || lpad(:user::text, 26, '0'), now()) RETURNING position;
COMMIT;
