//! The edge of the service: bad input, limits, conditional requests, and the parts that are no resource.

mod conditional;
mod input;
mod limits;
mod secrecy;
mod service;
