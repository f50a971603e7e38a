//! Atelier over HTTP: translates requests to calls of the domain and their results to responses.
//!
//! [`routes`] has all operations, [`serve`] is the server, [`document`] is the contract. The library depends on no adapter; only
//! the program does. Rules and values are left to the domain.

mod billing;
mod characters;
mod chats;
mod data_sessions;
mod generation;
mod http;
mod identity;
mod jobs;
mod mail;
mod ops;
pub mod telemetry;
#[cfg(test)]
mod tests;
pub mod tickets;

use std::sync::Arc;

use domain::{ServiceError, Services};
use poem::{Endpoint, EndpointExt, Response, Route};
use poem_openapi::OpenApi;
use poem_openapi::registry::Registry;
use secrecy::SecretString;

use crate::billing::coins::CoinsApi;
use crate::billing::ledger_audit::AuditApi;
use crate::billing::payments::PaymentsApi;
use crate::billing::plans::PlansApi;
use crate::billing::subscriptions::SubscriptionsApi;
use crate::billing::usage::UsageApi;
use crate::characters::memories::MemoriesApi;
use crate::characters::own::OwnCharactersApi;
use crate::characters::public::CharactersApi;
use crate::chats::{ChatsApi, MessagesApi};
use crate::data_sessions::{DataSessionAdministrationApi, DataSessionsApi, FollowApi};
use crate::generation::GenerationSettingsApi;
use crate::http::document::Declarations;
use crate::http::edge::Edge;
use crate::http::metrics::Metrics;
use crate::http::operation::Dependencies;
use crate::http::rate_limit::RateLimits;
use crate::http::repeat::Repeats;
use crate::http::router::Resource;
use crate::http::schema::Schemas;
use crate::identity::accounts::AccountsApi;
use crate::identity::administration::UsersApi;
use crate::identity::deletion::DeletionApi;
use crate::identity::exports::ExportsApi;
use crate::identity::keys::KeysApi;
use crate::identity::links::LinksApi;
use crate::identity::passwords::PasswordsApi;
use crate::identity::permissions::PermissionsApi;
use crate::identity::sessions::SessionsApi;
use crate::identity::settings::UserSettingsApi;
use crate::jobs::JobsApi;
use crate::jobs::administration::JobAdministrationApi;
use crate::jobs::schedules::SchedulesApi;
use crate::mail::MailsApi;
use crate::ops::cache::OperatorApi;
use crate::ops::health::HealthApi;
use crate::ops::test_clock::ClockApi;
use crate::telemetry::Log;

pub use http::client_address::TrustedProxies;
pub use http::cors::AllowedOrigins;
pub use http::server::{ServerOptions, serve};
pub use http::shutdown::Shutdown;
pub use http::spool::{Spool, SpoolError, SpoolLimits};
pub use http::sse;
pub use http::websocket;

/// The `OpenAPI` document, formatted and always the same: what `/openapi.json` serves and what is committed.
#[must_use]
pub fn document() -> String {
    http::document::document::<Api>(&DECLARED)
}

/// All operations.
type Api = (
    AccountsApi,
    // A tuple has at most 16 members.
    (KeysApi, LinksApi, MailsApi, PermissionsApi, SessionsApi, PasswordsApi, UsersApi, DeletionApi, ExportsApi),
    UserSettingsApi,
    (SubscriptionsApi, PlansApi),
    (CoinsApi, UsageApi),
    PaymentsApi,
    AuditApi,
    CharactersApi,
    OwnCharactersApi,
    MemoriesApi,
    ChatsApi,
    MessagesApi,
    (DataSessionsApi, FollowApi, DataSessionAdministrationApi),
    (JobsApi, JobAdministrationApi, SchedulesApi),
    GenerationSettingsApi,
    (OperatorApi, HealthApi),
);

/// What single operations declare for the document.
const DECLARED: Declarations = Declarations {
    problems: &[
        AccountsApi::PROBLEMS,
        KeysApi::PROBLEMS,
        PermissionsApi::PROBLEMS,
        LinksApi::PROBLEMS,
        DeletionApi::PROBLEMS,
        ExportsApi::PROBLEMS,
        SubscriptionsApi::PROBLEMS,
        CoinsApi::PROBLEMS,
        UsageApi::PROBLEMS,
        OwnCharactersApi::PROBLEMS,
        MemoriesApi::PROBLEMS,
        MessagesApi::PROBLEMS,
        DataSessionsApi::PROBLEMS,
        FollowApi::PROBLEMS,
        JobsApi::PROBLEMS,
        JobAdministrationApi::PROBLEMS,
    ],
    limits: &[AccountsApi::LIMITS, LinksApi::LIMITS, AuditApi::LIMITS, DataSessionsApi::LIMITS],
    raw_bodies: PaymentsApi::RAW_BODIES,
    parameters: &[
        ("getCharacter", "name", "Zoë Marchetti"),
        ("getOwnCharacterByName", "name", "Mira"),
        ("getDeletionReceipt", "token", "3f1c9a0e5b7d2846c0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7"),
        ("getCacheKey", "key", "generation:settings"),
        ("getSchedule", "name", "audit_ledger"),
        ("updateSchedule", "name", "audit_ledger"),
        ("receivePaymentEvent", "provider", "stripe"),
    ],
};

