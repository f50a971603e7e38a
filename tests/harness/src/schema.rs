//! The part of OpenAPI 3.0's schema language that the contract uses. Objects are closed: an undocumented member is a violation,
//! so that responses and their description cannot diverge.

use serde_json::{Map, Value};

/// A schema within its document.
#[derive(Clone, Copy)]
pub struct Schema<'a> {
    document: &'a Value,
    rule: &'a Value,
    open: bool,
}

impl<'a> Schema<'a> {
    /// A schema and the document that its references point to.
    pub fn new(document: &'a Value, schema: &'a Value) -> Self {
        Self { document, rule: schema, open: false }
    }

    /// The violations of a value, each with its location.
    pub fn violations(self, value: &Value) -> Vec<String> {
        let mut violations = Vec::new();
        self.check(value, "", &mut violations);
        violations
    }

    fn to(self, rule: &'a Value) -> Self {
        Self { rule, ..self }
    }

    fn check(self, value: &Value, at: &str, violations: &mut Vec<String>) {
        if let Some(reference) = self.rule["$ref"].as_str() {
            let target = reference.strip_prefix('#').and_then(|pointer| self.document.pointer(pointer));
            return self.to(target.unwrap_or_else(|| panic!("{reference} points to nothing"))).check(value, at, violations);
        }
        if value.is_null() && self.rule["nullable"] == true {
            return;
        }
        self.check_combination(value, at, violations);
        self.check_type(value, at, violations);
        let choices = self.rule["enum"].as_array();
        if choices.is_some_and(|choices| !choices.contains(value)) {
            violations.push(format!("{at}: {value} is not one of {}", self.rule["enum"]));
        }
    }

    fn check_combination(self, value: &Value, at: &str, violations: &mut Vec<String>) {
        let parts = |name: &str| self.rule[name].as_array();
        for part in parts("allOf").into_iter().flatten() {
            Self { open: true, ..self.to(part) }.check(value, at, violations);
        }
        for choices in ["oneOf", "anyOf"].into_iter().filter_map(parts) {
            let attempts: Vec<_> = choices.iter().map(|choice| self.to(choice).violations(value)).collect();
            if attempts.iter().all(|attempt| !attempt.is_empty()) {
                violations.push(format!("{at}: fits no alternative: {attempts:?}"));
            }
        }
    }

    fn check_type(self, value: &Value, at: &str, violations: &mut Vec<String>) {
        let fits = match self.rule["type"].as_str() {
            Some("object") => value.as_object().map(|object| self.check_object(object, at, violations)).is_some(),
            Some("array") => value.as_array().map(|items| self.check_items(items, at, violations)).is_some(),
            Some("string") => value.as_str().is_some_and(|text| self.fits_format(text)),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            _ => true,
        };
        if !fits {
            violations.push(format!("{at}: {value} is not {}", self.rule));
        }
    }

    fn check_object(self, object: &Map<String, Value>, at: &str, violations: &mut Vec<String>) {
        let required = self.rule["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        violations.extend(required.filter(|name| !object.contains_key(*name)).map(|name| format!("{at}/{name} is missing")));
        for (name, value) in object {
            let (at, known) = (format!("{at}/{name}"), &self.rule["properties"][name]);
            match (known, &self.rule["additionalProperties"]) {
                (Value::Object(_), _) => self.to(known).check(value, &at, violations),
                (_, further @ Value::Object(_)) => self.to(further).check(value, &at, violations),
                (_, Value::Bool(true)) => {}
                (_, Value::Null) if self.open || !self.rule["properties"].is_object() => {}
                _ => violations.push(format!("{at} is not documented")),
            }
        }
    }

    fn check_items(self, items: &[Value], at: &str, violations: &mut Vec<String>) {
        for (index, item) in items.iter().enumerate() {
            self.to(&self.rule["items"]).check(item, &format!("{at}/{index}"), violations);
        }
    }

    fn fits_format(self, text: &str) -> bool {
        match self.rule["format"].as_str() {
            Some("date-time") => text.len() >= 20 && text.contains('T') && text.ends_with('Z'),
            _ => true,
        }
    }
}
