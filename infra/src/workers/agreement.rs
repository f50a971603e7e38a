//! Servers with different token secrets refuse each other's tokens, and servers with different caches serve values that the other has
//! changed. So the later one does not start.
//!
//! Its own row is committed before it reads the others, so of two servers that start together at least one sees the other. A row that
//! differs may be that of a dead process, or of one that is about to end. So the start watches it for as long as it takes to see that a
//! worker is gone, when its row is deleted.
//!
//! A server states in its row that it serves, and then reads the others again. Of two that differ and state it at the same time both
//! withdraw it, and the one that registered first stays (`conflicts`).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::ids::WorkerId;
use tokio::time::sleep;

use super::conflicts::{self, Conflict};
use super::table::{self, Row};
use super::timing::{AGREEMENT, GONE, IDENTITY_LOST, WATCH_PAUSE};
use super::{CacheStore, Kind, Workers};
use crate::StartError;
use crate::cache::RedisStore;

const OTHER_SECRET: &str = "a server with another token secret runs on this database, and the two would refuse each other's tokens; \
                            set the same TOKEN_SECRET on all servers, or stop the other one; to replace the secret without an \
                            interruption, first add the new one to TOKEN_SECRETS_ACCEPTED of every server, then make it TOKEN_SECRET and \
                            accept the old one";
const OTHER_CACHE: &str = "a server with another cache runs on this database, and each would serve values that the other has changed; \
                           set the same REDIS_URL and REDIS_PREFIX on all servers, or on none, or stop the other one";

/// Waits until no live server keeps this one from serving.
///
/// # Errors
/// When one that differs is still live after 6 s, or the database does not answer.
pub(super) async fn wait(workers: &Workers, redis: Option<&RedisStore>) -> Result<(), StartError> {
    let (started, mut first_beats) = (Instant::now(), BTreeMap::new());
    loop {
        let others = others(workers).await?;
        let is_identified = match redis {
            Some(redis) => identify(workers, redis, &others, started.elapsed()).await,
            None => true,
        };
        let own = own(workers);
        let conflicts = conflicts::of(&own, &others);
        if is_identified && conflicts.is_empty() && serves(workers).await? {
            return Ok(());
        }
        // All are looked at: the first sight of each counts.
        let live = conflicts.iter().filter(|(row, _)| has_beaten(&mut first_beats, row)).count();
        if let Some((_, conflict)) = conflicts.first()
            && ((started.elapsed() >= GONE && live > 0) || started.elapsed() >= AGREEMENT)
        {
            return Err(StartError::Refused(sentence(*conflict).to_owned()));
        }
        sleep(WATCH_PAUSE).await;
    }
}

fn sentence(conflict: Conflict) -> &'static str {
    match conflict {
        Conflict::Secret => OTHER_SECRET,
        Conflict::Cache => OTHER_CACHE,
    }
}

/// The other servers and workers.
async fn others(workers: &Workers) -> Result<Vec<Row>, StartError> {
    let mut others = table::others(&workers.pools.reader().connection(), workers.id()).await?;
    others.retain(|row| row.kind != Kind::Command);
    Ok(others)
}

fn own(workers: &Workers) -> Row {
    let (description, condition) = (&workers.description, workers.state.condition());
    let fingerprints = description.fingerprints.clone();
    let (cache, is_agreed) = (Some(condition.cache), condition.is_agreed);
    Row { id: workers.id(), beat: 0, kind: description.kind, fingerprints, cache, is_agreed }
}

/// States in the row of this worker that it serves. If a worker that differs states the same, it withdraws that and returns `false`.
async fn serves(workers: &Workers) -> Result<bool, StartError> {
    workers.state_condition(|condition| condition.is_agreed = true).await?;
    if !conflicts::with_agreed(&own(workers), &others(workers).await?) {
        return Ok(true);
    }
    workers.state_condition(|condition| condition.is_agreed = false).await?;
    Ok(false)
}

/// States the identity of this worker's Redis, if that answers. A Redis that lost its data gets the former identity from the servers on
/// it, so this one waits before it proposes another: then it returns `false`.
async fn identify(workers: &Workers, redis: &RedisStore, others: &[Row], waited: Duration) -> bool {
    let is_identified = |row: &Row| matches!(row.cache, Some(CacheStore::Redis(Some(_))));
    let is_lost = matches!(redis.identity(None).await, Ok(None)) && others.iter().any(is_identified);
    let is_decided = !is_lost || waited >= IDENTITY_LOST;
    if is_decided {
        workers.identify_redis(redis).await;
    }
    is_decided
}

/// Whether a worker has beaten since it was first read.
fn has_beaten(first_beats: &mut BTreeMap<WorkerId, i64>, row: &Row) -> bool {
    *first_beats.entry(row.id).or_insert(row.beat) != row.beat
}
