//! Versioned registers behind the public API: each written value and each view of it carries its version.

use harness::{Client, Request, Response, Server, User};
use serde_json::{Value, json};

use super::promises::Class;

/// The initial coins; the version of the balance is the number of spent coins.
const COINS: u64 = 500_000_000;

/// The request that writes a version.
type WriteRequest = dyn Fn(&Client, u64) -> Request + Send + Sync;

/// A value with one writer and many readers.
pub struct Register {
    pub name: &'static str,
    /// Its writer, at each server.
    pub writers: Vec<Client>,
    request: Box<WriteRequest>,
}

impl Register {
    fn new(name: &'static str, clients: &PerServer, request: impl Fn(&Client, u64) -> Request + Send + Sync + 'static) -> Self {
        Self { name, writers: clients.0.clone(), request: Box::new(request) }
    }

    /// Writes a version through a server; idempotent.
    pub fn write(&self, server: usize, version: u64) -> Request {
        (self.request)(&self.writers[server], version)
    }
}

/// One way to read a register.
pub struct View {
    pub name: &'static str,
    /// The index of its register.
    pub register: usize,
    pub class: Class,
    /// Its readers, at each server.
    pub readers: Vec<Client>,
    pub path: String,
    pointer: &'static str,
    counts_down: bool,
}

impl View {
    /// The version in a response.
    pub fn version(&self, response: &Response) -> Option<u64> {
        let found = response.json().pointer(self.pointer)?;
        let number = found.as_u64().or_else(|| found.as_str()?.parse().ok())?;
        if self.counts_down { COINS.checked_sub(number) } else { Some(number) }
    }
}

/// A client of each server.
struct PerServer(Vec<Client>);

impl PerServer {
    fn each(who: &Client, servers: &[Server]) -> Self {
        Self(servers.iter().map(|server| who.at(server)).collect())
    }
}

/// Creates all registers with their views, each at version 0.
pub async fn create(admin: &User, anna: &User, servers: &[Server]) -> (Vec<Register>, Vec<View>) {
    let mira = anna.create_character("Mira").await;
    anna.publish(&mira).await;
    let messages = format!("/v1/chats/{}/messages", anna.open_chat(mira.id()).await.id());
    admin.grant(anna, i64::try_from(COINS).expect("a small number") + 1).await;
    let (annas, admins) = (PerServer::each(anna, servers), PerServer::each(admin, servers));
    let mut registers = own(&annas, messages.clone(), format!("/v1/me/characters/{}", mira.id()));
    registers.push(platform(&admins, platform_values(anna).await));
    for register in &registers {
        let written = register.write(0, 0).await;
        assert!(matches!(written.status(), 200 | 201), "{written:?}");
    }
    (registers, views(&annas, &messages))
}

/// The registers that Anna writes.
fn own(annas: &PerServer, messages: String, mira: String) -> Vec<Register> {
    vec![
        Register::new("user settings", annas, |anna, version| {
            anna.put("/v1/me/settings").if_match("*").json(json!({"profile": version.to_string()}))
        }),
        Register::new("coins", annas, |anna, version| {
            let body = json!({"amount": 1, "purpose": "a picture"});
            anna.post("/v1/coins/spend").key(&format!("picture-{version}")).json(body)
        }),
        // Messages of a character are not metered: ten minutes have more messages than a plan allows a day.
        Register::new("chat", annas, move |anna, version| {
            anna.post(&messages).json(json!({"role": "character", "content": version.to_string()}))
        }),
        Register::new("character", annas, move |anna, version| {
            let version = version.to_string();
            anna.patch(&mira).if_match("*").json(json!({"scenario": version, "tags": [version]}))
        }),
    ]
}

/// The register that the administrator writes.
fn platform(admins: &PerServer, values: Value) -> Register {
    Register::new("generation settings", admins, move |admin, version| {
        let mut values = values.clone();
        values["prices"]["train"] = json!(version);
        admin.put("/v1/admin/generation-settings").if_match("*").json(values)
    })
}

fn views(annas: &PerServer, messages: &str) -> Vec<View> {
    let view = |register, name, class, path: &str, pointer| View {
        name,
        register,
        class,
        readers: annas.0.clone(),
        path: path.to_owned(),
        pointer,
        counts_down: name == "coins",
    };
    let history = format!("{messages}?limit=1");
    vec![
        view(0, "user settings", Class::Strict, "/v1/me/settings", "/profile"),
        view(1, "coins", Class::Strict, "/v1/coins", "/balance"),
        view(2, "chat history", Class::Strict, &history, "/items/0/content"),
        view(3, "own profile", Class::Strict, "/v1/me/characters/by-name/Mira", "/scenario"),
        view(3, "own list", Class::Strict, "/v1/me/characters", "/items/0/tags/0"),
        view(3, "public character", Class::Near, "/v1/characters/Mira", "/scenario"),
        view(3, "public list", Class::Near, "/v1/characters", "/items/0/tags/0"),
        view(4, "generation settings", Class::Near, "/v1/generation-settings", "/prices/train"),
    ]
}

async fn platform_values(anna: &User) -> Value {
    let mut values = anna.get("/v1/generation-settings").await.expect(200).json().clone();
    let members = values.as_object_mut().expect("an object");
    members.retain(|name, _| !["version", "updated_at"].contains(&name.as_str()));
    values
}
