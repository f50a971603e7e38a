//! Which live workers keep another one from serving.
//!
//! Workers that differ do not run together. Of those that differ the one stays that serves already, else the one that registered first.
//! One that must give way to another is no reason to give way to it.

use super::table::Row;

/// How two workers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conflict {
    /// They refuse each other's tokens.
    Secret,
    /// They keep cached values in different stores.
    Cache,
}

fn conflict(one: &Row, other: &Row) -> Option<Conflict> {
    let shares_cache = one.cache.as_ref().zip(other.cache.as_ref()).is_none_or(|(one, other)| one.agrees_with(other));
    match (one.fingerprints.agree_with(&other.fingerprints), shares_cache) {
        (false, _) => Some(Conflict::Secret),
        (true, false) => Some(Conflict::Cache),
        (true, true) => None,
    }
}

/// The workers to which `own` must give way, and how it differs from each.
pub(super) fn of<'r>(own: &'r Row, others: &'r [Row]) -> Vec<(&'r Row, Conflict)> {
    let mut rows: Vec<&Row> = others.iter().chain([own]).collect();
    rows.sort_by_key(|row| (!row.is_agreed, row.id));
    let mut staying: Vec<&Row> = Vec::new();
    for row in rows {
        if row.id == own.id {
            break;
        }
        if staying.iter().all(|other| conflict(row, other).is_none()) {
            staying.push(row);
        }
    }
    staying.into_iter().filter_map(|row| Some((row, conflict(own, row)?))).collect()
}

/// Whether a worker that differs serves as well, when `own` says that it does.
pub(super) fn with_agreed(own: &Row, others: &[Row]) -> bool {
    others.iter().any(|row| row.is_agreed && conflict(own, row).is_some())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use domain::Time;
    use domain::ids::WorkerId;
    use secrecy::SecretString;

    use super::super::{CacheStore, Fingerprints, Kind};
    use super::*;

    /// A worker that registered at this second, with a secret and a cache.
    fn row(second: i64, secret: &str, cache: CacheStore, is_agreed: bool) -> Row {
        let id = WorkerId::generate(Time::UNIX_EPOCH + TimeDelta::seconds(second));
        let fingerprints = Fingerprints::of(&SecretString::from(secret), &[]).unwrap();
        Row { id, beat: 0, kind: Kind::Server, fingerprints, cache: Some(cache), is_agreed }
    }

    fn starting(second: i64, secret: &str) -> Row {
        row(second, secret, CacheStore::Memory, false)
    }

    fn conflicts(own: &Row, others: &[Row]) -> Vec<Conflict> {
        of(own, others).into_iter().map(|(_, conflict)| conflict).collect()
    }

    #[test]
    fn the_first_of_those_that_start_stays() {
        let (first, second, third) = (starting(1, "a"), starting(2, "b"), starting(3, "a"));
        assert_eq!(conflicts(&first, &[second.clone(), third.clone()]), []);
        assert_eq!(conflicts(&second, &[first.clone(), third.clone()]), [Conflict::Secret]);
        assert_eq!(conflicts(&third, &[first, second]), [], "the second gives way, so it is no reason to give way");
    }

    #[test]
    fn one_that_serves_stays() {
        let (serving, starting) = (row(2, "a", CacheStore::Memory, true), starting(1, "b"));
        assert_eq!(conflicts(&starting, std::slice::from_ref(&serving)), [Conflict::Secret]);
        assert!(
            with_agreed(&starting, std::slice::from_ref(&serving)) && !with_agreed(&serving, std::slice::from_ref(&starting))
        );
    }

    #[test]
    fn a_worker_with_another_cache_gives_way() {
        let redis = |identity: &str| CacheStore::Redis(Some(identity.to_owned()));
        let serving = row(1, "a", redis("x"), true);
        for (cache, expected) in
            [(CacheStore::Memory, vec![Conflict::Cache]), (redis("y"), vec![Conflict::Cache]), (redis("x"), vec![])]
        {
            assert_eq!(conflicts(&row(2, "a", cache, false), std::slice::from_ref(&serving)), expected);
        }
        let older = Row { cache: None, ..serving };
        assert_eq!(conflicts(&row(2, "a", CacheStore::Memory, false), &[older]), []);
    }
}
