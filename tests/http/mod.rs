//! HTTP: invalid input, limits, compression, conditional and cross-origin requests, idempotency keys, the published contract, and paths
//! without a resource.

pub mod compression;
mod conditional;
mod contract;
mod cors;
mod idempotency;
mod input;
mod limits;
mod secrecy;
mod service;
