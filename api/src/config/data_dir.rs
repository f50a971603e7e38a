//! The data folder: the default database and the generated token secret.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rand::distr::{Alphanumeric, SampleString};
use secrecy::SecretString;

use super::reader::Reader;
use super::{table, values};

const TOKEN_SECRET: &str = "token-secret";

const NAME_FOLDER: &str = "set DATA_DIR to a folder that this account may write";
const SET_SECRET: &str = "restore the file and its permissions, or set TOKEN_SECRET";

/// The data folder.
#[derive(Debug)]
pub(crate) struct DataDir(PathBuf);

impl DataDir {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let path = reader.value(&table::DATA_DIR, |text| Some(PathBuf::from(text)));
        Self(path.unwrap_or_default())
    }

    /// The URL of the default database.
    pub(super) fn default_database_url(&self) -> String {
        values::default_database_url(&self.0)
    }

    /// Creates the folder, accessible to its owner only.
    pub(super) fn create(&self) -> io::Result<()> {
        let created = DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        created.map_err(|error| about("cannot create the folder", &self.0, error, NAME_FOLDER))
    }

    /// The token secret of this folder; the first call generates it.
    pub(super) fn token_secret(&self) -> io::Result<SecretString> {
        self.create()?;
        let path = self.0.join(TOKEN_SECRET);
        if !path.exists() {
            self.create_token_secret(&path).map_err(|error| about("cannot write", &path, error, NAME_FOLDER))?;
        }
        self.present_token_secret()
    }

    /// The token secret of this folder, which must have been generated.
    pub(super) fn present_token_secret(&self) -> io::Result<SecretString> {
        let path = self.0.join(TOKEN_SECRET);
        let text = fs::read_to_string(&path).map_err(|error| about("cannot read", &path, error, SET_SECRET))?;
        let short = || {
            let what = format!("no secret of at least 32 bytes in {}; {SET_SECRET}", path.display());
            io::Error::new(ErrorKind::InvalidData, what)
        };
        values::secret(text.trim()).ok_or_else(short)
    }

    /// Writes a new secret to a temporary file and links it: of two servers one succeeds, and neither reads a partial secret.
    fn create_token_secret(&self, path: &Path) -> io::Result<()> {
        let draft = self.0.join(format!("{TOKEN_SECRET}.{}", random(16)));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        let linked =
            file.write_all(random(64).as_bytes()).and_then(|()| file.sync_all()).and_then(|()| fs::hard_link(&draft, path));
        fs::remove_file(&draft)?;
        linked.or_else(|error| if error.kind() == ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })
    }
}

/// A secret that is kept nowhere.
pub(super) fn random_secret() -> SecretString {
    SecretString::from(random(64))
}

fn random(length: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), length)
}

/// An error with its path and with what the operator can do.
#[expect(clippy::needless_pass_by_value, reason = "it is converted")]
fn about(what: &str, path: &Path, error: io::Error, correction: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{what} {}: {}; {correction}", path.display(), error.kind()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::thread;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn servers_that_start_together_agree_on_one_secret() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = DataDir(folder.path().join("new/data"));
        let secrets: Vec<SecretString> = thread::scope(|scope| {
            let servers: Vec<_> = (0..8).map(|_| scope.spawn(|| data_dir.token_secret().unwrap())).collect();
            servers.into_iter().map(|server| server.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|secret| secret.expose_secret() == secrets[0].expose_secret()));
        assert_eq!(fs::read_dir(&data_dir.0).unwrap().count(), 1);
    }

    #[test]
    fn the_secret_is_its_owners_alone_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = DataDir(folder.path().to_owned());
        let first = data_dir.token_secret().unwrap();
        let mode = fs::metadata(folder.path().join(TOKEN_SECRET)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(data_dir.token_secret().unwrap().expose_secret(), first.expose_secret());
    }

    #[test]
    fn a_damaged_secret_is_refused_rather_than_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(TOKEN_SECRET), "short\n").unwrap();
        let refusal = DataDir(folder.path().to_owned()).token_secret().unwrap_err().to_string();
        assert!(refusal.contains(TOKEN_SECRET), "{refusal}");
    }
}
