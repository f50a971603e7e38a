//! The cache, policy by policy: the second read hits, the value expires, every relevant write invalidates it at once on every
//! server, and Redis holds the key that the policy names.

mod cached_read;
mod coherence;
mod expiry;
mod fixture;
mod hits;
mod invalidation;
pub mod policies;
mod repeat;
mod stampede;
mod status_header;

pub use cached_read::CachedRead;
pub use fixture::Fixture;
