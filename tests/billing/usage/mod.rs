//! Metered use: what a plan allows.

mod messages;
mod plan_limits;
mod reports;
