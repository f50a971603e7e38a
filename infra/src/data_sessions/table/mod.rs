//! stub
#![allow(missing_docs, unused, dead_code)]
use std::io::{self, Read};
use serde::{Deserialize, Serialize};
use domain::data_sessions::TableInfo;
pub trait Source { fn open(&self) -> io::Result<Box<dyn Read + '_>>; }
pub trait FrameSink { fn frame(&mut self, first_row: u64, rows: u64, csv: &[u8]) -> io::Result<()>; }
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError { #[error("x")] Setting { setting: &'static str, value: String, allowed: &'static str }, #[error("r")] Read(#[source] io::Error), #[error("w")] Write(#[source] io::Error), #[error("o")] O }
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnFormat { x: u8 }
impl ColumnFormat { pub fn json(&self, text: &str) -> serde_json::Value { text.into() } }
#[derive(Debug, Clone, Copy, Default)]
pub struct OverrideTexts<'a> { pub encoding: Option<&'a str>, pub delimiter: Option<&'a str>, pub quote: Option<&'a str>, pub decimal: Option<&'a str>, pub header: Option<bool>, pub skip_rows: Option<u64> }
#[derive(Debug, Clone, Copy, Default)]
pub struct Overrides {}
impl Overrides { pub fn parse(t: OverrideTexts<'_>) -> Result<Self, TableError> { Ok(Self {}) } }
pub fn read(source: &dyn Source, o: &Overrides, sink: &mut dyn FrameSink) -> Result<(TableInfo, Vec<ColumnFormat>), TableError> { Err(TableError::O) }
