//! Redis is absent, killed, suspended, read-only or holds invalid values: no response changes, and the cache recovers by itself.

mod damage;
mod load;
mod outages;
mod speed;

pub use load::Load;
