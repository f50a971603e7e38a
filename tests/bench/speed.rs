//! How fast an answer is that the cache holds, against the same bytes from a server that does nothing else.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use serde_json::json;

use crate::harness::backend::OnBackend;
use crate::harness::nursery::{self, Mortal};
use crate::harness::place::{folder, free_port};
use crate::harness::{Backend, Blueprint, Client, Redis, Site, User, eventually_true};
use crate::wrk::{CONNECTIONS, Measured, measure};
use crate::{machine, show};

/// Each target is measured so often, in turn.
const ROUNDS: usize = 3;
/// Characters on the list: about 18 KB of JSON.
const LISTED: usize = 40;

/// Something to measure.
struct Target {
    name: &'static str,
    process: u32,
    url: String,
    token: Option<String>,
    script: Option<PathBuf>,
    /// The target that it is compared with, and the ratio to reach.
    against: Option<(usize, Option<f64>)>,
    bytes: usize,
}

/// Measures everything and prints the table.
pub async fn run() {
    machine::step_aside();
    let site =
        Blueprint::on(Backend::PostgresRedis).await.on_redis(Redis::running().await).set("CHANGE_LOG_POLL_MS", 100).open().await;
    machine::give_core(site.server().process());
    let anna = stage(&site).await;
    let targets = targets(&site, &anna).await;
    let mut rounds: Vec<Vec<Measured>> = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(targets.1.iter().map(Target::measure).collect());
    }
    report(&targets.1, &rounds);
}

/// Somebody with coins and many public characters.
async fn stage(site: &Site) -> User {
    let (admin, anna) = (site.admin().await, site.register("anna").await);
    admin.grant(&anna, 100).await;
    for number in 0..LISTED {
        let text = "She keeps a lighthouse at the end of the world and tells ships what the fog has told her. ".repeat(3);
        let body = json!({"name": format!("Mira {number}"), "description": text, "tags": ["sea", "storm"]});
        let character = anna.post("/v1/me/characters").json(body).await.expect(201);
        anna.publish(&character).await;
    }
    anna
}

/// What is measured, and the process that answers with nothing but bytes.
async fn targets(site: &Site, anna: &User) -> (Child, Vec<Target>) {
    let (near, list, strict) = ("/v1/characters/Mira%200", format!("/v1/characters?limit={LISTED}"), "/v1/coins");
    let own = anna.get("/v1/me/characters?limit=1").await.expect(200).items()[0]["id"].as_str().unwrap().to_owned();
    let mut bodies = Vec::new();
    for path in [near, &list, strict] {
        bodies.push(warm(anna, path).await);
    }
    let (baseline, port) = baseline(&bodies).await;
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
    let people = warm_people(site).await;
    let strict_hit =
        Target { script: Some(in_turn("strict", &people, strict)), ..ours("strict hit", "/", (2, Some(0.50)), bodies[2].len()) };
    let miss = Target { script: Some(unheard_of()), ..ours("miss (nobody of that name)", "/", (0, None), 0) };
    let targets = vec![
        fixed("static, small", 0),
        fixed("static, list", 1),
        fixed("static, balance", 2),
        ours("near hit, small", near, (0, Some(0.75)), bodies[0].len()),
        ours("near hit, list", &list, (1, Some(0.95)), bodies[1].len()),
        strict_hit,
        miss,
        ours("database path", &format!("/v1/me/characters/{own}"), (0, None), bodies[0].len()),
    ];
    (baseline, targets)
}

/// Reads until it hits, and answers the bytes.
async fn warm(reader: &Client, path: &str) -> Vec<u8> {
    eventually_true("a hit", async || reader.get(path).await.expect(200).cache().is_hit()).await;
    reader.get(path).await.expect(200).body().to_vec()
}

async fn baseline(bodies: &[Vec<u8>]) -> (Child, u16) {
    let (folder, port) = (folder("baseline"), free_port());
    let files = bodies.iter().enumerate().map(|(number, body)| {
        let file = folder.join(number.to_string());
        fs::write(&file, body).expect("the folder is writable");
        file
    });
    let mut command = Mortal::PLAIN.command(std::env::current_exe().expect("a path"));
    command.args(["baseline", &port.to_string()]).args(files).stdin(Stdio::null());
    let child = nursery::start(command);
    eventually_true("the baseline listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
    machine::give_core(child.id());
    (child, port)
}

/// As many people as there are connections, each with a balance that hits.
async fn warm_people(site: &Site) -> Vec<User> {
    let mut people = Vec::new();
    for number in 0..CONNECTIONS {
        let person = site.register(&format!("person{number}")).await;
        warm(&person, "/v1/coins").await;
        people.push(person);
    }
    people
}

/// A script for wrk: people ask in turn, so that no request shares another one's answer.
fn in_turn(name: &str, people: &[User], path: &str) -> PathBuf {
    let tokens: Vec<String> = people.iter().map(|person| format!("'{}'", person.token())).collect();
    script(
        name,
        &format!(
            "local tokens, requests, n = {{{}}}, {{}}, 0\n\
         init = function()\n  for i, token in ipairs(tokens) do requests[i] = wrk.format('GET', '{path}', {{Authorization = 'Bearer ' .. token}}) end\nend\n\
         request = function()\n  n = n % #requests + 1\n  return requests[n]\nend\n",
            tokens.join(", ")
        ),
    )
}

fn script(name: &str, text: &str) -> PathBuf {
    let file = folder("wrk").join(format!("{name}.lua"));
    fs::write(&file, text).expect("the folder is writable");
    file
}

/// A script for wrk: each request asks for a character that nobody has asked for before.
fn unheard_of() -> PathBuf {
    script(
        "miss",
        // Lua prints numbers from 1e14 on in scientific notation, all alike: the salt and the counter stay apart, and small.
        "local salt, n = os.time(), 0\nrequest = function()\n  n = n + 1\n  return wrk.format('GET', '/v1/characters/nobody-' .. salt .. '-' .. n)\nend\n",
    )
}

impl Target {
    fn measure(&self) -> Measured {
        measure(self.process, &self.url, self.token.as_deref(), self.script.as_deref(), self.bytes == 0)
    }
}

/// The middle of some figures.
fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn report(targets: &[Target], rounds: &[Vec<Measured>]) {
    show(format_args!(
        "{:<28}{:>8}{:>12}{:>10}{:>10}{:>12}{:>9}{:>7}",
        "", "bytes", "requests/s", "p50 ms", "p99 ms", "CPU µs/req", "ratio", "goal"
    ));
    for (place, target) in targets.iter().enumerate() {
        let of = |figure: fn(&Measured) -> f64| median(rounds.iter().map(|round| figure(&round[place])));
        let ratio = target.against.map(|(other, _)| median(rounds.iter().map(|round| round[place].rate / round[other].rate)));
        let (ratio, goal) =
            (ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")), target.against.and_then(|(_, goal)| goal));
        let goal = goal.map_or(String::new(), |goal| format!("{goal:.2}"));
        let Measured { rate, p50, p99, cpu_us } =
            Measured { rate: of(|m| m.rate), p50: of(|m| m.p50), p99: of(|m| m.p99), cpu_us: of(|m| m.cpu_us) };
        show(format_args!(
            "{:<28}{:>8}{rate:>12.0}{p50:>10.2}{p99:>10.2}{cpu_us:>12.1}{ratio:>9}{goal:>7}",
            target.name, target.bytes
        ));
    }
    show("ratio: requests a second over those of a bare poem handler with the same bytes; the median of the rounds' ratios");
}
