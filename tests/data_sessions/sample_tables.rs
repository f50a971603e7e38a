//! Small tables whose content is known.

use std::fmt::Write;

use serde_json::{Value, json};

/// Rows of [`flowers`].
pub const FLOWERS: usize = 90;

/// Flowers of two kinds, which the length of a petal tells apart. Each tenth row has no length, and the last row no kind.
pub fn flowers() -> String {
    (0..FLOWERS).fold("petal length,colour,found,kind\n".to_owned(), |mut table, row| {
        let (is_rose, day) = (row % 3 == 0, row % 28 + 1);
        let length = if is_rose { 5.5 } else { 1.5 } + pseudo_random(row) / 2.0;
        let length = if row % 10 == 9 { String::new() } else { format!("{length:.2}") };
        let kind = match (row + 1 == FLOWERS, is_rose) {
            (true, _) => "",
            (_, true) => "rose",
            (_, false) => "aster",
        };
        let _ = writeln!(table, "{length},{},2026-03-{day:02},{kind}", ["red", "white"][row % 2]);
        table
    })
}

/// A request that trains on [`flowers`] fast.
pub fn kind_of_flower() -> Value {
    json!({"target": "kind", "model": "linear", "seed": 7})
}

/// Numbers of which the last follows from the others, apart from noise.
pub fn measurements(rows: usize) -> String {
    (0..rows).fold("a,b,c,result\n".to_owned(), |mut table, row| {
        let [a, b, c] = [0, 1, 2].map(|column| 100.0 * pseudo_random(3 * row + column));
        let result = a * b / 50.0 + c + pseudo_random(7 * row);
        let _ = writeln!(table, "{a:.3},{b:.3},{c:.3},{result:.3}");
        table
    })
}

/// A request that trains on [`measurements`] for a while.
pub fn result_by_forest() -> Value {
    json!({"target": "result", "model": "forest", "seed": 1})
}

/// A number from 0 to 1 that looks random: `SplitMix64` (Steele, Lea, Flood 2014).
pub fn pseudo_random(number: usize) -> f64 {
    let mixed = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    f64::from(u32::try_from(mixed >> 40).expect("24 bits")) / f64::from(1 << 24)
}
