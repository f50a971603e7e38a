//! Atelier over HTTP: translates requests to the domain and its answers back.
//!
//! [`routes`] is everything that can be asked for, [`serve`] the server that asks it, [`document`] the contract.
//! What an answer means is the domain's business; this crate knows no adapter, only `main.rs` does.

mod accounts;
mod audit;
mod auth;
mod body;
mod characters;
mod chat_history;
mod clock;
mod coins;
mod conditional;
mod docs;
mod document;
mod edge;
mod generation_settings;
mod health;
mod idempotency;
mod memories;
mod metrics;
mod operation;
mod operator;
mod own_characters;
mod page;
mod params;
mod payments;
mod problem;
mod reply;
mod request_id;
mod router;
mod scalar;
mod schema;
mod server;
mod subscriptions;
mod tags;
mod text;
mod user_settings;

use std::sync::{Arc, LazyLock};

use domain::{Fault, Services};
use poem::{Endpoint, EndpointExt, Response, Route};
use poem_openapi::OpenApi;
use poem_openapi::registry::Registry;
use secrecy::SecretString;

use crate::accounts::AccountsApi;
use crate::audit::AuditApi;
use crate::characters::CharactersApi;
use crate::chat_history::{ChatsApi, MessagesApi};
use crate::clock::ClockApi;
use crate::coins::CoinsApi;
use crate::edge::Edge;
use crate::generation_settings::GenerationSettingsApi;
use crate::health::HealthApi;
use crate::memories::MemoriesApi;
use crate::metrics::Metrics;
use crate::operator::OperatorApi;
use crate::own_characters::OwnCharactersApi;
use crate::payments::PaymentsApi;
use crate::router::Resource;
use crate::subscriptions::SubscriptionsApi;
use crate::user_settings::UserSettingsApi;

pub use document::document;
pub use server::serve;

/// All operations.
type Api = (
    AccountsApi,
    UserSettingsApi,
    SubscriptionsApi,
    CoinsApi,
    PaymentsApi,
    AuditApi,
    CharactersApi,
    OwnCharactersApi,
    MemoriesApi,
    ChatsApi,
    MessagesApi,
    GenerationSettingsApi,
    OperatorApi,
    HealthApi,
);

fn api(services: Services) -> Api {
    (
        AccountsApi(services.accounts),
        UserSettingsApi(services.user_settings),
        SubscriptionsApi(services.subscriptions),
        CoinsApi(services.coins),
        PaymentsApi(services.payments),
        AuditApi(services.audit),
        CharactersApi(services.characters.clone()),
        OwnCharactersApi(services.characters.clone()),
        MemoriesApi(services.characters),
        ChatsApi(services.chats.clone()),
        MessagesApi(services.chats),
        GenerationSettingsApi(services.generation_settings),
        OperatorApi(services.operator),
        HealthApi(services.health),
    )
}

/// The schemas of all operations, which requests are held to.
fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
        let mut registry = Registry::new();
        Api::register(&mut registry);
        ClockApi::register(&mut registry);
        registry
    });
    &REGISTRY
}

/// Everything that Atelier answers to, from `/v1` to `/docs`. It always answers: what fails is a problem document.
/// `/metrics` answers whoever sends the token, or everybody when there is none.
///
/// # Errors
/// When a metric is named wrongly: a bug.
pub fn routes(
    services: Services,
    metrics_token: Option<SecretString>,
) -> Result<impl Endpoint<Output = Response> + 'static, Fault> {
    let metrics = Arc::new(Metrics::new().map_err(Fault::bug)?);
    let scrape = metrics::endpoint(Arc::clone(&metrics), services.operator.clone(), metrics_token);
    let (accounts, test_clock) = (services.accounts.clone(), services.test_clock.clone());
    let routes = docs::add(router::add(Route::new(), api(services))).at("/metrics", Resource::page("/metrics", scrape));
    let routes = match test_clock {
        Some(clock) => router::add(routes, ClockApi(clock)),
        None => routes,
    };
    Ok(Edge { routes: routes.data(accounts), metrics })
}
