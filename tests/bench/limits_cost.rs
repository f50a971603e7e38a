//! What limits cost: hits of a server with limits against those of a server without, on the same core.

use harness::Server;

use crate::setup::{self, SMALL, STRICT, warm};
use crate::target::{Target, compare, in_turn};
use crate::{machine, show};

/// Measures both servers in turn and prints the table.
pub async fn run() {
    let site = setup::open().await;
    let anna = setup::anna(&site).await;
    let without = site.server_with("RATE_LIMITS", "false").await;
    machine::give_core(without.process());
    let people = setup::warm_people(&site).await;
    let mut targets = Vec::new();
    for (name, server, against) in [("without limits", &without, None), ("with limits", site.server(), Some(0))] {
        let bytes = warm(&anna.at(server), SMALL).await.len();
        let near = Target { bytes, ..target(name, server, SMALL, anna.token()) };
        let asked = people.iter().map(|person| (STRICT.to_owned(), Some(person.token())));
        let bytes = warm(&people[0].at(server), STRICT).await.len();
        let strict = Target { bytes, script: Some(in_turn(name, asked)), ..target(name, server, "/", anna.token()) };
        targets.push(Target { against: against.map(|near| (near, Some(0.97))), ..near });
        targets.push(Target { against: against.map(|near| (near + 1, Some(0.90))), ..strict });
    }
    compare(&targets, |own, other| own / other);
    show("each pair: a near hit, then a strict hit; ratio: requests a second over those of the server without limits");
}

fn target(name: &'static str, server: &Server, path: &str, token: &str) -> Target {
    let (process, url) = (server.process(), format!("{}{path}", server.url()));
    Target { name, process, url, token: Some(token.to_owned()), script: None, against: None, bytes: 0 }
}
