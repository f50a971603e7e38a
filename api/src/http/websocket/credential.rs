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
