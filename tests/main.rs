//! The suite: deploys Atelier as an operator would and talks to it as a client would.
//!
//! | module | what it tries |
//! |---|---|
//! | `accounts` | registration, login, sessions, tokens, the signed-in user |
//! | `user_settings` | a user's own settings |
//! | `subscriptions` | plans and subscriptions |
//! | `payments` | coins that are bought, and what providers of payments tell |
//! | `coins` | the balance, spending and granting, the books |
//! | `characters` | public characters |
//! | `own_characters` | one's own characters and their memories |
//! | `generation_settings` | the platform's settings |
//! | `chats` | chats, messages, history |
//! | `idempotency` | commands that may arrive twice |
//! | `clock` | the clock that a test moves, and what its jumps make untrue |
//! | `schedule` | what falls due by itself |
//! | `plan_limits` | what a plan allows |
//! | `cache` | every policy: hits, expiry, drops, several servers |
//! | `operator` | the cache as its operators see it, and what monitoring is told |
//! | `postgres_away` | Postgres hung |
//! | `redis_away` | Redis absent, killed, hung, refusing, damaged |
//! | `redis_topologies` | Redis Cluster and Sentinel, and their failovers |
//! | `checker_tests` | short runs of the checkers of freshness and of money, and whether they report what is planted |
//! | `edge` | bad input, limits, conditional reads, health, the document's explorer |
//! | `hang_ups` | clients that hang up |
//! | `lifecycle` | servers that start together, end and die |
//! | `command_line` | the program's other commands |
//! | `model` | the cache's protocol, in every order of events |
//! | `contract` | the document, who may do what, the settings and tables that people read |
//!
//! Each test of behaviour runs on SQLite and Postgres, with and without Redis: `coins::ledger::…::postgres_redis`.

#![allow(unreachable_pub, reason = "`pub` says what a module offers to the others; nobody else can use a test")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod cache;
mod characters;
mod chats;
mod checker_tests;
mod clock;
mod coins;
mod command_line;
mod contract;
mod edge;
mod generation_settings;
mod hang_ups;
mod idempotency;
mod lifecycle;
mod model;
mod operator;
mod own_characters;
mod payments;
mod plan_limits;
mod postgres_away;
mod redis_away;
mod redis_topologies;
mod schedule;
mod subscriptions;
mod user_settings;
