//! The revocation checker: is a credential refused on every server as soon as its revocation is acknowledged?
//!
//! Two servers with different intervals of the change log share a database and a Redis, which hangs and is flushed in turn. Callers
//! use a credential on both servers, revoke it on one of them or by the command line, and use it on both again.

pub mod probe;
pub mod statistics;
pub mod trial;
pub mod ways;
