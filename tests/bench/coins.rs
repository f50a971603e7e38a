//! Spends a second over HTTP, against the same SQL under pgbench: same Postgres, same users, same number of connections.

use std::fs;
use std::path::{Path, PathBuf};

use futures_util::future::join_all;
use harness::scratch::folder;
use harness::{PASSWORD, Site, User, program};

use crate::pgbench::{self, Transactions};
use crate::target::{median, script};
use crate::wrk::{self, Measured};
use crate::{setup, show};

/// The number of rounds.
const ROUNDS: u32 = 3;
const SECONDS: u32 = 5;
const CONNECTIONS: u32 = 16;
/// The number of users; so many that two rarely spend from one account at the same moment.
const USERS: usize = 1000;
/// The coins of each user.
const COINS: i64 = 1_000_000;
/// The share of pgbench's rate to reach.
const GOAL: f64 = 0.70;
/// The script of a spend for pgbench.
const SPEND: &str = include_str!("coins/spend.sql");

/// Measures both in turn and prints the results.
pub async fn run() {
    let site = setup::open().await;
    let spenders = spenders(&site).await;
    let (api, sql) = (requests(&site, &spenders), statements());
    let rounds: Vec<(Measured, Transactions)> = (0..ROUNDS).map(|round| measure(&site, &api, &sql, round)).collect();
    print(&rounds);
    show(program::run(&["audit"], site.settings()).succeed().trim_end());
}

fn measure(site: &Site, api: &Path, sql: &Path, round: u32) -> (Measured, Transactions) {
    let server = site.server();
    let over_http = wrk::measure_on((CONNECTIONS, SECONDS), server.process(), server.url(), None, Some(api), false);
    // Ids ascend from round to round, as those of the API do.
    let first = u64::from(round + 1) * 1_000_000_000;
    let variables = [("users", USERS as u64), ("n", first)];
    (over_http, pgbench::measure(&site.database().url(), sql, (CONNECTIONS, SECONDS), &variables))
}

fn print(rounds: &[(Measured, Transactions)]) {
    show(format_args!("{:<28}{:>12}{:>10}{:>10}{:>14}", "", "spends/s", "p50 ms", "p99 ms", "CPU µs/spend"));
    let of = |statistic: fn(&(Measured, Transactions)) -> f64| median(rounds.iter().map(statistic));
    let (rate, p50, p99, cpu) = (of(|r| r.0.rate), of(|r| r.0.p50), of(|r| r.0.p99), of(|r| r.0.cpu_us));
    show(format_args!("{:<28}{rate:>12.0}{p50:>10.2}{p99:>10.2}{cpu:>14.1}", "POST /v1/coins/spend"));
    let (rate, p50, p99) = (of(|r| r.1.rate), of(|r| r.1.p50), of(|r| r.1.p99));
    show(format_args!("{:<28}{rate:>12.0}{p50:>10.2}{p99:>10.2}", "the same SQL, pgbench"));
    let ratio = of(|(over_http, sql)| over_http.rate / sql.rate);
    show(format_args!(
        "ratio {ratio:.2} (goal {GOAL:.2}): the median of {ROUNDS} rounds' ratios; {CONNECTIONS} connections, {USERS} users"
    ));
}

/// Users with coins, signed in. Their ids are numbers, so that pgbench can generate them.
async fn spenders(site: &Site) -> Vec<User> {
    site.register("pattern").await;
    let id = "lpad(n::text, 26, '0')";
    site.database().query(&format!(
        "INSERT INTO users (id, email, username, username_key, role, password_hash, created_at, version)
         SELECT {id}, 'spender' || n || '@example.com', 'spender' || n, 'spender' || n, role, password_hash, created_at, version
         FROM users, generate_series(1, {USERS}) n WHERE username = 'pattern'"
    ));
    site.database().query(&format!(
        "INSERT INTO coin_accounts (user_id, balance, held, seq, issued, revenue, expired, clawed_back)
         SELECT {id}, 0, 0, 0, 0, 0, 0, 0 FROM generate_series(1, {USERS}) n"
    ));
    let admin = site.admin().await;
    let mut spenders = Vec::new();
    for portion in (1..=USERS).collect::<Vec<_>>().chunks(8) {
        let admin = &admin;
        let signed_in = join_all(portion.iter().map(|number| async move {
            let user = User::sign_in(&site.client(), &format!("spender{number}@example.com"), PASSWORD).await;
            admin.grant(&user, COINS).await;
            user
        }));
        spenders.extend(signed_in.await);
    }
    spenders
}

/// A script for wrk: a random user spends one coin, each time with a new key.
fn requests(site: &Site, spenders: &[User]) -> PathBuf {
    let host = site.server().url().strip_prefix("http://").expect("a plain address").to_owned();
    let body = r#"{"amount":1,"purpose":"a picture","reference":"bench"}"#;
    let tokens: Vec<String> = spenders.iter().map(|user| format!("'{}'", user.token())).collect();
    script(
        "spend",
        &format!(
            "local tokens, salt, n = {{{}}}, os.time(), 0\n\
             local before = 'POST /v1/coins/spend HTTP/1.1\\r\\nHost: {host}\\r\\nContent-Type: application/json\\r\\n\
             Content-Length: {}\\r\\nAuthorization: Bearer '\n\
             local after = '\\r\\n\\r\\n{body}'\n\
             request = function()\n  n = n + 1\n\
             return before .. tokens[math.random(#tokens)] .. '\\r\\nIdempotency-Key: wrk-' .. salt .. '-' .. n .. after\nend\n",
            tokens.join(",\n"),
            body.len()
        ),
    )
}

/// The script for pgbench.
fn statements() -> PathBuf {
    let file = folder("pgbench").join("spend.sql");
    fs::write(&file, SPEND).expect("the folder is writable");
    file
}
