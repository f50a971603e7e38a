//! The enumerations of the document: the names of their constants, and whether new values may be added.

use serde_json::{Value, json};

/// The enumerations that get no further values in this version of the API. All others are open.
pub(crate) const CLOSED: [&str; 8] =
    ["CharacterSort", "HealthStatus", "MemoryScope", "MessageRole", "PlanChangeTime", "PlanInterval", "Rating", "Visibility"];

/// Names the constants of every enumeration, and says whether it is open.
pub(super) fn name(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut().into_iter().flatten();
    for (name, schema) in schemas {
        let Some(values) = schema.get("enum").and_then(Value::as_array) else { continue };
        let constants: Vec<String> = values.iter().filter_map(|value| Some(constant(name, value.as_str()?))).collect();
        let description = schema["description"].as_str().unwrap_or_default();
        let (words, open) = if CLOSED.contains(&&**name) {
            ("Closed: this version of the API adds no values.", false)
        } else {
            ("Open: later releases may add values.", true)
        };
        schema["description"] = format!("{}\n\n{words}", description.trim_end()).into();
        schema["x-enum-varnames"] = json!(constants);
        if open {
            schema["x-ms-enum"] = json!({"name": name, "modelAsString": true});
        }
    }
}

/// The constant of a value. Go has one namespace for all of them, so it begins with the name of the enumeration.
fn constant(name: &str, value: &str) -> String {
    let mut constant = String::new();
    for char in name.chars() {
        if char.is_ascii_uppercase() && !constant.is_empty() {
            constant.push('_');
        }
        constant.push(char.to_ascii_uppercase());
    }
    let own = value.rsplit('/').next().unwrap_or_default();
    let own = own.replace(|char: char| !char.is_ascii_alphanumeric(), "_").to_ascii_uppercase();
    format!("{constant}_{own}")
}

#[cfg(test)]
mod tests {
    use super::constant;

    #[test]
    fn a_constant_has_the_names_of_its_enumeration_and_its_value() {
        assert_eq!(constant("CoinSource", "trial"), "COIN_SOURCE_TRIAL");
        assert_eq!(constant("ProblemType", "/problems/not-found"), "PROBLEM_TYPE_NOT_FOUND");
    }
}
