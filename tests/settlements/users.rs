//! Users who have forgotten their passwords.

use futures_util::future::join_all;
use harness::{PASSWORD, Site};
use serde_json::json;

/// The number of registrations at a time: more would be refused, because each hashes a password.
const AT_ONCE: usize = 4;

/// The address of a user.
pub fn address(number: usize) -> String {
    format!("forgetful{number}@example.com")
}

/// Inserts this many users with one statement; on SQLite they register.
pub async fn insert(site: &Site, users: usize) {
    if site.settings()["DATABASE_URL"].starts_with("postgres") {
        insert_by_sql(site, users);
        return;
    }
    let numbers: Vec<usize> = (0..users).collect();
    for portion in numbers.chunks(AT_ONCE) {
        join_all(portion.iter().map(async |number| {
            let body = json!({"email": address(*number), "username": format!("forgetful{number}"), "password": PASSWORD});
            site.client().post("/v1/auth/register").json(body).await.expect(201)
        }))
        .await;
    }
}

fn insert_by_sql(site: &Site, users: usize) {
    let id = "lpad(n::text, 26, '0')";
    site.database().query(&format!(
        "INSERT INTO users (id, email, username, username_key, role, password_hash, created_at, version)
         SELECT {id}, 'forgetful' || n || '@example.com', 'forgetful' || n, 'forgetful' || n, 'user', 'none', now(), 1
         FROM generate_series(0, {users} - 1) n"
    ));
    site.database().query(&format!(
        "INSERT INTO coin_accounts (user_id, balance, held, seq, issued, revenue, expired, clawed_back)
         SELECT {id}, 0, 0, 0, 0, 0, 0, 0 FROM generate_series(0, {users} - 1) n"
    ));
}
