//! The speed of cache hits, against the same bytes from a server that does nothing else.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use harness::child_process::{self, ChildOptions};
use harness::scratch::{folder, free_port};
use harness::{Site, User, eventually_true};

use crate::setup::{self, SMALL, STRICT, warm};
use crate::target::{Target, compare, in_turn, script};
use crate::wrk::CONNECTIONS;
use crate::{baseline, machine, show};

/// Measures everything and prints the table.
pub async fn run() {
    let site = setup::open().await;
    let anna = setup::anna(&site).await;
    let targets = targets(&site, &anna).await;
    compare(&targets, |own, other| own / other);
    show("ratio: requests a second over those of a bare poem handler with the same bytes; the median of the rounds' ratios");
    show("strict hit: over those of a bare poem handler with the same GET through fred");
}

/// The measured targets.
async fn targets(site: &Site, anna: &User) -> Vec<Target> {
    let list = setup::list();
    let own = anna.get("/v1/me/characters?limit=1").await.expect(200).items()[0]["id"].as_str().unwrap().to_owned();
    let mut bodies = Vec::new();
    for path in [SMALL, &list, STRICT] {
        bodies.push(warm(anna, path).await);
    }
    baseline::fill(site.redis(), CONNECTIONS, &bodies[2]);
    let (baseline, port) = start_baseline(site, &bodies).await;
    let (process, base) = (site.server().process(), site.server().url().to_owned());
    let fixed = |name, number: usize| Target {
        name,
        process: baseline.id(),
        url: format!("http://127.0.0.1:{port}/{number}"),
        token: None,
        script: None,
        against: None,
        bytes: bodies[number].len(),
    };
    let ours = |name, path: &str, against, bytes| Target {
        name,
        process,
        url: format!("{base}{path}"),
        token: Some(anna.token().to_owned()),
        script: None,
        against: Some(against),
        bytes,
    };
    let people = setup::warm_people(site).await;
    let asked = people.iter().map(|person| (STRICT.to_owned(), Some(person.token())));
    let strict_hit =
        Target { script: Some(in_turn("strict", asked)), ..ours("strict hit", "/", (2, Some(0.85)), bodies[2].len()) };
    let kept = (0..CONNECTIONS).map(|number| (format!("/redis/{number}"), None::<&str>));
    let from_redis = Target { script: Some(in_turn("redis", kept)), ..fixed("bare, GET through fred", 2) };
    let miss = Target { script: Some(unknown_names()), ..ours("miss (unknown name)", "/", (0, None), 0) };
    vec![
        fixed("static, small", 0),
        fixed("static, list", 1),
        from_redis,
        ours("near hit, small", SMALL, (0, Some(0.80)), bodies[0].len()),
        ours("near hit, list", &list, (1, Some(0.90)), bodies[1].len()),
        strict_hit,
        miss,
        ours("database path", &format!("/v1/me/characters/{own}"), (0, None), bodies[0].len()),
    ]
}

/// The process of the baseline, and its port. It ends with this process.
async fn start_baseline(site: &Site, bodies: &[Vec<u8>]) -> (Child, u16) {
    let (folder, port) = (folder("baseline"), free_port());
    let files = bodies.iter().enumerate().map(|(number, body)| {
        let file = folder.join(number.to_string());
        fs::write(&file, body).expect("the folder is writable");
        file
    });
    let mut command = ChildOptions::KILLED_WITH_SUITE.command(std::env::current_exe().expect("a path"));
    command.args(["baseline", &port.to_string(), &site.redis().url()]).args(files).stdin(Stdio::null());
    let child = child_process::spawn(command);
    eventually_true("the baseline listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
    machine::give_core(child.id());
    (child, port)
}

/// A script for wrk: each request is for a character with a new name.
fn unknown_names() -> PathBuf {
    script(
        "miss",
        // Lua prints numbers from 1e14 on in scientific notation: the salt and the counter stay separate and small.
        "local salt, n = os.time(), 0\nrequest = function()\n  n = n + 1\n  return wrk.format('GET', '/v1/characters/nobody-' .. salt .. '-' .. n)\nend\n",
    )
}
