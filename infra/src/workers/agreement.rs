//! Servers with different token secrets refuse each other's tokens, so the later one does not start.
//!
//! Its own row is committed before it reads the others, so of two servers that start together at least one sees the other. A row with
//! another secret may be that of a dead process, or of one that is about to end. So the start watches it for as long as it takes to
//! see that a worker is gone, when its row is deleted.

use std::collections::BTreeMap;
use std::time::Instant;

use domain::ids::WorkerId;
use tokio::time::sleep;

use super::secrets::Fingerprints;
use super::table::{self, Row};
use super::timing::{AGREEMENT, GONE, WATCH_PAUSE};
use super::{Kind, Workers};
use crate::StartError;

const DIFFERENT: &str = "a server with another token secret runs on this database, and the two would refuse each other's tokens; set \
                         the same TOKEN_SECRET on all servers, or stop the other one; to replace the secret without an interruption, \
                         first add the new one to TOKEN_SECRETS_ACCEPTED of every server, then make it TOKEN_SECRET and accept the \
                         old one";

/// Waits until every live server and this one accept each other's tokens.
///
/// # Errors
/// When a server that does not is still live after 6 s, or the database does not answer.
pub(super) async fn wait(workers: &Workers, own: &Fingerprints) -> Result<(), StartError> {
    let (started, mut first_beats) = (Instant::now(), BTreeMap::new());
    loop {
        let mut others = table::others(&workers.pools.reader().connection(), workers.id()).await?;
        others.retain(|row| row.kind != Kind::Command && !row.fingerprints.agree_with(own));
        if others.is_empty() {
            return Ok(());
        }
        let is_live = others.iter().any(|row| has_beaten(&mut first_beats, row));
        if (started.elapsed() >= GONE && is_live) || started.elapsed() >= AGREEMENT {
            return Err(StartError::Refused(DIFFERENT.to_owned()));
        }
        sleep(WATCH_PAUSE).await;
    }
}

/// Whether a worker has beaten since it was first read.
fn has_beaten(first_beats: &mut BTreeMap<WorkerId, i64>, row: &Row) -> bool {
    *first_beats.entry(row.id).or_insert(row.beat) != row.beat
}
