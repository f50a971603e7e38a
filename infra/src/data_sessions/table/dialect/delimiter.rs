//! Chooses the delimiter and the quote.

use super::super::limits::Limits;
use super::super::overrides::{Overrides, Quote, delimiter_name};
use super::super::rows::Format;
use super::candidate::Candidate;
use super::sample::Sample;

/// Delimiters that are tried. The first of two with equal scores is taken: commas are the most frequent in prose.
const DELIMITERS: [u8; 6] = [b'\t', b';', b'|', b',', b' ', b':'];

/// The best candidate, and why.
pub(super) fn choose(sample: &Sample, skip: u64, given: &Overrides, declared: Option<u8>, limits: Limits) -> (Candidate, String) {
    let parse = |delimiter: Option<u8>| with_quote(sample, skip, given.quote, delimiter, limits);
    if let Some(delimiter) = given.delimiter.or(declared) {
        return (parse(Some(delimiter)), "the line `sep=` at the beginning of the file names it".to_owned());
    }
    let single = parse(None);
    let (tables, others) =
        DELIMITERS.map(|delimiter| parse(Some(delimiter))).into_iter().partition::<Vec<_>, _>(|it| is_acceptable(it, &single));
    if let (true, Some(broken)) = (tables.is_empty(), others.into_iter().find(|it| it.broken)) {
        return (broken, "it divides the first row, which is refused".to_owned());
    }
    let mut tables = tables;
    tables.sort_by(|a, b| b.score().total_cmp(&a.score()));
    let mut ranked = tables.into_iter();
    match ranked.next() {
        Some(best) => {
            let evidence = describe(&best, ranked.next().as_ref());
            (best, evidence)
        }
        None => (single, "no delimiter divides the rows into equal numbers of cells: it is one column".to_owned()),
    }
}

fn describe(best: &Candidate, next: Option<&Candidate>) -> String {
    let rows = |candidate: &Candidate| {
        format!("{:.0} % of the first rows have {} cells", candidate.consistency * 100.0, candidate.width)
    };
    let next = next.map_or_else(String::new, |next| {
        format!("; with the next best, `{}`, {}", delimiter_name(next.format.delimiter), rows(next))
    });
    format!("{}{next}", rows(best))
}

/// Whether a candidate is a table with several columns, rather than a column of texts that hold the character.
fn is_acceptable(candidate: &Candidate, single: &Candidate) -> bool {
    if !candidate.is_table() {
        return false;
    }
    if matches!(candidate.format.delimiter, Some(b' ' | b':')) {
        // Words, times and dates hold these: only regular tables of numbers or of quoted cells are believed.
        // Quotes around words that are no cells would be irregular.
        let quotes = candidate.quoted > 0 && candidate.irregular == 0 && single.irregular > 0 && candidate.rest_is_regular();
        let numbers = candidate.consistency >= 1.0 && candidate.typed >= 0.5 && single.typed < 0.9;
        return numbers || quotes;
    }
    if candidate.first_width() > 1 {
        return true;
    }
    // The first row has one cell: a title, or the name of the only column.
    let decimals = candidate.width == 2 && single.all_but_first_typed();
    candidate.rest_is_regular() && !decimals && (candidate.width > 2 || candidate.typed > 0.0)
}

fn with_quote(sample: &Sample, skip: u64, given: Option<Quote>, delimiter: Option<u8>, limits: Limits) -> Candidate {
    let parse = |quote: Option<u8>| with_backslashes(sample, skip, delimiter, quote, limits);
    if let Some(quote) = given {
        return parse(quote.byte());
    }
    let double = parse(Some(b'"'));
    if double.quoted > 0 {
        return double;
    }
    let single = parse(Some(b'\''));
    let better = single.quoted > 0 && single.irregular == 0 && single.consistency >= double.consistency;
    if better { single } else { double }
}

/// A backslash is an escape if the quotes are regular only then.
fn with_backslashes(sample: &Sample, skip: u64, delimiter: Option<u8>, quote: Option<u8>, limits: Limits) -> Candidate {
    let plain = with_spaces(sample, skip, delimiter, quote, limits);
    let Some(quote) = quote.filter(|_| plain.irregular > 0) else { return plain };
    if !sample.bytes.windows(2).any(|pair| pair == [b'\\', quote]) {
        return plain;
    }
    let escaped = Candidate::parse(sample, skip, Format { backslash: true, ..plain.format }, limits);
    let better = escaped.irregular == 0 && escaped.consistency >= plain.consistency;
    if better { escaped } else { plain }
}

/// Runs of spaces are one delimiter if that is what makes the rows equally long, or if columns between them are always empty.
fn with_spaces(sample: &Sample, skip: u64, delimiter: Option<u8>, quote: Option<u8>, limits: Limits) -> Candidate {
    let exact = Candidate::parse(sample, skip, Format { delimiter, collapse: false, quote, backslash: false }, limits);
    if delimiter != Some(b' ') {
        return exact;
    }
    let runs = Candidate::parse(sample, skip, Format { delimiter, collapse: true, quote, backslash: false }, limits);
    let better = runs.consistency >= exact.consistency && runs.width != exact.width;
    if better { runs } else { exact }
}
