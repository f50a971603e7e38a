//! Limits of requests, as clients meet them.

mod addresses;
mod outages;
mod plans;
mod refusals;
mod script;
mod several_servers;
mod sign_in;

use harness::{Request, Response};

/// Sends requests until one is refused, at most `most`; returns the number of the admitted ones and the refusal.
async fn exhaust(most: usize, request: impl Fn() -> Request) -> (usize, Response) {
    for admitted in 0..=most {
        let response = request().await;
        if response.status() == 429 {
            return (admitted, response.problem("rate-limited"));
        }
    }
    panic!("more than {most} requests were admitted");
}

/// The parameter of a limit in `RateLimit` or `RateLimit-Policy`.
fn parameter(response: &Response, header: &str, limit: &str, name: &str) -> i64 {
    let list = response.header(header);
    let item = list.split(", ").find(|item| item.starts_with(&format!("\"{limit}\";")));
    let item = item.unwrap_or_else(|| panic!("no limit {limit} in {list}"));
    let value = item.split(';').find_map(|part| part.strip_prefix(&format!("{name}=")));
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in {item}"))
}

/// What is left of a limit.
fn remaining(response: &Response, limit: &str) -> i64 {
    parameter(response, "ratelimit", limit, "r")
}
