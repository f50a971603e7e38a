//! Checks the file of SQLite, whose own message for most of these failures is "unable to open database file".

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sea_orm::sqlx::sqlite::SqliteConnectOptions;

/// The sentence for a file that may only be read.
pub(super) const READ_ONLY: &str =
    "the SQLite file of DATABASE_URL is read-only; make the file writable for this account, and remove mode=ro and immutable";

/// Checks the file's path. The file is not opened: to close it again would release the locks of SQLite in this process.
///
/// # Errors
/// Why the file cannot be opened, as a sentence.
pub(super) fn check(url: &str) -> Result<(), String> {
    let path = path(url)?;
    let (shown, folder) = (path.display(), folder(&path));
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => Err(format!("{shown} is a folder; name a file in DATABASE_URL")),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => match fs::metadata(folder) {
            Ok(_) if creates(url) => Ok(()),
            Ok(_) => Err(format!("the SQLite file {shown} does not exist; add ?mode=rwc to DATABASE_URL to create it")),
            Err(_) => Err(format!(
                "the folder {} of the SQLite file does not exist; create it, or correct DATABASE_URL",
                folder.display()
            )),
        },
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(format!("{} is not a folder; correct the path of the SQLite file in DATABASE_URL", folder.display()))
        }
        Err(_) => Err(denied(&path)),
    }
}

/// Checks that the file exists.
///
/// # Errors
/// The sentence for a missing file.
pub(super) fn check_exists(url: &str) -> Result<(), String> {
    let path = path(url)?;
    if path.exists() { Ok(()) } else { Err(format!("the SQLite file {} does not exist; run: atelier migrate", path.display())) }
}

/// The sentence for a code with which SQLite could not open the file; `None` for a code without a cause of its own.
pub(super) fn open_error(url: &str, code: &str) -> Option<String> {
    let path = path(url).ok()?;
    let (shown, folder) = (path.display(), folder(&path));
    match primary(code)? {
        5 | 6 => Some(format!("another program has locked the SQLite file {shown}; stop it, or try again")),
        8 => Some(READ_ONLY.to_owned()),
        10 => Some(format!("the disk fails to read or write the SQLite file {shown}; check the disk and its file system")),
        11 => Some(format!("the SQLite file {shown} is damaged; restore a backup")),
        13 => Some(format!("the disk of the SQLite file {shown} is full; free some space")),
        14 => Some(match OpenOptions::new().read(true).write(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => READ_ONLY.to_owned(),
            Err(error) if error.kind() != ErrorKind::NotFound => denied(&path),
            _ => format!(
                "SQLite cannot create files in {}; make the folder writable for this account, or name a file elsewhere in DATABASE_URL",
                folder.display()
            ),
        }),
        26 => Some(format!("{shown} is not a SQLite database; name another file in DATABASE_URL")),
        _ => None,
    }
}

/// The sentence for a code with which SQLite refuses a statement; `None` for a code without a cause of its own.
pub(super) fn refusal(code: &str) -> Option<&'static str> {
    match primary(code)? {
        5 | 6 => Some("another program has locked the SQLite file of DATABASE_URL; stop it, or try again"),
        8 => Some(READ_ONLY),
        _ => None,
    }
}

/// The primary code of an extended one: its low byte.
fn primary(code: &str) -> Option<i32> {
    code.parse::<i32>().ok().map(|code| code & 0xff)
}

/// Whether a later attempt may open the file.
pub(super) fn may_open_later(code: &str) -> bool {
    matches!(primary(code), Some(5 | 6 | 10 | 14))
}

fn denied(path: &Path) -> String {
    format!("this account may not read and write {}; change the permissions of the file and its folder", path.display())
}

pub(super) fn path(url: &str) -> Result<PathBuf, String> {
    let options: SqliteConnectOptions = url.parse().map_err(|_| {
        "a parameter of DATABASE_URL is invalid; for SQLite these are known: mode, cache, immutable, vfs".to_owned()
    })?;
    let path = options.get_filename().to_owned();
    if path.as_os_str().is_empty() {
        return Err("DATABASE_URL names no SQLite file; add its path".to_owned());
    }
    Ok(path)
}

/// The folder of a file.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether SQLite creates a missing file.
fn creates(url: &str) -> bool {
    url.split_once('?').is_some_and(|(_, query)| query.split('&').any(|pair| pair == "mode=rwc"))
}
