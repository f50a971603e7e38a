//! A request that succeeds until its credential or its right is revoked.

use harness::{Client, Server};

/// A credential, and a path that it gives access to.
pub struct Probe {
    pub path: &'static str,
    pub client: Client,
}

impl Probe {
    /// A credential of a user.
    pub fn of(client: Client) -> Self {
        Self { path: "/v1/me", client }
    }

    /// The status of the request at a server; `None` without a response.
    pub async fn status(&self, server: &Server) -> Option<u16> {
        Some(self.client.at(server).get(self.path).attempt().await.ok()?.status())
    }
}
