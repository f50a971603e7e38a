//! Processes many items, each in a transaction of its own.

use domain::ServiceError;

/// The number of items of a page.
pub(crate) const PAGE: u64 = 100;
/// The number of consecutive outages after which the batch ends.
const MAX_CONSECUTIVE_OUTAGES: usize = 3;

/// Processes all items, page by page. `page` returns the items after a key, and `key` is the key of an item. `work` returns whether
/// the item was still due. Returns the number of items that were due.
///
/// # Errors
/// An item that fails does not stop the others; the last error is returned at the end. Consecutive outages end the batch at once.
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
    let (mut after, mut done, mut failure, mut outages) = (String::new(), 0, None, 0);
    loop {
        let items = page(after).await?;
        let Some(last) = items.last() else { return failure.map_or(Ok(done), Err) };
        after = key(last).to_owned();
        for item in items {
            match work(item).await {
                Ok(was_due) => (done, outages) = (done + u64::from(was_due), 0),
                Err(error @ ServiceError::Unavailable(_)) if outages + 1 == MAX_CONSECUTIVE_OUTAGES => return Err(error),
                Err(error) => {
                    outages = if matches!(error, ServiceError::Unavailable(_)) { outages + 1 } else { 0 };
                    failure = Some(error);
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
    async fn an_item_that_fails_does_not_stop_the_others() {
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
    async fn consecutive_outages_end_the_batch() {
        let mut tried = 0;
        let work = |_| {
            tried += 1;
            async { Err(ServiceError::unavailable("for the test")) }
        };
        assert!(matches!(for_each(page, |item| *item, work).await, Err(ServiceError::Unavailable(_))));
        assert_eq!(tried, MAX_CONSECUTIVE_OUTAGES);
    }
}
