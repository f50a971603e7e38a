//! Cached reads against two alternative stacks: the same bytes, the same Redis, the same load.
//!
//! The rivals, in `rivals/`, do only these reads; Atelier does all that it does in production. Each stack has a simple and a
//! tuned variant. `scripts/bench` installs their dependencies.

use harness::{Client, Redis, Site, User};
use serde_json::Value;

use crate::rival::Rival;
use crate::setup::{self, SMALL, STRICT, warm};
use crate::show;
use crate::target::{Target, compare, in_turn, round};
use crate::wrk::CONNECTIONS;

/// The reads: the indices of the bodies and of Atelier's own targets.
const SMALL_READ: usize = 0;
const LIST_READ: usize = 1;
const STRICT_READ: usize = 2;

type Bodies = [Vec<u8>; 3];

/// A variant of a rival: its name, its path, the read, and the required ratio.
type Way = (&'static str, &'static str, usize, Option<f64>);

const FASTAPI: [Way; 6] = [
    ("FastAPI, small", "/near/0", SMALL_READ, Some(18.0)),
    ("FastAPI, list", "/near/1", LIST_READ, Some(30.0)),
    ("FastAPI, strict", "/strict/0", STRICT_READ, Some(10.0)),
    ("FastAPI typed, small", "/typed/near/0", SMALL_READ, Some(18.0)),
    ("FastAPI typed, list", "/typed/near/1", LIST_READ, Some(30.0)),
    ("FastAPI typed, strict", "/typed/strict/0", STRICT_READ, Some(10.0)),
];
const FASTIFY: [Way; 5] = [
    ("BentoCache, small", "/near/0", SMALL_READ, Some(2.5)),
    ("BentoCache, list", "/near/1", LIST_READ, Some(9.0)),
    ("BentoCache uncopied, small", "/uncopied/0", SMALL_READ, None),
    ("BentoCache uncopied, list", "/uncopied/1", LIST_READ, None),
    ("ioredis, strict", "/strict/0", STRICT_READ, Some(1.8)),
];

/// Measures everything and prints the table.
pub async fn run() {
    let site = setup::open().await;
    let (anna, people) = (setup::anna(&site).await, setup::warm_people(&site).await);
    let bodies = [warm(&anna, SMALL).await, warm(&anna, &setup::list()).await, warm(&people[0], STRICT).await];
    fill(site.redis(), &bodies);
    let (fastapi, fastify) = (Rival::fastapi(site.redis()).await, Rival::fastify(site.redis()).await);
    let mut targets = ours(&site, &anna, &people, &bodies);
    for target in theirs(&fastapi, &FASTAPI, &bodies).chain(theirs(&fastify, &FASTIFY, &bodies)) {
        agrees(&target, &bodies).await;
        targets.push(target);
    }
    // A first round warms up just-in-time compilers.
    round(&targets);
    compare(&targets, |rival, atelier| atelier / rival);
    show("ratio: requests a second of Atelier, with all that it does in production, over the rival's; the rounds' median");
}

/// Writes the responses of the rivals to Redis.
fn fill(redis: &Redis, bodies: &Bodies) {
    let set = |key: &str, body: &[u8]| redis.run(&["SET", key, str::from_utf8(body).expect("JSON")]);
    set("near:0", &bodies[SMALL_READ]);
    set("near:1", &bodies[LIST_READ]);
    for person in 0..CONNECTIONS {
        set(&format!("strict:{person}"), &bodies[STRICT_READ]);
    }
}

fn ours(site: &Site, anna: &User, people: &[User], bodies: &Bodies) -> Vec<Target> {
    let target = |name, path: &str, read: usize| Target {
        name,
        process: site.server().process(),
        url: format!("{}{path}", site.server().url()),
        token: Some(anna.token().to_owned()),
        script: None,
        against: None,
        bytes: bodies[read].len(),
    };
    let asked = people.iter().map(|person| (STRICT.to_owned(), Some(person.token())));
    vec![
        target("Atelier near, small", SMALL, SMALL_READ),
        target("Atelier near, list", &setup::list(), LIST_READ),
        Target { script: Some(in_turn("strict", asked)), ..target("Atelier strict", STRICT, STRICT_READ) },
    ]
}

fn theirs(rival: &Rival, ways: &[Way], bodies: &Bodies) -> impl Iterator<Item = Target> {
    ways.iter().map(move |&(name, path, read, goal): &Way| Target {
        name,
        process: rival.process(),
        url: format!("{}{path}", rival.url()),
        token: None,
        script: (read == STRICT_READ).then(|| {
            let of = |person| (format!("{}{person}", path.trim_end_matches('0')), None::<&str>);
            in_turn("rival", (0..CONNECTIONS).map(of))
        }),
        against: Some((read, goal)),
        bytes: bodies[read].len(),
    })
}

/// Asserts that a rival responds with the same JSON.
async fn agrees(rival: &Target, bodies: &Bodies) {
    let response = Client::http().get(&rival.url).send().await.expect("a response").bytes().await.expect("a body");
    let (read, _) = rival.against.expect("what it is compared with");
    let [theirs, ours] = [&response, &*bodies[read]].map(|json| serde_json::from_slice::<Value>(json).expect("JSON"));
    assert_eq!(theirs, ours, "{} has another response", rival.name);
}
