//! Limits of requests: in Redis for all servers together, in this process without it.
//!
//! * A limit's state is one entry in Redis, changed by one script on the clock of Redis. All limits of a request are decided together.
//! * Reads spend a lease: requests that this server took ahead. A lease is asked for again when half of it is spent, so a read
//!   waits for Redis only at its first request and near the end of its limit.
//! * This process charges every admitted request to a limiter of its own as well: the share of one server. Without Redis it decides,
//!   and it starts with what was used. In a deployment without Redis it is the only limiter, with the whole limit.
//! * The limiter of this process has a fixed size; see [`table`].
//!
//! The rule is left to `domain`, the limit of a plan to `billing`.

mod bucket;
mod counts;
mod key;
mod limiter;
mod plan_limits;
mod shared;
mod table;

pub(crate) use limiter::{Parts, RequestLimiter};
pub(crate) use plan_limits::PlanLimits;
