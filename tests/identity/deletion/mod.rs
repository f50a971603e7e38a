//! The deletion of accounts over HTTP: access, names, money, content, receipt.

mod access;
mod canaries;
mod content;
mod money;
mod receipt;
mod search;

use harness::{PASSWORD, Response, Site, User, eventually};
use serde_json::{Value, json};

/// The body of a deletion.
fn confirmed() -> Value {
    json!({"present_password": PASSWORD})
}

/// Deletes an account, and returns the path of its receipt.
async fn delete(user: &User) -> String {
    user.delete("/v1/me").json(confirmed()).await.expect(202).text("receipt_url").to_owned()
}

/// The receipt of an erasure that is done.
async fn erased(site: &Site, receipt: &str) -> Response {
    let client = site.client();
    eventually("the content of the account is erased", async || {
        let receipt = client.get(receipt).await.expect(200);
        (receipt.text("state") == "done").then_some(receipt)
    })
    .await
}

/// A member of the area in a list of a receipt; null if the list does not name the area.
fn of_area(receipt: &Response, list: &str, area: &str, member: &str) -> Value {
    let areas = receipt[list].as_array().unwrap();
    areas.iter().find(|one| one["area"] == area).map_or(Value::Null, |one| one[member].clone())
}
