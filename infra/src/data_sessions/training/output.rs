//! The predictions for the held-out rows, as CSV.

use super::dataset::{Split, Target};
use super::error::TrainError;
use super::probabilities::most_probable;

/// Characters that make a spreadsheet take a text for a formula (OWASP, "CSV Injection").
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes a row for each held-out row: its number in the table, the true and the predicted value, and the probability of a class.
pub(super) fn predictions(split: &Split, numbers: &[u32], target: &Target, outputs: &[f64]) -> Result<Vec<u8>, TrainError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = split.test.iter().map(|row| numbers[*row as usize].to_string());
    let written = match target {
        Target::Numbers(values) => write_numbers(&mut writer, rows, values, outputs),
        Target::Classes(names, codes) => write_classes(&mut writer, rows, names, codes, outputs),
    };
    written.map_err(|error| TrainError::Internal(error.to_string()))?;
    writer.into_inner().map_err(|error| TrainError::Internal(error.to_string()))
}

type Writer = csv::Writer<Vec<u8>>;

fn write_numbers(writer: &mut Writer, rows: impl Iterator<Item = String>, values: &[f64], outputs: &[f64]) -> csv::Result<()> {
    writer.write_record(["row", "actual", "predicted"])?;
    for ((row, actual), predicted) in rows.zip(values).zip(outputs) {
        writer.write_record([row, actual.to_string(), predicted.to_string()])?;
    }
    Ok(())
}

fn write_classes(
    writer: &mut Writer,
    rows: impl Iterator<Item = String>,
    names: &[String],
    codes: &[u16],
    outputs: &[f64],
) -> csv::Result<()> {
    let names: Vec<String> = names.iter().map(|name| neutral(name)).collect();
    writer.write_record(["row", "actual", "predicted", "probability"])?;
    for ((row, code), probabilities) in rows.zip(codes).zip(outputs.chunks(names.len())) {
        let class = most_probable(probabilities);
        let probability = format!("{:.6}", probabilities[class]);
        writer.write_record([row.as_str(), &names[usize::from(*code)], &names[class], &probability])?;
    }
    Ok(())
}

/// A text that no spreadsheet takes for a formula: it gets an apostrophe before it, unless it is a number.
fn neutral(text: &str) -> String {
    let is_formula = text.starts_with(FORMULA) && text.parse::<f64>().is_err();
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_that_looks_like_a_formula_is_neutralised() {
        let names = vec!["=1+1".to_owned(), "-5".to_owned()];
        let split = Split { train: Vec::new(), test: vec![0, 1] };
        let target = Target::Classes(names, vec![0, 1]);
        let bytes = predictions(&split, &[3, 7], &target, &[0.75, 0.25, 0.25, 0.75]).unwrap();
        let expected = "row,actual,predicted,probability\n3,'=1+1,'=1+1,0.750000\n7,-5,-5,0.750000\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}
