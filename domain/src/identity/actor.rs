//! Who caused a change.

use crate::ids::{ApiKeyId, UserId};

/// Who caused a change, as ledgers and histories record it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Actor {
    /// The user or the administrator; `None` for the system, and for a service key that acts for no user.
    pub user: Option<UserId>,
    /// The service key; `None` for everybody else.
    pub key: Option<ApiKeyId>,
}

impl Actor {
    /// The system itself, such as a scheduled task.
    pub const SYSTEM: Self = Self { user: None, key: None };
}
