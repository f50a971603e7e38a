//! The device of a request: its user agent and its address.

use domain::identity::{Device, DeviceName, UserAgent};
use poem::http::header::USER_AGENT;
use poem::{FromRequest, Request, RequestBody};

use crate::http::client_address::ClientAddress;

/// The device that sent a request.
pub(crate) struct Sender(Device);

impl Sender {
    /// The device, with the name that its client gave it.
    pub(crate) fn named(self, name: Option<DeviceName>) -> Device {
        Device { name, ..self.0 }
    }
}

impl<'a> FromRequest<'a> for Sender {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let agent = request.headers().get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        let address = request.data::<ClientAddress>().map(|client| client.0);
        Ok(Self(Device { name: None, user_agent: agent.and_then(|agent| UserAgent::cleaned(&agent)), address }))
    }
}
