//! Who placed a hold, and who may end it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::HoldRefusal;
use crate::identity::{Actor, Placement, Placer, Principal};

/// Who placed a hold. Only the placer, or an administrator, ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CoinHoldPlacer")]
pub enum HoldPlacer {
    /// The user, by a session or an API key.
    User,
    /// The site, by any of its service keys.
    Site,
}

impl From<Placer> for HoldPlacer {
    fn from(placer: Placer) -> Self {
        match placer {
            Placer::User => Self::User,
            Placer::Site(_) => Self::Site,
        }
    }
}

/// Who ends a hold, or refunds what it captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ender {
    right: Right,
    /// Who is recorded as the cause.
    pub actor: Actor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Right {
    Placer(HoldPlacer),
    Administrator,
}

impl Ender {
    /// The service itself, which ends the holds of deleted accounts.
    pub const SYSTEM: Self = Self { right: Right::Administrator, actor: Actor::SYSTEM };

    /// The user or the site, on holds of a user.
    #[must_use]
    pub fn of(placement: &Placement) -> Self {
        Self { right: Right::Placer(placement.placer.into()), actor: placement.actor() }
    }

    /// An administrator, who may end every hold. The caller has checked the right.
    #[must_use]
    pub fn administrator(actor: &Principal) -> Self {
        Self { right: Right::Administrator, actor: actor.actor() }
    }

    /// Checks that this may capture or void a hold of a placer.
    ///
    /// # Errors
    /// [`HoldRefusal::NotPlacer`].
    pub fn check_end(&self, placer: HoldPlacer) -> Result<(), HoldRefusal> {
        if [Right::Administrator, Right::Placer(placer)].contains(&self.right) {
            Ok(())
        } else {
            Err(HoldRefusal::NotPlacer(placer))
        }
    }

    /// Whether this may refund captures of a placer: an administrator all, the site its own, a user none.
    #[must_use]
    pub fn may_refund(&self, placer: HoldPlacer) -> bool {
        let of_site = self.right == Right::Placer(HoldPlacer::Site);
        self.right == Right::Administrator || of_site && placer == HoldPlacer::Site
    }
}
