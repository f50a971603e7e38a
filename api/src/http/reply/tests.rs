//! What is served is what is described.

use poem_openapi::registry::MetaSchema;
use serde::de::DeserializeOwned;

use super::*;
use crate::billing::coins::{Balance, CoinEntry, CoinHold, CoinLot, CoinSpend};
use crate::billing::ledger_audit::Audit;
use crate::billing::payments::{CoinPackage, CoinPurchase, Payment};
use crate::billing::subscriptions::{Plan, Subscription, SubscriptionEvent, SubscriptionPreview, SubscriptionStats};
use crate::characters::memories::Memory;
use crate::characters::own::CharacterProfile;
use crate::characters::public::{Character, CharacterSummary};
use crate::chats::{Chat, History, Message};
use crate::generation::GenerationSettings;
use crate::http::schema;
use crate::identity::accounts::{Tokens, User};
use crate::identity::settings::UserSettings;
use crate::ops::cache::{Bumped, CacheKey, CachePing, CachePolicies, CacheStats, Cleared, Warmed};
use crate::ops::health::{Health, Liveness};
use crate::ops::test_clock::Clock;
use crate::registry;

fn described<T: ResponseBody>() -> &'static MetaSchema {
    &registry().schemas[T::schema_ref().unwrap_reference()]
}

/// The wire type describes exactly the members that its view has, and no more of them are optional.
fn agrees<T: ResponseBody<View: DeserializeOwned>>() {
    let (name, schema, example) = (T::name(), described::<T>(), T::example());
    let faults = schema::faults(registry(), &T::schema_ref(), &example, "");
    assert!(faults.is_empty(), "the example of {name} does not fit its schema: {faults:?}");
    let view: T::View = serde_json::from_value(example.clone()).unwrap();
    assert_eq!(serde_json::to_value(&view).unwrap(), example, "the domain shows {name} differently");
    for (member, _) in &schema.properties {
        let mut shorter = example.clone();
        assert!(shorter.as_object_mut().unwrap().remove(*member).is_some(), "the example of {name} lacks {member}");
        let optional = serde_json::from_value::<T::View>(shorter).is_ok();
        assert_eq!(optional, !schema.required.contains(member), "is {member} of {name} optional?");
    }
}

#[test]
fn the_wire_types_describe_the_views_of_the_domain() {
    agrees::<User>();
    agrees::<UserSettings>();
    agrees::<Plan>();
    agrees::<Subscription>();
    agrees::<SubscriptionStats>();
    agrees::<SubscriptionEvent>();
    agrees::<SubscriptionPreview>();
    agrees::<CoinPackage>();
    agrees::<CoinPurchase>();
    agrees::<Payment>();
    agrees::<Balance>();
    agrees::<CoinLot>();
    agrees::<CoinEntry>();
    agrees::<CoinSpend>();
    agrees::<CoinHold>();
    agrees::<Audit>();
    agrees::<Character>();
    agrees::<CharacterSummary>();
    agrees::<CharacterProfile>();
    agrees::<Memory>();
    agrees::<Chat>();
    agrees::<Message>();
    agrees::<History>();
    agrees::<GenerationSettings>();
    agrees::<Health>();
    agrees::<CacheStats>();
    agrees::<CachePolicies>();
    agrees::<CachePing>();
    agrees::<CacheKey>();
    agrees::<Cleared>();
    agrees::<Warmed>();
    agrees::<Bumped>();
    agrees::<Clock>();
    agrees::<PageOf<Chat>>();
}

#[test]
fn views_that_are_only_written_fit_their_wire_types() {
    let tokens = domain::identity::Tokens {
        access_token: "a".into(),
        refresh_token: "r".into(),
        token_type: "Bearer",
        expires_in: domain::identity::ACCESS_TOKEN_SECONDS,
    };
    let tokens = serde_json::to_value(&tokens).unwrap();
    assert_eq!(schema::faults(registry(), &Tokens::schema_ref(), &tokens, ""), []);
    assert_eq!(schema::faults(registry(), &Liveness::schema_ref(), &Liveness::example(), ""), []);
}

#[test]
fn cache_status_tells_exactly_what_the_cache_did() {
    let hit = |layer| Freshness::Hit { layer, ttl: 42 };
    let miss = |stored, collapsed| Freshness::Miss { stored, collapsed };
    for (freshness, told) in [
        (Freshness::Origin, None),
        (hit(Layer::Local), Some("atelier; hit; ttl=42; detail=memory")),
        (hit(Layer::Shared), Some("atelier; hit; ttl=42; detail=redis")),
        (miss(true, false), Some("atelier; fwd=miss; stored")),
        (miss(true, true), Some("atelier; fwd=miss; stored; collapsed")),
        (miss(false, false), Some("atelier; fwd=miss")),
        (miss(false, true), Some("atelier; fwd=miss; collapsed")),
        (Freshness::Bypass(Bypass::StoreUnavailable), Some("atelier; fwd=bypass; detail=redis-unavailable")),
        (Freshness::Bypass(Bypass::LogBehind), Some("atelier; fwd=bypass; detail=log-behind")),
    ] {
        assert_eq!(cache_status(freshness).as_deref(), told);
    }
}
