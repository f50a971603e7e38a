//! Many items to do, each in a transaction of its own.

use domain::ServiceError;

/// How many items are looked for at once.
pub(crate) const PAGE: u64 = 100;
/// After how many in a row that could not be done now the database counts as away.
const MAX_CONSECUTIVE_OUTAGES: usize = 3;

/// Does everything that there is to do, page by page, and answers how much of it was still to be done. `page` looks for what comes
/// after a key, and each item has its `key`: what cannot be done is passed and keeps nothing else from being done; its error is
/// answered in the end. A database that is away ends it.
pub(crate) async fn for_each<T, P, F>(
    mut page: impl FnMut(String) -> P + Send,
    key: fn(&T) -> &str,
    mut work: impl FnMut(T) -> F + Send,
) -> Result<u64, ServiceError>
where
    T: Send,
    P: Future<Output = Result<Vec<T>, ServiceError>> + Send,
    F: Future<Output = Result<bool, ServiceError>> + Send,
{
    let (mut after, mut done, mut failed, mut in_a_row) = (String::new(), 0, None, 0);
    loop {
        let items = page(after).await?;
        let Some(last) = items.last() else { return failed.map_or(Ok(done), Err) };
        after = key(last).to_owned();
        for item in items {
            match work(item).await {
                Ok(was_due) => (done, in_a_row) = (done + u64::from(was_due), 0),
                Err(error @ ServiceError::Unavailable(_)) if in_a_row + 1 == MAX_CONSECUTIVE_OUTAGES => return Err(error),
                Err(error) => {
                    in_a_row = if matches!(error, ServiceError::Unavailable(_)) { in_a_row + 1 } else { 0 };
                    failed = Some(error);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pages of items.
    async fn page(after: String) -> Result<Vec<&'static str>, ServiceError> {
        Ok(["a", "b", "c", "d"].into_iter().filter(|item| **item > *after).take(2).collect())
    }

    #[tokio::test]
    async fn what_cannot_be_done_keeps_nothing_else_from_being_done() {
        let mut tried = Vec::new();
        let work = |item: &'static str| {
            tried.push(item);
            async move { if item == "b" { Err(ServiceError::bug("for the test")) } else { Ok(true) } }
        };
        assert!(matches!(for_each(page, |item| *item, work).await, Err(ServiceError::Bug(_))));
        assert_eq!(tried, ["a", "b", "c", "d"]);
        assert_eq!(for_each(page, |item| *item, async |item| Ok(item > "b")).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_database_that_is_away_is_not_asked_for_ever() {
        let mut tried = 0;
        let work = |_| {
            tried += 1;
            async { Err(ServiceError::unavailable("for the test")) }
        };
        assert!(matches!(for_each(page, |item| *item, work).await, Err(ServiceError::Unavailable(_))));
        assert_eq!(tried, MAX_CONSECUTIVE_OUTAGES);
    }
}
