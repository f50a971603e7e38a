//! Numbers for people: thousands separators, four significant digits, shares in percent.

/// Digits that are shown of a number with a fraction.
const SIGNIFICANT: i32 = 4;
/// Numbers from here are shown as powers of ten.
const HUGE: f64 = 1e15;
/// Numbers below are shown as powers of ten.
const TINY: f64 = 1e-4;

/// A count, with separators from 1,000.
pub(super) fn count(value: u64) -> String {
    separate(&value.to_string())
}

/// A number. Whole ones are shown whole, others with four significant digits, and none with a fraction from 1,000. Separators begin at
/// 10,000, because four digits may be a year.
pub(super) fn number(value: f64) -> String {
    let magnitude = value.abs();
    let sign = if value < 0.0 { "−" } else { "" };
    let digits = match magnitude {
        _ if value.is_nan() => return "—".to_owned(),
        _ if value.is_infinite() => "∞".to_owned(),
        0.0 => "0".to_owned(),
        _ if (TINY..HUGE).contains(&magnitude) => plain(magnitude),
        _ => power_of_ten(magnitude),
    };
    format!("{sign}{digits}")
}

/// A share from 0 to 1 in percent. Only an exact 0 or 1 is shown as one.
pub(super) fn share(value: f64) -> String {
    let percent = value * 100.0;
    match percent {
        _ if !percent.is_finite() => "—".to_owned(),
        _ if percent > 0.0 && percent < 0.1 => "< 0.1 %".to_owned(),
        _ if percent > 99.9 && percent < 100.0 => "> 99.9 %".to_owned(),
        _ => format!("{} %", trim(&format!("{percent:.1}"))),
    }
}

/// A part of a whole; 0 of nothing.
pub(super) fn fraction(part: f64, whole: f64) -> f64 {
    let fraction = part / whole;
    if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 }
}

/// A size.
#[expect(clippy::cast_precision_loss, reason = "it is rounded")]
pub(super) fn bytes(value: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if value < 1024 {
        return format!("{value} bytes");
    }
    let mut size = value as f64 / 1024.0;
    let mut units = UNITS.into_iter();
    let mut unit = units.next().unwrap_or_default();
    while size >= 1023.95 {
        let Some(next) = units.next() else { break };
        (size, unit) = (size / 1024.0, next);
    }
    format!("{} {unit}", trim(&format!("{size:.1}")))
}

/// A positive number without an exponent.
fn plain(value: f64) -> String {
    let decimals = usize::try_from(SIGNIFICANT - 1 - exponent(value)).unwrap_or(0);
    let text = if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.decimals$}") };
    let text = trim(&text);
    if value < 9999.5 { text.to_owned() } else { separate(text) }
}

/// The exponent of a positive number as `{:e}` rounds it to the significant digits.
fn exponent(value: f64) -> i32 {
    scientific(value).1
}

fn power_of_ten(value: f64) -> String {
    let (mantissa, exponent) = scientific(value);
    format!("{} × 10{}", trim(&mantissa), superscript(exponent))
}

fn scientific(value: f64) -> (String, i32) {
    let text = format!("{value:.*e}", SIGNIFICANT.unsigned_abs() as usize - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.to_owned(), exponent.parse().unwrap_or(0))
}

fn superscript(exponent: i32) -> String {
    let digit = |char| match char {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        _ => char::from_u32(u32::from('⁰') + u32::from(char) - u32::from('0')).unwrap_or(char),
    };
    exponent.to_string().chars().map(digit).collect()
}

/// Removes zeros at the end of a fraction.
fn trim(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Separates the thousands of a whole number.
fn separate(text: &str) -> String {
    let mut separated = String::new();
    for (index, digit) in text.chars().enumerate() {
        if index > 0 && (text.len() - index).is_multiple_of(3) {
            separated.push(',');
        }
        separated.push(digit);
    }
    separated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_separators_and_four_digits() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (2007.0, "2007"),
            (4_201.754_385, "4202"),
            (1_234_567.8, "1,234,568"),
            (-123_456.0, "−123,456"),
            (43.921_929, "43.92"),
            (0.87, "0.87"),
            (0.970_588, "0.9706"),
            (0.000_123_456, "0.0001235"),
            (0.99999, "1"),
            (9.9999, "10"),
            (9999.7, "10,000"),
            (0.000_012_3, "1.23 × 10⁻⁵"),
            (-6.02e23, "−6.02 × 10²³"),
            (f64::MAX, "1.798 × 10³⁰⁸"),
            (f64::NAN, "—"),
            (f64::NEG_INFINITY, "−∞"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text, "{value}");
        }
        assert_eq!([count(999), count(1000), count(u64::MAX)], ["999", "1,000", "18,446,744,073,709,551,615"]);
    }

    #[test]
    fn a_share_is_0_or_100_percent_only_if_it_is_exact() {
        let shares = [0.0, 1e-9, 0.198_8, 0.5, 0.999_999, 1.0, f64::NAN].map(share);
        assert_eq!(shares, ["0 %", "< 0.1 %", "19.9 %", "50 %", "> 99.9 %", "100 %", "—"]);
        assert_eq!([fraction(1.0, 0.0), fraction(0.0, 0.0), fraction(3.0, 2.0)].map(share), ["0 %", "0 %", "100 %"]);
    }

    #[test]
    fn sizes_have_units() {
        let sizes = [0, 1023, 1024, 15_241, 1_048_570, 50 << 20, u64::MAX].map(bytes);
        assert_eq!(sizes, ["0 bytes", "1023 bytes", "1 KiB", "14.9 KiB", "1 MiB", "50 MiB", "16777216 TiB"]);
    }
}
