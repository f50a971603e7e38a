//! The port through which time arrives; no rule reads a clock by itself.

use crate::Time;

/// Tells the time in UTC, to the millisecond (what every store keeps exactly).
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Time;
}
