//! Background work of the servers.

mod schedule;
