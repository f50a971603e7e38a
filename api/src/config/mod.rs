//! The settings: the one place where the environment is read.
//!
//! Variables come from the environment and then from `.env` in the current folder. They are declared once, in [`table`]. All errors
//! are reported together, and no secret is ever shown. Reading changes nothing: a missing folder or secret is created with the
//! configuration of the adapters.

mod data_dir;
mod dotenv;
mod errors;
mod example;
mod listen;
mod mail;
mod reader;
mod redis;
mod settings;
mod shown;
mod table;
#[cfg(test)]
mod tests;
mod values;

use std::path::Path;

pub(crate) use api::telemetry::LogFormat;

pub(crate) use errors::SettingErrors;
pub(crate) use example::Example;
pub(crate) use listen::Listen;
pub(crate) use settings::{Admin, Parts, Settings, UseOfSecret};
pub(crate) use values::Environment;

use errors::SettingError;
use reader::Given;

/// Reads the settings.
///
/// # Errors
/// All invalid settings together.
pub(crate) fn read() -> Result<Settings, SettingErrors> {
    let (mut given, mut errors) = environment();
    let (file, malformed) = dotenv::read(Path::new(".env"));
    for (name, value) in file {
        given.entry(name).or_insert(value);
    }
    errors.extend(malformed);
    match Settings::parse(&given) {
        Ok(settings) => SettingErrors::unless_none(errors, Some(settings)),
        Err(more) => {
            errors.extend(more.into_vec());
            SettingErrors::unless_none(errors, None)
        }
    }
}

/// The variables of the environment that Atelier reads.
fn environment() -> (Given, Vec<SettingError>) {
    let (mut given, mut errors) = (Given::new(), Vec::new());
    #[allow(clippy::disallowed_methods, reason = "this is the one reader of the environment")]
    let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    for (name, value) in variables.filter(|(name, _)| is_ours(name)) {
        match value.into_string() {
            Ok(value) => drop(given.insert(name, value)),
            Err(_) => errors.push(SettingError::new(format!("{name} must be UTF-8"))),
        }
    }
    (given, errors)
}

fn is_ours(name: &str) -> bool {
    [table::CACHE_TTL, table::RATE_LIMIT].iter().any(|prefix| name.starts_with(prefix))
        || table::all().any(|variable| variable.name == name)
}
