//! Reads an uploaded table in bounded memory.

mod analyse;
mod booleans;
pub(crate) mod cell;
mod dates;
mod decide;
mod dialect;
mod error;
mod frames;
mod limits;
mod missing;
mod names;
mod notices;
mod numbers;
mod overrides;
mod ports;
mod probe;
mod reader;
mod rows;
mod scan;
mod statistics;
mod text;
mod typing;

pub(crate) use analyse::{Analysis, analyse};
pub(crate) use error::{Place, TableError};
pub(crate) use limits::Limits;
pub(crate) use overrides::{OverrideTexts, Overrides};
pub(crate) use ports::{FrameSink, Source};
pub(crate) use probe::{Probe, Probed};

use domain::data_sessions as views;

#[cfg(test)]
mod tests;
