//! Reads numbers without losing a digit unnoticed.

use super::cell::DecimalMark;

/// The greatest whole number below which a 64-bit floating-point number holds each whole number.
const EXACT: u64 = 1 << 53;
/// A plus sign before so many digits is taken for a telephone number.
const PHONE_DIGITS: usize = 7;

/// The value of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Quantity {
    /// Written without fraction and exponent, within ±2⁵³.
    Whole(i64),
    /// Finite.
    Real(f64),
    /// One of the spellings of an infinity.
    Infinite,
}

impl Quantity {
    /// The value as a floating-point number; nothing for an infinity.
    #[expect(clippy::cast_precision_loss, reason = "whole numbers are within ±2⁵³")]
    pub(super) fn finite(self) -> Option<f64> {
        match self {
            Self::Whole(value) => Some(value as f64),
            Self::Real(value) => Some(value),
            Self::Infinite => None,
        }
    }
}

/// A number and whether a percent sign followed it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    /// Its value, in percent if there was a percent sign.
    pub(super) quantity: Quantity,
    /// Whether there was a percent sign.
    pub(super) percent: bool,
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberRefusal {
    /// It is not written like one.
    Syntax,
    /// Zeros before the first digit would be lost.
    LeadingZero,
    /// Digits would be lost beyond ±2⁵³.
    TooLong,
    /// Beyond the range of a 64-bit floating-point number.
    OutOfRange,
    /// A plus sign before many digits would be lost.
    Phone,
}

/// Reads a trimmed text.
///
/// # Errors
/// The text is no number, or would lose digits.
pub(super) fn parse(text: &str, decimal: DecimalMark) -> Result<Number, NumberRefusal> {
    if let Some(whole) = plain_digits(text.as_bytes()) {
        return Ok(Number { quantity: Quantity::Whole(whole), percent: false });
    }
    if !may_be_number(text) {
        return Err(NumberRefusal::Syntax);
    }
    let (body, percent) = match text.strip_suffix('%') {
        Some(body) => (body.trim_end(), true),
        None => (text, false),
    };
    let (sign, digits) = split_sign(body);
    if is_infinity(digits) {
        return Ok(Number { quantity: Quantity::Infinite, percent });
    }
    let quantity = quantity(sign, digits, decimal)?;
    Ok(Number { quantity, percent })
}

/// Few digits with no zero before them: most cells of most tables.
fn plain_digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 15 || (text.first() == Some(&b'0') && text.len() > 1) {
        return None;
    }
    text.iter().try_fold(0_i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// A cheap test that most words fail.
fn may_be_number(text: &str) -> bool {
    match text.as_bytes() {
        [b'0'..=b'9' | b'+' | b'-' | b'.' | b',' | b'i' | b'I', ..] => true,
        _ => text.starts_with(['−', '∞']),
    }
}

fn split_sign(text: &str) -> (Option<char>, &str) {
    let mut rest = text.chars();
    match rest.next() {
        Some(sign @ ('+' | '-' | '−')) => (Some(sign), rest.as_str()),
        _ => (None, text),
    }
}

/// Whether an unsigned text is a spelling of infinity.
fn is_infinity(text: &str) -> bool {
    text == "∞" || ["inf", "infinity", "1.#inf", "1.#inf00"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn quantity(sign: Option<char>, text: &str, decimal: DecimalMark) -> Result<Quantity, NumberRefusal> {
    let parts = Parts::split(text, decimal).ok_or(NumberRefusal::Syntax)?;
    let negative = matches!(sign, Some('-' | '−'));
    let whole = parts.whole_digits().ok_or(NumberRefusal::Syntax)?;
    if whole.len() > 1 && whole.starts_with('0') {
        return Err(NumberRefusal::LeadingZero);
    }
    if sign == Some('+') && whole.len() >= PHONE_DIGITS && parts.is_whole() {
        return Err(NumberRefusal::Phone);
    }
    let magnitude = exact(&whole);
    if parts.exponent.is_none() && magnitude.is_none() {
        return Err(NumberRefusal::TooLong);
    }
    match magnitude {
        Some(magnitude) if parts.is_whole() => Ok(Quantity::Whole(if negative { -magnitude } else { magnitude })),
        _ => real(negative, &whole, &parts),
    }
}

/// Digits as a whole number within 2⁵³.
fn exact(digits: &str) -> Option<i64> {
    if digits.is_empty() {
        return Some(0);
    }
    digits.parse::<u64>().ok().filter(|value| *value <= EXACT).and_then(|value| i64::try_from(value).ok())
}

fn real(negative: bool, whole: &str, parts: &Parts<'_>) -> Result<Quantity, NumberRefusal> {
    let mut plain = String::with_capacity(whole.len() + 32);
    plain.push_str(if negative { "-" } else { "" });
    plain.push_str(if whole.is_empty() { "0" } else { whole });
    plain.push('.');
    plain.push_str(parts.fraction.filter(|digits| !digits.is_empty()).unwrap_or("0"));
    if let Some(exponent) = parts.exponent {
        plain.push('e');
        plain.push_str(exponent);
    }
    let value = plain.parse::<f64>().map_err(|_| NumberRefusal::Syntax)?;
    if value.is_finite() { Ok(Quantity::Real(value)) } else { Err(NumberRefusal::OutOfRange) }
}

/// An unsigned number, cut at its marks.
struct Parts<'a> {
    whole: &'a str,
    fraction: Option<&'a str>,
    exponent: Option<&'a str>,
    decimal: DecimalMark,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str, decimal: DecimalMark) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (text, None),
        };
        let mark = match decimal {
            DecimalMark::Point => '.',
            DecimalMark::Comma => ',',
        };
        let (whole, fraction) = match mantissa.split_once(mark) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let parts = Self { whole, fraction, exponent, decimal };
        parts.is_well_formed().then_some(parts)
    }

    fn is_well_formed(&self) -> bool {
        let fraction = self.fraction.unwrap_or("");
        let exponent = self.exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
        is_digits(fraction)
            && !(self.whole.is_empty() && fraction.is_empty())
            && exponent.is_none_or(|digits| (1..=6).contains(&digits.len()) && is_digits(digits))
    }

    fn is_whole(&self) -> bool {
        self.fraction.is_none() && self.exponent.is_none()
    }

    /// The digits before the mark, without the separators of thousands.
    fn whole_digits(&self) -> Option<std::borrow::Cow<'a, str>> {
        if is_digits(self.whole) {
            return Some(self.whole.into());
        }
        let separator = self.whole.chars().find(|c| !c.is_ascii_digit()).filter(|c| separates_groups(*c, self.decimal))?;
        let mut groups = self.whole.split(separator);
        let first = groups.next().filter(|group| (1..=3).contains(&group.len()) && is_digits(group))?;
        let mut digits = first.to_owned();
        for group in groups {
            if group.len() != 3 || !is_digits(group) {
                return None;
            }
            digits.push_str(group);
        }
        Some(digits.into())
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a character separates groups of three digits.
fn separates_groups(c: char, decimal: DecimalMark) -> bool {
    match c {
        ',' => decimal == DecimalMark::Point,
        '.' => decimal == DecimalMark::Comma,
        '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' => true,
        _ => false,
    }
}