fn api(services: Services) -> Api {
    let characters = services.character_reads;
    let data_sessions = DataSessionsApi {
        reads: services.data_session_reads,
        service: services.data_sessions.clone(),
        authenticator: services.authenticator.clone(),
    };
    let follow = FollowApi { sessions: data_sessions.clone(), tickets: services.tickets };
    (
        AccountsApi(services.accounts.clone()),
        (
            KeysApi(services.api_keys),
            LinksApi(services.account_links),
            MailsApi(services.kept_mails),
            PermissionsApi(services.permissions),
            SessionsApi(services.sessions),
            PasswordsApi(services.accounts),
            UsersApi(services.user_administration),
            DeletionApi(services.deletions),
            ExportsApi(services.exports),
        ),
        UserSettingsApi { reads: services.user_settings_reads, service: services.user_settings },
        (
            SubscriptionsApi { reads: services.subscription_reads, usage: services.usage_reads, service: services.subscriptions },
            PlansApi(services.plans),
        ),
        (CoinsApi { reads: services.coin_reads, service: services.coins }, UsageApi(services.usage)),
        PaymentsApi(services.payments),
        AuditApi(services.ledger_audit),
        CharactersApi { reads: characters.clone() },
        OwnCharactersApi { reads: characters, service: services.characters.clone() },
        MemoriesApi(services.characters),
        ChatsApi(services.chats.clone()),
        MessagesApi { reads: services.chat_reads, service: services.chats },
        (data_sessions, follow, DataSessionAdministrationApi(services.data_sessions)),
        (
            JobsApi { jobs: services.jobs, authenticator: services.authenticator },
            JobAdministrationApi(services.job_administration),
            SchedulesApi(services.schedules),
        ),
        GenerationSettingsApi { reads: services.generation_reads, service: services.generation },
        (OperatorApi(services.operator), HealthApi(services.health)),
    )
}

/// The schemas of all operations. Requests are checked against them.
fn schemas() -> Schemas {
    let mut registry = Registry::new();
    Api::register(&mut registry);
    ClockApi::register(&mut registry);
    Arc::new(registry)
}

/// Settings of the routes.
#[derive(Default)]
pub struct Options {
    /// The token that `/metrics` requires.
    pub metrics_token: Option<SecretString>,
    /// The origins whose pages may read responses.
    pub origins: AllowedOrigins,
    /// The proxies whose forwarding headers name the client.
    pub trusted_proxies: TrustedProxies,
    /// The log of answered requests; `None` for none.
    pub log: Option<Log>,
    /// The end of the server. Every handler finds it as data of the request.
    pub shutdown: Shutdown,
}

/// All routes, from `/v1` to `/docs`. Every request gets a response; an error is a problem document.
///
/// # Errors
/// When the name of a metric is not valid: a bug.
pub fn routes(services: Services, options: Options) -> Result<impl Endpoint<Output = Response> + 'static, ServiceError> {
    let metrics = Arc::new(Metrics::new().map_err(ServiceError::bug)?);
    let scrape =
        http::metrics::endpoint(Arc::clone(&metrics), services.operator.clone(), options.log.clone(), options.metrics_token);
    let (tokens, test_clock) = (services.authenticator.clone(), services.test_clock.clone());
    let rates = RateLimits::new(services.limiter.clone());
    let dependencies = Dependencies { schemas: schemas(), tokens, rates: rates.clone(), limits: DECLARED.limits };
    let routes = http::docs::add(http::router::add(Route::new(), api(services), &dependencies), document)
        .at("/metrics", Resource::page("/metrics", scrape));
    let routes = match test_clock {
        Some(clock) => http::router::add(routes, ClockApi(clock), &dependencies),
        None => routes,
    };
    let Options { origins, trusted_proxies, log, shutdown, .. } = options;
    let routes = routes.data(shutdown).map_to_response();
    Ok(Edge { routes, metrics, origins, trusted_proxies, rates, repeats: Repeats::new(), log })
}
