//! Metered use: what a plan allows.

mod plan_limits;
