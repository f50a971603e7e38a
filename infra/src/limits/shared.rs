//! The shared limits: one script in Redis for all limits of a request.

use std::sync::{Arc, LazyLock};

use domain::limits::Limit;
use fred::types::scripts::Script;

use super::bucket::Reply;
use crate::cache::RedisStore;

static TAKE: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("take.lua")));

/// The limits in Redis.
#[derive(Clone)]
pub(super) struct SharedLimits {
    redis: Arc<RedisStore>,
    prefix: Arc<str>,
}

/// A limit to take from: at least one request, at most `most`.
pub(super) struct Asked {
    pub(super) key: String,
    pub(super) limit: Limit,
    pub(super) most: u32,
}

impl SharedLimits {
    pub(super) fn new(redis: Arc<RedisStore>, prefix: &str) -> Self {
        Self { redis, prefix: prefix.into() }
    }

    /// The prefix of every key.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether Redis is in use.
    pub(super) fn is_used(&self) -> bool {
        self.redis.is_used()
    }

    /// Charges all limits, or none. Returns a reply per limit; `None` if Redis does not answer.
    pub(super) async fn take(&self, asked: Vec<Asked>) -> Option<Vec<Reply>> {
        let number = asked.len();
        let (mut keys, mut args) = (Vec::with_capacity(number), Vec::with_capacity(4 * number));
        for Asked { key, limit, most } in asked {
            keys.push(key);
            args.extend([i64::from(limit.quota()), limit.interval_us(), 1, i64::from(most)].map(Into::into));
        }
        // The breaker has logged the failure.
        let reply: Vec<i64> = self.redis.run(&TAKE, keys, args).await.ok()?;
        let replies: Vec<Reply> = reply.get(1..)?.chunks_exact(2).filter_map(reply_of).collect();
        (replies.len() == number).then_some(replies)
    }
}

fn reply_of(pair: &[i64]) -> Option<Reply> {
    let &[granted, debt_us] = pair else { return None };
    Some(Reply { granted: u32::try_from(granted).ok()?, debt_us: debt_us.max(0) })
}
