//! Password hashing: argon2id with the parameters of the OWASP Password Storage Cheat Sheet (m = 19,456 KiB, t = 2, p = 1).

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::ServiceError;
use tokio::sync::Semaphore;

/// Hashes and verifies passwords. Concurrency is limited to the number of cores: each hash needs 19 MiB and some 10 ms of a core.
pub(crate) struct Passwords {
    permits: Semaphore,
    /// A hash for logins of unknown users, so that they take as long as those of known users.
    dummy_hash: String,
}

impl Passwords {
    pub(crate) fn new() -> Result<Self, ServiceError> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self { permits: Semaphore::new(cores), dummy_hash: hash("dummy")? })
    }

    /// The hash to store, in PHC string format.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, ServiceError> {
        let password = password.to_owned();
        self.compute(move || hash(&password)).await?
    }

    /// Whether the password matches the hash. `None`, for a user that does not exist, never matches.
    pub(crate) async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, ServiceError> {
        let (password, known) = (password.to_owned(), stored.is_some());
        let stored = stored.unwrap_or(&self.dummy_hash).to_owned();
        let matches = self.compute(move || verify(&password, &stored)).await??;
        Ok(matches && known)
    }

    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ServiceError> {
        let _permit = self.permits.acquire().await.map_err(ServiceError::bug)?;
        tokio::task::spawn_blocking(work).await.map_err(ServiceError::bug)
    }
}

fn argon2() -> Result<Argon2<'static>, ServiceError> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| ServiceError::bug(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, ServiceError> {
    let salt: [u8; 16] = rand::random();
    let hash = argon2()?.hash_password_with_salt(password.as_bytes(), &salt);
    Ok(hash.map_err(|error| ServiceError::bug(error.to_string()))?.to_string())
}

fn verify(password: &str, stored: &str) -> Result<bool, ServiceError> {
    let stored = PasswordHash::new(stored).map_err(|error| ServiceError::bug(error.to_string()))?;
    Ok(argon2()?.verify_password(password.as_bytes(), &stored).is_ok())
}
