//! Service keys that rotate while holds are placed and ended.

use std::collections::BTreeSet;
use std::sync::Mutex;

use futures_util::future::join_all;
use harness::ledger_audit::{audit, read_all};
use harness::{Client, Request, Response, SiteBuilder, User, on_backends};
use serde_json::json;

const SHOPPERS: usize = 4;
/// Holds of each shopper: most of them outlive the key that placed them.
const HOLDS: usize = 24;
const SCOPES: [&str; 2] = ["coins:read", "coins:write"];

/// The site's back end, which uses the latest key.
struct Shop(Mutex<Client>);

impl Shop {
    fn latest(&self) -> Client {
        self.0.lock().unwrap().clone()
    }

    /// Sends a request for a user with the latest key, again if that was revoked meanwhile.
    async fn send(&self, user: &User, request: impl Fn(&Client) -> Request) -> Response {
        loop {
            let response = request(&self.latest().acting_for(&user.id)).await;
            if response.status() != 401 {
                return response;
            }
            response.problem("token-revoked");
        }
    }

    /// Places a hold, and then captures, voids or refunds with whatever key is the latest.
    async fn serve(&self, user: &User, number: usize) {
        let (name, body) = (number.to_string(), json!({"amount": 2, "purpose": "a picture"}));
        let hold = |client: &Client| client.post("/v1/coins/holds").key(&name).json(body.clone());
        let placed = self.send(user, hold).await.expect(201);
        assert_eq!(placed.text("placer"), "site");
        let again = self.send(user, hold).await.expect(201);
        assert_eq!((again.id(), again.header("idempotent-replayed")), (placed.id(), "true"));
        // The user's key of the same name is another one.
        let own = hold(user).await.expect(201);
        assert!(own.find_header("idempotent-replayed").is_none() && own.id() != placed.id(), "{own:?}");
        user.void(own.id()).await.expect(200);
        if number.is_multiple_of(3) {
            self.send(user, |client| client.void(placed.id())).await.expect(200);
        } else {
            self.send(user, |client| client.capture(placed.id(), 1)).await.expect(200);
        }
    }
}

/// Replaces the key of the shop until its work is done: a new key first, then the old one is revoked. Returns the ids of all keys.
async fn rotate(admin: &User, shop: &Shop, work: impl Future<Output = ()>) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let rotation = async {
        let mut last = None;
        loop {
            let key = admin.create_service_key(&SCOPES).await;
            ids.insert(key.id.clone());
            *shop.0.lock().unwrap() = (*key).clone();
            if let Some(last) = last.replace(key) {
                admin.revoke_service_key(&last).await;
            }
        }
    };
    tokio::select! {
        () = work => {}
        () = rotation => {}
    }
    ids
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn no_hold_is_stranded_and_no_answer_crosses_placers_while_keys_rotate(builder: SiteBuilder) {
        let site = builder.set("CHANGE_LOG_POLL_MS", 25).open().await;
        let admin = site.admin().await;
        let shop = Shop(Mutex::new((*admin.create_service_key(&SCOPES).await).clone()));
        let mut shoppers = Vec::new();
        for number in 0..SHOPPERS {
            let shopper = site.register(&format!("shopper{number}")).await;
            admin.grant(&shopper, 200).await;
            shoppers.push(shopper);
        }
        let work = join_all(shoppers.iter().map(async |user| {
            for number in 0..HOLDS {
                shop.serve(user, number).await;
            }
        }));
        let ids = rotate(&admin, &shop, async { drop(work.await) }).await;
        assert!(ids.len() > 2, "{} keys", ids.len());
        for user in &shoppers {
            let holds = read_all(user, "/v1/coins/holds", 100).await;
            assert_eq!(holds.len(), 2 * HOLDS);
            assert!(holds.iter().all(|hold| hold["state"] != "held"), "{holds:?}");
            audit(user, 100).await;
            assert_eq!(user.coins().await, [200 - 16, 0, 200 - 16]);
        }
        assert_eq!(admin.get("/v1/admin/invariants").await.expect(200)["ok"], true);
    }
}
