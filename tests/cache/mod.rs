//! The cache, policy by policy: the second read hits, the value expires, every write that matters drops it at once, on every
//! server, and Redis holds what the policy says under the name that it says.

mod coherence;
mod drops;
mod expiry;
mod hits;
pub mod policies;
mod stage;
mod stampede;
mod status_header;
mod watched;

pub use stage::Stage;
pub use watched::Watched;
