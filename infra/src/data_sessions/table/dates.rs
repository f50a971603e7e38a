//! Reads dates written as digits, with or without a time of day.
//!
//! Accepted: `2024-01-31`, `31.01.2024`, `1/31/2024`, `31.01.24`, `1/31/24` (two digits as in POSIX: 69 to 99 are 1969 to 1999),
//! followed by `T` or spaces and `14:05`, `14:05:59.123`, `2:05 PM`, and an offset such as `Z` or `+02:00`.

use chrono::{DateTime, Datelike, NaiveDate, Timelike};

use super::cell::{DateFormat, DateOrder};

const DAY: i64 = 86_400;

/// The digits of a date, before their order is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WrittenDate {
    parts: [u32; 3],
    widths: [usize; 3],
    separator: u8,
    /// Time of day, if there is one.
    pub(super) time: Option<TimeOfDay>,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeOfDay {
    seconds: i64,
    /// Seconds east of UTC, if given.
    pub(super) offset: Option<i64>,
}

impl WrittenDate {
    /// Reads a trimmed text. Whether the numbers are a date depends on the order.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if !(6..=40).contains(&bytes.len()) || !bytes.first()?.is_ascii_digit() {
            return None;
        }
        let mut cursor = Cursor { rest: bytes };
        let (first, first_width) = cursor.number(4)?;
        let separator = cursor.one_of(b"-/.")?;
        let (second, second_width) = cursor.number(2)?;
        cursor.one_of(&[separator])?;
        let (third, third_width) = cursor.number(4)?;
        let time = if cursor.rest.is_empty() { None } else { Some(cursor.time()?) };
        Some(Self { parts: [first, second, third], widths: [first_width, second_width, third_width], separator, time })
    }

    /// Seconds since 1970-01-01T00:00:00Z if the numbers are a date in this order.
    pub(super) fn seconds(&self, order: DateOrder) -> Option<i64> {
        let [a, b, c] = self.parts;
        let (year, month, day) = match order {
            DateOrder::YearMonthDay => (a, b, c),
            DateOrder::DayMonthYear => (c, b, a),
            DateOrder::MonthDayYear => (c, a, b),
        };
        if !self.widths_fit(order) {
            return None;
        }
        let year = if order != DateOrder::YearMonthDay && self.widths[2] == 2 { full_year(year) } else { year };
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok().filter(|year| *year > 0)?, month, day)?;
        let time = self.time.map_or(0, |time| time.seconds - time.offset.unwrap_or(0));
        Some(i64::from(date.to_epoch_days()) * DAY + time)
    }

    /// Whether the numbers are a date in some order.
    pub(super) fn is_some_date(&self) -> bool {
        OrderSet::ORDERS.into_iter().any(|order| self.seconds(order).is_some())
    }

    fn widths_fit(&self, order: DateOrder) -> bool {
        let [a, b, c] = self.widths;
        match order {
            DateOrder::YearMonthDay => a == 4 && c <= 2,
            DateOrder::MonthDayYear if self.separator == b'.' => false,
            _ if a > 2 => false,
            _ => c == 4 || (c == 2 && (self.separator == b'/' || (self.separator == b'.' && a == 2 && b == 2))),
        }
    }
}

fn full_year(two_digits: u32) -> u32 {
    if two_digits < 69 { 2_000 + two_digits } else { 1_900 + two_digits }
}

/// Orders that are still possible for a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OrderSet(u8);

impl OrderSet {
    const ORDERS: [DateOrder; 3] = [DateOrder::YearMonthDay, DateOrder::DayMonthYear, DateOrder::MonthDayYear];
    /// All orders.
    pub(super) const ALL: Self = Self(0b111);
    /// No order.
    pub(super) const NONE: Self = Self(0);

    /// Keeps the orders in which the numbers are a date.
    pub(super) fn restrict(&mut self, date: &WrittenDate) {
        for (index, order) in Self::ORDERS.into_iter().enumerate() {
            if self.0 & (1 << index) != 0 && date.seconds(order).is_none() {
                self.0 &= !(1 << index);
            }
        }
    }

    /// Whether no order fits.
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether more than one order fits.
    pub(super) fn is_ambiguous(self) -> bool {
        self.0.count_ones() > 1
    }

