//! The invariants of an account's ledger, checked through the API.

use std::collections::BTreeMap;

use serde_json::Value;

use super::client::Client;

/// A whole list, page by page.
pub async fn read_all(client: &Client, path: &str, limit: usize) -> Vec<Value> {
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

/// Asserts that the ledger, the lots and the balance agree; returns the ledger's amounts, the oldest first.
pub async fn audit(client: &Client, limit: usize) -> Vec<i64> {
    let (mut balance, mut amounts) = (0, Vec::new());
    for (index, entry) in read_all(client, "/v1/coins/ledger", limit).await.iter().rev().enumerate() {
        amounts.push(entry["amount"].as_i64().unwrap());
        balance += amounts[index];
        assert_eq!((&entry["seq"], &entry["balance_after"]), (&(index + 1).into(), &balance.into()), "{entry}");
    }
    let lots = read_all(client, "/v1/coins/lots", limit).await;
    let remaining: i64 = lots.iter().map(|lot| lot["remaining"].as_i64().unwrap()).sum();
    let coins = client.get("/v1/coins").await.expect(200);
    assert_eq!((coins.number("balance"), remaining), (balance, balance));
    audit_holds(client, limit, coins.number("held"), &lots).await;
    amounts
}

/// Asserts that the held coins of each lot are those of the open holds, and that no hold captured or refunded more than it had.
async fn audit_holds(client: &Client, limit: usize, held: i64, lots: &[Value]) {
    let mut by_lot: BTreeMap<String, i64> = BTreeMap::new();
    for hold in read_all(client, "/v1/coins/holds", limit).await {
        let [amount, captured, refunded] = ["amount", "captured", "refunded"].map(|member| hold[member].as_i64().unwrap());
        assert!(0 <= refunded && refunded <= captured && captured <= amount, "{hold}");
        assert_eq!(captured > 0, hold["state"] == "captured", "{hold}");
        let slices: Vec<(&str, i64)> = hold["slices"].as_array().unwrap().iter().map(slice).collect();
        assert_eq!(slices.iter().map(|(_, coins)| coins).sum::<i64>(), amount, "{hold}");
        for (lot, coins) in slices.into_iter().filter(|_| hold["state"] == "held") {
            *by_lot.entry(lot.to_owned()).or_default() += coins;
        }
    }
    let of_lots = lots.iter().map(|lot| (lot["id"].as_str().unwrap().to_owned(), lot["held"].as_i64().unwrap()));
    let of_lots: BTreeMap<String, i64> = of_lots.filter(|(_, held)| *held > 0).collect();
    assert_eq!((by_lot.values().sum::<i64>(), by_lot), (held, of_lots));
}

fn slice(slice: &Value) -> (&str, i64) {
    (slice["lot_id"].as_str().unwrap(), slice["amount"].as_i64().unwrap())
}
