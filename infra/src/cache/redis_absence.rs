//! Logs that Redis is unavailable at the start, and why.

use fred::error::{Error, ErrorKind};
use fred::types::config::Server;
use tokio::sync::broadcast::Receiver;
use tokio::time::{sleep, timeout};

use super::policy::timing;

/// Waits until Redis counts as absent at the start, and logs that once. Dropped as soon as Redis answers.
pub(super) async fn log_when_absent(mut errors: Receiver<(Error, Option<Server>)>) {
    // One of several nodes may fail while another one answers.
    sleep(timing::COMMAND).await;
    let error = timeout(timing::CONNECT, errors.recv()).await;
    let cause = error.ok().and_then(Result::ok).map_or(UNRESPONSIVE, |(error, _)| cause(&error));
    tracing::warn!(cause, "Redis is not used: the database answers instead, until Redis answers");
}

const UNRESPONSIVE: &str = "it does not answer in time; correct the host, the port or the scheme of REDIS_URL";

/// The cause of an error in words. The error itself may contain the address and the user.
fn cause(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Auth => "it refuses the user or the password of REDIS_URL",
        ErrorKind::Tls => "TLS with it fails; correct the scheme of REDIS_URL, or the certificate of Redis",
        ErrorKind::IO => "it cannot be reached; start it, or correct REDIS_URL",
        ErrorKind::Timeout | ErrorKind::Canceled => UNRESPONSIVE,
        ErrorKind::Protocol | ErrorKind::Parse => "the server of REDIS_URL does not answer as a Redis does",
        ErrorKind::Sentinel => "no sentinel of REDIS_URL names its address",
        ErrorKind::Cluster => "the cluster of REDIS_URL cannot be read",
        _ => "it answers with an error; see the log of Redis",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_an_error_is_not_logged() {
        for kind in [ErrorKind::Auth, ErrorKind::Tls, ErrorKind::IO, ErrorKind::Timeout, ErrorKind::Protocol, ErrorKind::Unknown]
        {
            assert!(!cause(&Error::new(kind, "hush")).contains("hush"));
        }
    }
}
