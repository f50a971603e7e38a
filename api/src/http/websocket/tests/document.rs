//! The operation of a socket in the document and in the router.

use async_trait::async_trait;
use domain::identity::{AccountError, Authenticator, Holder, Presented, Principal};
use domain::ids::JobId;
use poem::Route;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::registry::Registry;

use super::*;
use crate::http::document::{Declarations, document};
use crate::http::operation::Dependencies;
use crate::http::params::Id;
use crate::http::router;
use crate::http::tags::Tag;

struct Sockets;

#[OpenApi]
impl Sockets {
    /// Open a socket
    ///
    /// For this test.
    #[oai(path = "/v1/sockets/:id/ws", method = "get", operation_id = "openSocket", tag = "Tag::Jobs")]
    async fn open(&self, _id: Path<Id<JobId>>, request: &Request) -> crate::http::problem::Result<Upgrade> {
        let handshake = Handshake::of(request)?;
        // Here an operation redeems the ticket and judges its holder.
        tokio::task::yield_now().await;
        Ok(handshake.upgrade(Rules::DEFAULT, echo))
    }
}

#[test]
fn the_document_has_101_with_the_codes_and_the_problems_of_a_handshake() {
    let declared = Declarations { problems: &[], limits: &[], raw_bodies: &[], parameters: &[] };
    let document: serde_json::Value = serde_json::from_str(&document::<Sockets>(&declared)).unwrap();
    let responses = &document["paths"]["/v1/sockets/{id}/ws"]["get"]["responses"];
    let description = responses["101"]["description"].as_str().unwrap();
    assert!(description.contains("4430 (the client reads too slowly)"), "{description}");
    for status in ["403", "404", "426"] {
        assert!(responses[status].is_object(), "{status}: {responses}");
    }
    assert!(document["components"]["responses"]["UpgradeRequired"]["headers"]["Upgrade"].is_object(), "{document}");
}

#[tokio::test]
async fn an_operation_opens_a_socket() {
    let options = ServerOptions::default();
    let (schemas, tokens, rates) = (Arc::new(Registry::new()), Arc::new(Nobody), RateLimits::default());
    let dependencies = Dependencies { schemas, tokens, rates, limits: &[] };
    let routes = router::add(Route::new(), Sockets, &dependencies).data(options.shutdown.clone());
    let server = TestServer::serving(routes, options).await;
    let mut client = server.open_at("/v1/sockets/01JZ5Q6W8Y2N4R6T8V0X2Z4B6D/ws", None).await.unwrap();
    say(&mut client, r#""bye""#).await;
    assert_eq!(rest(&mut client).await.1, 1000);
    assert_eq!(server.open_at("/v1/sockets", None).await.err(), Some(404));
}

/// Verifies nothing.
struct Nobody;

#[async_trait]
impl Authenticator for Nobody {
    async fn authenticate(&self, _: Presented<'_>) -> Result<Principal, AccountError> {
        Err(AccountError::InvalidToken)
    }

    async fn reauthenticate(&self, _: Holder) -> Result<Principal, AccountError> {
        Err(AccountError::TokenRevoked)
    }
}