    /// The preferred order if it fits, else the first that does: the day before the month.
    pub(super) fn choose(self, preferred: DateOrder) -> Option<DateOrder> {
        let mut fitting =
            Self::ORDERS.into_iter().enumerate().filter(|(index, _)| self.0 & (1 << index) != 0).map(|(_, order)| order);
        fitting.clone().find(|order| *order == preferred).or_else(|| fitting.next())
    }
}

/// Reads a trimmed text as seconds since 1970-01-01T00:00:00Z. A time is refused unless `with_time`.
pub(super) fn read(format: DateFormat, with_time: bool, text: &str) -> Option<i64> {
    let date = WrittenDate::parse(text).filter(|date| with_time || date.time.is_none())?;
    date.seconds(format.order)
}

/// Seconds since 1970-01-01T00:00:00Z as ISO 8601. Only a zoned time carries `Z`.
pub(super) fn iso(seconds: i64, with_time: bool, zoned: bool) -> String {
    let Some(moment) = DateTime::from_timestamp(seconds, 0) else { return String::new() };
    let date = format!("{:04}-{:02}-{:02}", moment.year(), moment.month(), moment.day());
    if !with_time {
        return date;
    }
    let zone = if zoned { "Z" } else { "" };
    format!("{date}T{:02}:{:02}:{:02}{zone}", moment.hour(), moment.minute(), moment.second())
}

/// Order of the parts, for people.
pub(super) const fn describe(order: DateOrder) -> &'static str {
    match order {
        DateOrder::YearMonthDay => "year, month, day",
        DateOrder::DayMonthYear => "day, month, year",
        DateOrder::MonthDayYear => "month, day, year",
    }
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    /// One or more digits, at most `width`: their value and how many there are.
    fn number(&mut self, width: usize) -> Option<(u32, usize)> {
        let digits = self.rest.iter().take(width + 1).take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || digits > width {
            return None;
        }
        let value = self.rest.iter().take(digits).fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'));
        self.rest = self.rest.get(digits..)?;
        Some((value, digits))
    }

    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        wanted.contains(first).then(|| {
            self.rest = rest;
            *first
        })
    }

    fn spaces(&mut self) {
        while self.one_of(b" ").is_some() {}
    }

    fn time(&mut self) -> Option<TimeOfDay> {
        self.one_of(b"T t")?;
        self.spaces();
        let (mut hour, _) = self.number(2)?;
        self.one_of(b":")?;
        let minute = self.number(2).filter(|(value, width)| *value < 60 && *width == 2)?.0;
        let second = if self.one_of(b":").is_some() { self.second()? } else { 0 };
        self.spaces();
        if let Some(half) = self.one_of(b"AaPp") {
            self.one_of(b"Mm")?;
            hour = twelve_hours(hour, half)?;
        }
        self.spaces();
        let offset = if self.rest.is_empty() { None } else { Some(self.offset()?) };
        (hour < 24 && self.rest.is_empty()).then(|| TimeOfDay { seconds: i64::from(hour * 3_600 + minute * 60 + second), offset })
    }

    /// Seconds; a fraction is read and left out. 60 is a leap second.
    fn second(&mut self) -> Option<u32> {
        let second = self.number(2).filter(|(value, width)| *value <= 60 && *width == 2)?.0;
        if self.one_of(b".,").is_some() {
            self.number(9)?;
        }
        Some(second)
    }

    fn offset(&mut self) -> Option<i64> {
        if self.one_of(b"Zz").is_some() {
            return Some(0);
        }
        if let Some(rest) = self.rest.strip_prefix(b"UTC") {
            self.rest = rest;
            return Some(0);
        }
        let sign = if self.one_of(b"+-")? == b'-' { -1 } else { 1 };
        let (hours, _) = self.number(2).filter(|(value, _)| *value <= 18)?;
        self.one_of(b":");
        let minutes = if self.rest.is_empty() { 0 } else { self.number(2).filter(|(value, _)| *value < 60)?.0 };
        Some(sign * i64::from(hours * 3_600 + minutes * 60))
    }
}

/// An hour from 1 to 12 with its half of the day.
fn twelve_hours(hour: u32, half: u8) -> Option<u32> {
    (1..=12).contains(&hour).then(|| hour % 12 + if half.eq_ignore_ascii_case(&b'p') { 12 } else { 0 })
}
