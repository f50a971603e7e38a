//! Detects how the cells of a file are delimited, by parsing a sample with each candidate.
//!
//! The idea is that of `csv.Sniffer` in the Python library since 3.16 and of `CleverCSV` (van den Burg, Nazábal, Sutton: "Wrangling messy CSV
//! files by detecting row and type patterns", 2019): a good dialect gives rows of equal length whose cells have types. The crate
//! qsv-sniffer was not taken: it keeps settings in thread-local variables, and does not parse with each candidate.

mod candidate;
mod delimiter;
mod header;
mod lead;
mod sample;

use encoding_rs::{Encoding, UTF_8};

use super::error::TableError;
use super::limits::Limits;
use super::overrides::{Overrides, Quote, delimiter_name};
use super::ports::Source;
use super::probe::Probed;
use super::rows::Format;
use super::views::{Finding, FindingSource, Setting};
use candidate::Candidate;
use sample::Sample;

/// How a file is read.
pub(super) struct Dialect {
    /// Character encoding.
    pub(super) encoding: &'static Encoding,
    /// How cells are delimited.
    pub(super) format: Format,
    /// Lines left out before the table.
    pub(super) skip_lines: u64,
    /// Whether the first row holds names.
    pub(super) header: bool,
    /// Most frequent number of cells of a row.
    pub(super) width: usize,
    /// All settings and why.
    pub(super) findings: Vec<Finding>,
    /// What was left out before the table, for a warning.
    pub(super) left_out: Option<String>,
}

/// Detects the dialect.
pub(super) fn detect(source: &dyn Source, probed: &Probed, given: &Overrides, limits: Limits) -> Result<Dialect, TableError> {
    let encoding = encoding(probed, given)?;
    let sample = Sample::read(source, encoding)?;
    let declared = lead::declared_delimiter(&sample.bytes).filter(|_| given.skip_rows.unwrap_or(0) == 0);
    let skipped = given.skip_rows.unwrap_or(0) + u64::from(declared.is_some());
    let (chosen, evidence) = delimiter::choose(&sample, skipped, given, declared, limits);
    let lead = if given.skip_rows.is_some() { None } else { lead::lines_before(&chosen) };
    let skip_lines = lead.as_ref().map_or(skipped, |lead| lead.lines);
    let header = header::detect(&sample, &chosen, skip_lines, limits);
    let mut findings = vec![encoding_finding(encoding, probed, given)];
    let delimiter_given = given.delimiter.is_some();
    findings.push(finding(Setting::Delimiter, delimiter_name(chosen.format.delimiter), delimiter_given, evidence));
    findings.push(quote_finding(&chosen, given));
    let header_text = given.header.map_or(header.evidence, |_| GIVEN.to_owned());
    let has_header = given.header.unwrap_or(header.present);
    findings.push(finding(Setting::Header, if has_header { "true" } else { "false" }, given.header.is_some(), header_text));
    if skip_lines > 0 {
        let why = lead.as_ref().map_or_else(|| lead::reason(declared).to_owned(), |lead| lead.reason.clone());
        findings.push(finding(Setting::SkipRows, &skip_lines.to_string(), given.skip_rows.is_some(), why));
    }
    let left_out = lead.map(|lead| lead.reason);
    Ok(Dialect { encoding, format: chosen.format, skip_lines, header: has_header, width: chosen.width, findings, left_out })
}

/// Evidence of a setting that was not detected.
pub(super) const GIVEN: &str = "given by the caller";

/// A setting and why.
pub(super) fn finding(setting: Setting, value: &str, given: bool, evidence: String) -> Finding {
    let (source, evidence) = if given { (FindingSource::Given, GIVEN.to_owned()) } else { (FindingSource::Detected, evidence) };
    Finding { setting, value: value.to_owned(), source, evidence }
}

fn encoding(probed: &Probed, given: &Overrides) -> Result<&'static Encoding, TableError> {
    match (given.encoding, probed.mixed) {
        (None, Some(stray)) => Err(stray.refusal()),
        (Some(encoding), Some(stray)) if encoding == UTF_8 => Err(stray.refusal()),
        (Some(encoding), _) => Ok(encoding),
        (None, None) => Ok(Encoding::for_label(probed.encoding.as_bytes()).unwrap_or(UTF_8)),
    }
}

fn encoding_finding(encoding: &'static Encoding, probed: &Probed, given: &Overrides) -> Finding {
    finding(Setting::Encoding, &encoding.name().to_ascii_lowercase(), given.encoding.is_some(), probed.evidence.clone())
}

fn quote_finding(chosen: &Candidate, given: &Overrides) -> Finding {
    let quote = match chosen.format.quote {
        Some(b'"') => Quote::Double,
        Some(_) => Quote::Single,
        None => Quote::None,
    };
    let evidence = match chosen.quoted {
        0 => "no cell of the first rows is quoted; this is the usual character".to_owned(),
        count if chosen.format.backslash => {
            format!("{count} cells of the first rows are enclosed in it, with backslashes before quotes inside")
        }
        count => format!("{count} cells of the first rows are enclosed in it"),
    };
    finding(Setting::Quote, quote.name(), given.quote.is_some(), evidence)
}
