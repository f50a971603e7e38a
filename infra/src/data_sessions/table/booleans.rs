//! Words for true and false in several languages.

use super::cell::BooleanWords;

/// A pair of words, its words for true and its words for false, in lower case.
type Pair = (BooleanWords, &'static [&'static str], &'static [&'static str]);

/// All pairs. Where a word alone belongs to several, the first pair is taken.
const PAIRS: [Pair; 16] = [
    (BooleanWords::TrueFalse, &["true"], &["false"]),
    (BooleanWords::YesNo, &["yes"], &["no"]),
    (BooleanWords::YN, &["y"], &["n"]),
    (BooleanWords::TF, &["t"], &["f"]),
    (BooleanWords::JaNein, &["ja"], &["nein"]),
    (BooleanWords::WahrFalsch, &["wahr"], &["falsch"]),
    (BooleanWords::OuiNon, &["oui"], &["non"]),
    (BooleanWords::VraiFaux, &["vrai"], &["faux"]),
    (BooleanWords::SiNo, &["sí", "si", "sì"], &["no"]),
    (BooleanWords::VerdaderoFalso, &["verdadero"], &["falso"]),
    (BooleanWords::VeroFalso, &["vero"], &["falso"]),
    (BooleanWords::SimNao, &["sim"], &["não", "nao"]),
    (BooleanWords::JaNee, &["ja"], &["nee"]),
    (BooleanWords::JaNej, &["ja"], &["nej"]),
    (BooleanWords::TakNie, &["tak"], &["nie"]),
    (BooleanWords::JN, &["j"], &["n"]),
];

/// Which pairs are still possible for a column, and which of their words were met. One bit a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PairSet {
    possible: u16,
    met_true: u16,
    met_false: u16,
}

impl PairSet {
    /// All pairs, no words met.
    pub(super) const ALL: Self = Self { possible: u16::MAX, met_true: 0, met_false: 0 };

    /// Whether no pair holds all words met.
    pub(super) fn is_empty(self) -> bool {
        self.possible == 0
    }

    /// Adds a trimmed text.
    pub(super) fn add(&mut self, text: &str) {
        let (truths, falsehoods) = lookup(text);
        self.possible &= truths | falsehoods;
        self.met_true |= truths;
        self.met_false |= falsehoods;
    }

    /// The pair of the column. One-letter words count only if both were met: `t` alone can be anything.
    pub(super) fn decided(self) -> Option<BooleanWords> {
        let both = self.possible & self.met_true & self.met_false;
        let first = |bits: u16| PAIRS.get(bits.trailing_zeros() as usize);
        first(both).or_else(|| first(self.possible).filter(|pair| pair.1.iter().all(|word| word.len() > 1))).map(|pair| pair.0)
    }
}

/// The pairs in which a text means true, and those in which it means false.
fn lookup(text: &str) -> (u16, u16) {
    if text.len() > 9 {
        return (0, 0);
    }
    let text = text.to_lowercase();
    let mut bits = (0, 0);
    for (index, (_, truths, falsehoods)) in PAIRS.iter().enumerate() {
        bits.0 |= u16::from(truths.contains(&text.as_str())) << index;
        bits.1 |= u16::from(falsehoods.contains(&text.as_str())) << index;
    }
    bits
}

/// The value of a trimmed text by a pair of words.
pub(super) fn read(words: BooleanWords, text: &str) -> Option<bool> {
    let (_, truths, falsehoods) = PAIRS.iter().find(|pair| pair.0 == words)?;
    if text.len() > 9 {
        return None;
    }
    let is_in = |list: &[&str]| list.iter().any(|word| text.eq_ignore_ascii_case(word) || text.to_lowercase() == *word);
    if is_in(truths) { Some(true) } else { is_in(falsehoods).then_some(false) }
}

/// The words of a pair, for people.
pub(super) fn describe(words: BooleanWords) -> String {
    let pair = PAIRS.iter().find(|pair| pair.0 == words);
    pair.map_or_else(String::new, |(_, truths, falsehoods)| {
        let first = |list: &[&'static str]| list.first().copied().unwrap_or_default();
        format!("`{}` or `{}`", first(truths), first(falsehoods))
    })
}
