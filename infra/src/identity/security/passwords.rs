//! Password hashing: argon2id with the parameters of the OWASP Password Storage Cheat Sheet (m = 19,456 KiB, t = 2, p = 1).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::ServiceError;
use domain::identity::AccountError;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Hashes and verifies passwords, behind a bounded queue.
///
/// Each hash needs 19 MiB and some 10 ms of a core. One core is left to other requests, if there are several.
#[derive(Clone)]
pub(crate) struct Passwords {
    /// One permit per password that is hashed or waits.
    queue: Arc<Semaphore>,
    permits: Arc<Semaphore>,
    places: usize,
    refused: Arc<AtomicU64>,
    /// A hash for logins of unknown users, so that they take as long as those of known users.
    dummy_hash: Arc<str>,
}

/// A place in the queue. It is given up when this is dropped.
pub(crate) struct Place<'a> {
    passwords: &'a Passwords,
    _permit: SemaphorePermit<'a>,
}

impl Passwords {
    /// Passwords of which at most `waiting` wait.
    pub(crate) fn new(waiting: usize) -> Result<Self, ServiceError> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (concurrent, refused) = ((cores - 1).max(1), Arc::default());
        let places = concurrent + waiting;
        let (queue, permits) = (Arc::new(Semaphore::new(places)), Arc::new(Semaphore::new(concurrent)));
        Ok(Self { queue, permits, places, refused, dummy_hash: hash("dummy")?.into() })
    }

    /// A place in the queue, at once.
    ///
    /// # Errors
    /// [`AccountError::Busy`] when the queue is full.
    pub(crate) fn enter(&self) -> Result<Place<'_>, AccountError> {
        let permit = self.queue.try_acquire().map_err(|_| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            AccountError::Busy
        })?;
        Ok(Place { passwords: self, _permit: permit })
    }

    /// The passwords that are hashed or wait, and the number of refused ones.
    pub(crate) fn load(&self) -> (u64, u64) {
        let queued = self.places - self.queue.available_permits();
        (queued as u64, self.refused.load(Ordering::Relaxed))
    }
}

impl Place<'_> {
    /// The hash to store, in PHC string format.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, ServiceError> {
        let password = password.to_owned();
        self.compute(move || hash(&password)).await?
    }

    /// Whether the password matches the hash. `None`, for a user that does not exist, never matches.
    pub(crate) async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, ServiceError> {
        let (password, known) = (password.to_owned(), stored.is_some());
        let stored = stored.unwrap_or(&self.passwords.dummy_hash).to_owned();
        let matches = self.compute(move || verify(&password, &stored)).await??;
        Ok(matches && known)
    }

    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ServiceError> {
        let _permit = self.passwords.permits.acquire().await.map_err(ServiceError::bug)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let passwords = Passwords::new(2).unwrap();
        let places: Vec<_> = std::iter::from_fn(|| passwords.enter().ok()).collect();
        assert_eq!((passwords.load(), places.len()), ((places.len() as u64, 1), passwords.places));
        drop(places);
        let stored = passwords.enter().unwrap().hash("a password").await.unwrap();
        assert!(passwords.enter().unwrap().verify("a password", Some(&stored)).await.unwrap());
        assert!(!passwords.enter().unwrap().verify("another", Some(&stored)).await.unwrap());
        assert_eq!(passwords.load(), (0, 1));
    }
}
