//! What is measured on the held-out rows.

mod balance;
mod importance;
mod metrics;

pub(super) use balance::balance;
pub(super) use importance::importance;
pub(super) use metrics::{baseline, confusion, error, metrics, score};

#[cfg(test)]
mod tests;
