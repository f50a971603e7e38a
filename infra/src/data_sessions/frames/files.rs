//! Frames as files: `{folder}/{session}/{part}/{number}`.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use domain::ServiceError;
use domain::ids::DataSessionId;
use tokio::fs;

use super::FrameStore;

/// Frames in a folder. It is created with the first frame.
pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    /// Frames in this folder.
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn session(&self, session: DataSessionId) -> PathBuf {
        self.folder.join(session.to_string())
    }
}

/// The result, or `None` if there is no such file.
fn found<T>(result: io::Result<T>) -> Result<Option<T>, ServiceError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ServiceError::unavailable(error)),
    }
}

#[async_trait]
impl FrameStore for Files {
    async fn append(&self, session: DataSessionId, part: &str, number: u32, frame: Vec<u8>) -> Result<(), ServiceError> {
        let folder = self.session(session).join(part);
        fs::create_dir_all(&folder).await.map_err(ServiceError::unavailable)?;
        fs::write(folder.join(number.to_string()), frame).await.map_err(ServiceError::unavailable)
    }

    async fn read(&self, session: DataSessionId, part: &str, number: u32) -> Result<Option<Vec<u8>>, ServiceError> {
        found(fs::read(self.session(session).join(part).join(number.to_string())).await)
    }

    async fn remove_part(&self, session: DataSessionId, part: &str) -> Result<(), ServiceError> {
        found(fs::remove_dir_all(self.session(session).join(part)).await).map(drop)
    }

    async fn remove_session(&self, session: DataSessionId) -> Result<(), ServiceError> {
        found(fs::remove_dir_all(self.session(session)).await).map(drop)
    }

    async fn sessions(&self) -> Result<Vec<DataSessionId>, ServiceError> {
        let Some(mut entries) = found(fs::read_dir(&self.folder).await)? else { return Ok(Vec::new()) };
        let mut sessions = Vec::new();
        while let Some(entry) = entries.next_entry().await.map_err(ServiceError::unavailable)? {
            sessions.extend(entry.file_name().to_str().and_then(|name| name.parse::<DataSessionId>().ok()));
        }
        Ok(sessions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_are_read_in_their_order_until_they_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folder(&folder.path().join("data"));
        let [one, other] = [1, 2].map(|at| DataSessionId::generate(domain::Time::UNIX_EPOCH + chrono::TimeDelta::seconds(at)));
        assert!(files.sessions().await.unwrap().is_empty());
        for number in 0..2 {
            files.append(one, "table", number, vec![7; 1 + number as usize]).await.unwrap();
        }
        files.append(other, "model", 0, vec![8]).await.unwrap();
        assert_eq!(files.read(one, "table", 1).await.unwrap(), Some(vec![7, 7]));
        assert_eq!(files.read(one, "table", 2).await.unwrap(), None);
        files.remove_part(one, "table").await.unwrap();
        assert_eq!(files.read(one, "table", 0).await.unwrap(), None);
        files.remove_session(one).await.unwrap();
        files.remove_session(one).await.unwrap();
        assert_eq!(files.sessions().await.unwrap(), [other]);
        assert_eq!(files.read(other, "model", 0).await.unwrap(), Some(vec![8]));
    }
}
