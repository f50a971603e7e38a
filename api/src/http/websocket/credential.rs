//! The credential behind an open socket.

use std::time::Duration;

use domain::identity::{AccountError, Authenticator, Holder};
use tokio::time::sleep;

use super::close_code::CloseCode;

/// Time between two judgements. They read the memory of the authenticator, which a revocation clears on every server.
const INTERVAL: Duration = Duration::from_millis(250);

/// Judges the holder of a socket again and again. Resolves when its credential has ended or cannot be judged.
///
/// A handler runs this beside its work, and returns the code.
pub async fn credential_end(authenticator: &dyn Authenticator, holder: Holder) -> CloseCode {
    loop {
        match authenticator.reauthenticate(holder).await {
            Ok(_) => sleep(INTERVAL).await,
            Err(AccountError::Service(_)) => return CloseCode::Unavailable,
            Err(_) => return CloseCode::CredentialEnded,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use domain::identity::{Credential, Presented, Principal, Role, Scopes};
    use domain::ids::SessionId;
    use domain::{ServiceError, Time};

    use super::*;

    /// Accepts a holder twice, and then returns this error.
    struct Twice(AtomicU32, fn() -> AccountError);

    #[async_trait]
    impl Authenticator for Twice {
        async fn authenticate(&self, _: Presented<'_>) -> Result<Principal, AccountError> {
            Err(AccountError::InvalidToken)
        }

        async fn reauthenticate(&self, holder: Holder) -> Result<Principal, AccountError> {
            if self.0.fetch_add(1, Ordering::Relaxed) == 2 {
                return Err((self.1)());
            }
            let Holder { user, credential } = holder;
            let (role, permissions, expires_at) = (Role::User, Scopes::NONE, Time::MAX_UTC);
            Ok(Principal { user, role, credential, scopes: None, permissions, expires_at })
        }
    }

    #[tokio::test]
    async fn a_socket_ends_when_its_credential_ends_or_cannot_be_judged() {
        let holder = Holder { user: None, credential: Credential::Session(SessionId::generate(Time::UNIX_EPOCH)) };
        let ends: [(fn() -> AccountError, CloseCode); 3] = [
            (|| AccountError::TokenRevoked, CloseCode::CredentialEnded),
            (|| AccountError::Suspended, CloseCode::CredentialEnded),
            (|| ServiceError::unavailable("no database").into(), CloseCode::Unavailable),
        ];
        for (error, code) in ends {
            let authenticator = Twice(AtomicU32::new(0), error);
            assert_eq!(credential_end(&authenticator, holder).await, code);
            assert_eq!(authenticator.0.into_inner(), 3);
        }
    }
}
