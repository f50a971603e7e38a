//! The problem document in a response.

use std::borrow::Cow;

use domain::billing::subscriptions::{Action, State};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use schemars::JsonSchema;
use serde::Serialize;

use super::Kind;
use crate::http::view;

/// An error, as RFC 9457 describes it. Some types of problem have members of their own.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct Document {
    /// The type of problem, a URI relative to the API.
    #[serde(rename = "type")]
    pub(super) uri: &'static str,
    /// The meaning of the type; constant text.
    pub(super) title: &'static str,
    /// The status code.
    pub(super) status: i32,
    /// The cause of this error, and how to resolve it.
    pub(super) detail: Cow<'static, str>,
    /// The id of the request, for support.
    pub(super) request_id: String,
    /// Errors in the request, with their places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) errors: Option<Vec<FieldError>>,
    /// `insufficient-coins`: coins required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) required: Option<i64>,
    /// `insufficient-coins`: coins that can be spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) available: Option<i64>,
    /// `insufficient-coins`: coins missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) shortfall: Option<i64>,
    /// `plan-limit`: the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<i64>,
    /// `plan-limit`: the present use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) used: Option<i64>,
    /// `plan-limit`: code of the plan that applies; absent if the limit is the same for every plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) plan: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<State>,
    /// `subscription-transition-invalid`: the actions that are allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) allowed_actions: Option<Vec<Action>>,
}

/// An error in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct FieldError {
    /// JSON pointer (RFC 6901) into the body, or `/query/…`, `/path/…` or `/header/…` with a parameter's name.
    pub(crate) pointer: String,
    /// The error.
    pub(crate) detail: String,
}

impl Document {
    pub(super) fn of(kind: Kind) -> Self {
        Self {
            uri: kind.uri(),
            title: kind.title(),
            status: kind.status().as_u16().into(),
            detail: Cow::Borrowed(""),
            request_id: String::new(),
            errors: None,
            required: None,
            available: None,
            shortfall: None,
            limit: None,
            used: None,
            plan: None,
            state: None,
            allowed_actions: None,
        }
    }

    /// The schemas of a problem document; its `type` is one of [`Kind::ALL`].
    pub(crate) fn schemas() -> Registry {
        let mut registry = Registry::new();
        view::register::<Self>(&mut registry);
        let problem = registry.schemas.get_mut("Problem").into_iter().flat_map(|schema| &mut schema.properties);
        for (_, schema) in problem.filter(|(name, _)| *name == "type") {
            *schema = MetaSchemaRef::Reference("ProblemType".to_owned());
        }
        let types = MetaSchema {
            description: Some("The type of a problem, a URI relative to the API."),
            enum_items: Kind::ALL.iter().map(|kind| kind.uri().into()).collect(),
            ..MetaSchema::new("string")
        };
        registry.schemas.insert("ProblemType".to_owned(), types);
        registry
    }
}
