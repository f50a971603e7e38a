//! Servers on fixed ports and one database, which are killed and restarted.

use std::sync::Mutex;

use futures_util::future::join_all;
use harness::{Client, Server, Settings, Site, User, eventually_true, free_port, program};
use serde_json::json;
use tokio::sync::Mutex as AsyncMutex;

/// The whole deployment.
pub struct Deployment {
    members: Vec<Member>,
    http: reqwest::Client,
    site: Site,
}

/// A server on a fixed port.
struct Member {
    port: u16,
    settings: Settings,
    server: AsyncMutex<Option<Server>>,
}

impl Deployment {
    /// Replaces the site's server by this number of servers.
    pub async fn start(mut site: Site, servers: usize) -> Self {
        site.kill_server();
        let members = join_all((0..servers).map(|_| Member::start(site.settings()))).await;
        Self { members, http: Client::http(), site }
    }

    /// The number of servers.
    pub fn servers(&self) -> usize {
        self.members.len()
    }

    /// A client of a server, not signed in.
    pub fn client(&self, server: usize) -> Client {
        Client::new(self.http.clone(), &format!("http://127.0.0.1:{}", self.members[server].port))
    }

    /// Kills a server.
    pub async fn kill(&self, server: usize) {
        self.members[server].server.lock().await.take().iter_mut().for_each(Server::kill);
    }

    /// Restarts a killed server; returns the number of exits during its start.
    pub async fn restart(&self, server: usize) -> u64 {
        let member = &self.members[server];
        let (started, exits) = Server::start_with_retries(&program::path(), &member.settings).await;
        *member.server.lock().await = Some(started);
        exits
    }

    /// Kills every server, waits until no session can write any more, and starts one for reading.
    pub async fn stop_writes(&self) {
        for server in 0..self.members.len() {
            self.kill(server).await;
        }
        if self.site.settings()["DATABASE_URL"].starts_with("postgres") {
            let left =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'atelier'";
            eventually_true("no server's session is left", async || self.site.database().query(left) == "0").await;
        }
        let _ = self.restart(0).await;
    }

    /// The output of `atelier audit`: what it checked, or its findings.
    pub fn audit(&self) -> Result<String, String> {
        program::run(&["audit"], self.site.settings()).outcome()
    }
}

impl Member {
    async fn start(settings: &Settings) -> Self {
        let port = free_port();
        let mut settings = settings.clone();
        settings.insert("PORT".into(), port.to_string());
        let server = Server::start_program(&program::path(), &settings).await;
        Self { port, settings, server: AsyncMutex::new(Some(server)) }
    }
}

/// A user with a renewable token.
pub struct Account {
    pub id: String,
    email: String,
    password: &'static str,
    token: Mutex<String>,
}

impl Account {
    /// The account of a signed-in user.
    pub fn of(user: &User, password: &'static str) -> Self {
        Self { id: user.id.clone(), email: user.email.clone(), password, token: Mutex::new(user.token().to_owned()) }
    }

    /// The access token.
    pub fn token(&self) -> String {
        self.token.lock().unwrap().clone()
    }

    /// Signs in again, if this server responds: a token expires after 15 minutes.
    pub async fn sign_in_again(&self, client: &Client) {
        let login = json!({"email": self.email, "password": self.password});
        if let Ok(response) = client.post("/v1/auth/login").json(login).attempt().await
            && response.status() == 200
        {
            response.text("access_token").clone_into(&mut self.token.lock().unwrap());
        }
    }
}
