//! Many things to do, each in a transaction of its own.

use domain::Fault;

/// After how many in a row that could not be done now the database counts as away.
const AWAY: usize = 3;

/// Does each of them and answers how many were still to be done. One that cannot be done does not keep the others from it; its fault is
/// answered in the end. A database that is away ends it.
pub(super) async fn each<T, F>(things: Vec<T>, mut work: impl FnMut(T) -> F + Send) -> Result<u64, Fault>
where
    T: Send,
    F: Future<Output = Result<bool, Fault>> + Send,
{
    let (mut done, mut failed, mut in_a_row) = (0, None, 0);
    for thing in things {
        match work(thing).await {
            Ok(was_due) => (done, in_a_row) = (done + u64::from(was_due), 0),
            Err(fault) => {
                in_a_row = if matches!(fault, Fault::Unavailable(_)) { in_a_row + 1 } else { 0 };
                failed = Some(fault);
            }
        }
        if in_a_row == AWAY {
            break;
        }
    }
    failed.map_or(Ok(done), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_cannot_be_done_keeps_nothing_else_from_being_done() {
        let mut tried = Vec::new();
        let work = |n: u32| {
            tried.push(n);
            async move { if n == 1 { Err(Fault::bug("for the test")) } else { Ok(n == 2) } }
        };
        assert!(matches!(each(vec![0, 1, 2], work).await, Err(Fault::Bug(_))));
        assert_eq!(tried, [0, 1, 2]);
        assert_eq!(each(vec![0, 2, 2], async |n| Ok(n == 2)).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_database_that_is_away_is_not_asked_for_ever() {
        let mut tried = 0;
        let work = |()| {
            tried += 1;
            async { Err(Fault::unavailable("for the test")) }
        };
        assert!(matches!(each(vec![(); 9], work).await, Err(Fault::Unavailable(_))));
        assert_eq!(tried, AWAY);
    }
}
