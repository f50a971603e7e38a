//! What is served is what is described.

use std::collections::BTreeSet;

use domain::billing::coins::{Balance, Entry, Hold, Lot, Spent};
use domain::billing::ledger_audit::Audit;
use domain::billing::payments::{OwnPayment, Package, PaymentView, Purchase};
use domain::billing::plans::{Plan, PlanVersion};
use domain::billing::subscriptions::{Preview, Record, SubscriptionView};
use domain::billing::usage::Stats;
use domain::characters::{Character, CharacterProfile, CharacterSummary, Memory};
use domain::chats::{Chat, History, Message};
use domain::data_sessions::{Cleanup, CreatedDataSession, DataSession, Predictions, Preview as DataPreview, TableInfo, Training};
use domain::generation::GenerationSettings;
use domain::identity::keys::{ApiKey, IssuedKey};
use domain::identity::permissions::Permission;
use domain::identity::settings::UserSettings;
use domain::identity::{Deletion, Export, ManagedUser, PasswordReset, Receipt, Session, Tokens, User};
use domain::jobs::{AdministeredJob, Job, Schedule};
use domain::mail::KeptMail;
use domain::ops::{Bumped, CacheStats, Cleared, Health, KeyDetails, Ping, Reading, Warmed};
use domain::page::Page;
use domain::tickets::IssuedTicket;
use poem_openapi::registry::{MetaSchema, Registry};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::errors;
use crate::http::document::{operations, references};
use crate::http::reply::ResponseBody;
use crate::http::view;
use crate::ops::cache::Policies;
use crate::ops::health::Liveness;
use crate::schemas;

/// The schema describes exactly the members that the view has, and no more of them are optional.
fn agrees<T: ResponseBody + DeserializeOwned>(schemas: &Registry) {
    let (name, example) = (T::schema_name(), T::example());
    let found = errors(schemas, &view::reference::<T>(), &example);
    assert!(found.is_empty(), "the example of {name} does not fit its schema: {found:?}");
    let view: T = serde_json::from_value(example.clone()).unwrap();
    assert_eq!(serde_json::to_value(&view).unwrap(), example, "the domain serialises {name} differently");
    let schema = &schemas.schemas[&*name];
    for (member, _) in &schema.properties {
        let mut shorter = example.clone();
        assert!(shorter.as_object_mut().unwrap().remove(*member).is_some(), "the example of {name} lacks {member}");
        let optional = serde_json::from_value::<T>(shorter).is_ok();
        assert_eq!(optional, !schema.required.contains(member), "is {member} of {name} optional?");
    }
}

fn names<T: ResponseBody>(generator: &mut SchemaGenerator) {
    generator.subschema_for::<T>();
}

/// Calls a function for every view that can be parsed.
macro_rules! every_view {
    ($check:ident($argument:expr)) => {
        every_view!($check($argument): User, ManagedUser, ApiKey, Permission, UserSettings, Plan, PlanVersion, Page<PlanVersion>, SubscriptionView, Stats, Record, Preview, Package, Purchase, PaymentView, OwnPayment,
            Balance, Lot, Entry, Spent, Hold, Audit, Character, CharacterSummary, CharacterProfile, Memory, Chat, Message, History,
            GenerationSettings, Health, CacheStats, Policies, Ping, KeyDetails, Cleared, Warmed, Bumped, Reading, Page<Plan>, Page<ApiKey>, Page<Permission>,
            Page<Record>, Page<Package>, Page<Purchase>, Page<PaymentView>, Page<OwnPayment>, Page<Lot>, Page<Entry>, Page<Hold>, Page<CharacterSummary>,
            Page<Memory>, Page<Chat>, Page<ManagedUser>, Page<KeptMail>, Job, Page<Job>, AdministeredJob, Page<AdministeredJob>, Schedule, Page<Schedule>,
            Export, Receipt, DataSession, CreatedDataSession, Page<DataSession>, TableInfo, DataPreview, Training, Predictions, Cleanup)
    };
    ($check:ident($argument:expr): $($view:ty),+) => { $($check::<$view>($argument);)+ };
}

#[test]
fn the_schemas_describe_the_views() {
    let schemas = schemas();
    every_view!(agrees(&schemas));
}

#[test]
fn views_that_are_only_written_fit_their_schemas() {
    let schemas = schemas();
    let tokens = Tokens {
        access_token: "a".into(),
        refresh_token: "r".into(),
        token_type: "Bearer",
        expires_in: domain::identity::ACCESS_TOKEN_SECONDS,
    };
    let tokens = serde_json::to_value(&tokens).unwrap();
    assert_eq!(errors(&schemas, &view::reference::<Tokens>(), &tokens), []);
    assert_eq!(errors(&schemas, &view::reference::<Tokens>(), &Tokens::example()), []);
    let issued = IssuedKey { key: "k".into(), api_key: serde_json::from_value(ApiKey::example()).unwrap() };
    let issued = serde_json::to_value(&issued).unwrap();
    assert_eq!(errors(&schemas, &view::reference::<IssuedKey>(), &issued), []);
    assert_eq!(errors(&schemas, &view::reference::<IssuedKey>(), &IssuedKey::example()), []);
    assert_eq!(errors(&schemas, &view::reference::<Liveness>(), &Liveness::example()), []);
    assert_eq!(errors(&schemas, &view::reference::<Page<Session>>(), &Page::<Session>::example()), []);
    assert_eq!(errors(&schemas, &view::reference::<PasswordReset>(), &PasswordReset::example()), []);
    assert_eq!(errors(&schemas, &view::reference::<Deletion>(), &Deletion::example()), []);
}

/// schemars numbers the second type of a name; the registry, which has one schema a name, would drop it.
#[test]
fn every_type_in_an_answer_has_a_name_of_its_own() {
    let (schemas, mut generator) = (schemas(), SchemaSettings::openapi3().for_serialize().into_generator());
    every_view!(names(&mut generator));
    every_view!(names(&mut generator): Tokens, IssuedKey, Liveness, Page<Session>, PasswordReset, Deletion, IssuedTicket);
    let described: BTreeSet<&String> = generator.definitions().keys().collect();
    assert!(described.iter().all(|name| schemas.schemas.contains_key(*name)), "{described:?}");
    let mut document: Value = serde_json::from_str(&crate::document()).unwrap();
    let mut served = BTreeSet::new();
    for operation in operations(&mut document) {
        references(&operation.description["responses"], &mut served);
    }
    served.remove("Problem");
    assert!(served.iter().all(|name| described.contains(name)), "a view is not checked: {served:?}");
}

/// The model of a request also describes the part of a view that has its name, so both must have the same members.
#[test]
fn parts_that_requests_describe_have_the_members_of_the_view() {
    let (schemas, mut derived) = (schemas(), Registry::new());
    view::register::<GenerationSettings>(&mut derived);
    for (name, part) in &derived.schemas {
        assert_eq!(shape(part), shape(&schemas.schemas[name]), "{name}");
    }
}

fn shape(schema: &MetaSchema) -> (&str, &[Value], BTreeSet<&str>, BTreeSet<&str>) {
    let members = schema.properties.iter().map(|(member, _)| *member).collect();
    (schema.ty, &schema.enum_items, members, schema.required.iter().copied().collect())
}
