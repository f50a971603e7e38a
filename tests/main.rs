//! The suite: deploys Atelier as an operator would and talks to it as a client would.
//!
//! | module | what it tests |
//! |---|---|
//! | `identity` | registration, login, sessions, tokens, API keys, permissions, the signed-in user and the user's settings |
//! | `billing` | `subscriptions` and plans, `payments`, `coins`, `usage` (what a plan allows), `ledger_audit` |
//! | `characters` | public characters, a user's own characters, and their memories |
//! | `chats` | chats, messages, history |
//! | `generation` | the platform's settings |
//! | `ops` | the operator's view of the cache, metrics, the test clock, the command line, start and end of a server |
//! | `cache` | every policy: hits, expiry, invalidation, several servers |
//! | `http` | invalid input, limits, conditional requests, idempotency keys; `contract`: the document, access, published tables |
//! | `limits` | limits of requests by user, address, operation and plan, with and without Redis; passwords and guesses |
//! | `mail` | delivery by a mail server that behaves badly, languages, values of users, kept mails |
//! | `faults` | Postgres unavailable, Redis unavailable or failing over, clients that disconnect |
//! | `data_sessions` | tables: upload, description, training, predictions, expiry |
//! | `jobs` | scheduled tasks |
//! | `checker_tests` | short runs of the checkers, and whether they report what is planted |
//! | `layout` | cycles between folders, and names that use replaced words |
//! | `workers` | several servers on one database: their table, their token secrets, what a write waits for |
//! | `model`, `workers_model`, `jobs_model` | the cache's protocol, the table of workers and the table of jobs, in every order of events |
//!
//! Each test of behaviour runs on SQLite and Postgres, with and without Redis: `billing::coins::ledger::…::postgres_redis`.

#![allow(unreachable_pub, reason = "`pub` says what a module offers to the others; no other crate can use a test")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod billing;
mod cache;
mod characters;
mod chats;
mod checker_tests;
mod data_sessions;
mod faults;
mod generation;
mod http;
mod identity;
mod jobs;
mod jobs_model;
mod layout;
mod limits;
mod mail;
mod model;
mod ops;
mod workers;
mod workers_model;
