//! Auditing: what the books of an account must say, whatever happened to it.

use serde_json::Value;

use crate::harness::Client;

/// A whole list, page by page.
pub async fn all(client: &Client, path: &str, limit: usize) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(format!("{path}?limit={limit}{cursor}")).await.expect(200);
        assert!(page.items().len() <= limit, "{page:?}");
        items.extend_from_slice(page.items());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// Demands that the ledger, the lots and the balance tell one story, and gives the ledger's amounts, the oldest first.
pub async fn audit(client: &Client, limit: usize) -> Vec<i64> {
    let (mut balance, mut amounts) = (0, Vec::new());
    for (index, entry) in all(client, "/v1/coins/ledger", limit).await.iter().rev().enumerate() {
        amounts.push(entry["amount"].as_i64().unwrap());
        balance += amounts[index];
        assert_eq!((&entry["seq"], &entry["balance_after"]), (&(index + 1).into(), &balance.into()), "{entry}");
    }
    let lots = all(client, "/v1/coins/lots", limit).await;
    let remaining: i64 = lots.iter().map(|lot| lot["remaining"].as_i64().unwrap()).sum();
    assert_eq!((client.balance().await, remaining), (balance, balance));
    amounts
}
