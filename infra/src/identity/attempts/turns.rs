//! Turns: of the attempts on one account, one is checked at a time in this process.
//!
//! An attempt is charged before its password is checked, and refunded if it matches. Without turns, correct logins that are checked at
//! the same time would refuse each other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::ServiceError;
use domain::identity::AccountError;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::rows::Account;

/// The maximum number of attempts on one account that are checked or wait.
const MAX_WAITING: usize = 64;
/// How long an attempt waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The attempts that are checked or wait, by account. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<Account, Line>>>);

/// The attempts on one account.
struct Line {
    free: Arc<Semaphore>,
    length: usize,
}

/// The turn of an attempt, which ends when this is dropped.
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
    _place: PlaceInLine,
}

/// A place in the line of an account. The line ends with its last place.
struct PlaceInLine {
    turns: Turns,
    account: Account,
}

impl Turns {
    /// Waits for the turn of an attempt.
    ///
    /// # Errors
    /// [`AccountError::Busy`] when too many wait, or the turn does not come in time.
    pub(super) async fn take(&self, account: Account) -> Result<Turn, AccountError> {
        let (free, place) = self.join(account).ok_or(AccountError::Busy)?;
        let permit = timeout(LONGEST_WAIT, free.acquire_owned()).await.map_err(|_| AccountError::Busy)?;
        Ok(Turn { _permit: permit.map_err(ServiceError::bug)?, _place: place })
    }

    fn join(&self, account: Account) -> Option<(Arc<Semaphore>, PlaceInLine)> {
        let mut lines = self.0.lock();
        let line = lines.entry(account).or_insert_with(|| Line { free: Arc::new(Semaphore::new(1)), length: 0 });
        if line.length >= MAX_WAITING {
            return None;
        }
        line.length += 1;
        Some((Arc::clone(&line.free), PlaceInLine { turns: self.clone(), account }))
    }
}

impl Drop for PlaceInLine {
    fn drop(&mut self) {
        let mut lines = self.turns.0.lock();
        if let Some(line) = lines.get_mut(&self.account) {
            line.length -= 1;
            if line.length == 0 {
                lines.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_attempt_on_an_account_has_its_turn_at_a_time() {
        let (turns, anna, ben) = (Turns::default(), [1; 32], [2; 32]);
        let first = turns.take(anna).now_or_never().unwrap().unwrap();
        assert!(turns.take(ben).now_or_never().is_some());
        let mut second = Box::pin(turns.take(anna));
        assert!((&mut second).now_or_never().is_none());
        drop(first);
        drop(second.await.unwrap());
        assert!(turns.0.lock().is_empty());
    }

    #[tokio::test]
    async fn too_many_attempts_on_an_account_are_refused_at_once() {
        let (turns, account) = (Turns::default(), [1; 32]);
        let mut waiting: Vec<_> = (0..MAX_WAITING).map(|_| Box::pin(turns.take(account))).collect();
        let begun = waiting.iter_mut().filter_map(FutureExt::now_or_never).collect::<Vec<_>>();
        assert_eq!(begun.len(), 1);
        assert!(matches!(turns.take(account).now_or_never(), Some(Err(AccountError::Busy))));
        drop((begun, waiting));
        assert!(turns.0.lock().is_empty());
    }
}
