//! Servers on fixed ports over one database, which are killed and return.

use std::sync::Mutex;

use futures_util::future::join_all;
use harness::{Client, Server, Settings, Site, User, eventually_true, free_port, program};
use serde_json::json;
use tokio::sync::Mutex as AsyncMutex;

/// Everything that runs.
pub struct Deployment {
    members: Vec<Member>,
    http: reqwest::Client,
    site: Site,
}

/// Where a server is, and the server.
struct Member {
    port: u16,
    settings: Settings,
    server: AsyncMutex<Option<Server>>,
}

impl Deployment {
    /// Starts so many servers in place of the site's own.
    pub async fn start(mut site: Site, servers: usize) -> Self {
        site.kill_server();
        let members = join_all((0..servers).map(|_| Member::start(site.settings()))).await;
        Self { members, http: Client::http(), site }
    }

    /// How many servers there are.
    pub fn servers(&self) -> usize {
        self.members.len()
    }

    /// A client of a server, not signed in.
    pub fn door(&self, server: usize) -> Client {
        Client::new(self.http.clone(), &format!("http://127.0.0.1:{}", self.members[server].port))
    }

    /// Kills a server.
    pub async fn kill(&self, server: usize) {
        self.members[server].server.lock().await.take().iter_mut().for_each(Server::kill);
    }

    /// Starts a killed server where it was; answers how many ended at their start.
    pub async fn restart(&self, server: usize) -> u64 {
        let member = &self.members[server];
        let (started, ended) = Server::start_with_retries(&program::path(), &member.settings).await;
        *member.server.lock().await = Some(started);
        ended
    }

    /// Kills every server and waits until nothing is left that could still write; then starts one anew, for reading.
    pub async fn end(&self) {
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

    /// What `atelier audit` says: what it looked at, or what it found.
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

/// Somebody with a token that can be renewed.
pub struct Person {
    pub id: String,
    email: String,
    password: &'static str,
    token: Mutex<String>,
}

impl Person {
    /// Who is signed in with this password.
    pub fn of(user: &User, password: &'static str) -> Self {
        Self { id: user.id.clone(), email: user.email.clone(), password, token: Mutex::new(user.token().to_owned()) }
    }

    /// The access token.
    pub fn token(&self) -> String {
        self.token.lock().unwrap().clone()
    }

    /// Signs in once more, if this server answers: a token lives for 15 minutes.
    pub async fn sign_in_again(&self, door: &Client) {
        let login = json!({"email": self.email, "password": self.password});
        if let Ok(answer) = door.post("/v1/auth/login").json(login).attempt().await
            && answer.status() == 200
        {
            answer.text("access_token").clone_into(&mut self.token.lock().unwrap());
        }
    }
}
