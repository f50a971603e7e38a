//! Redis is absent, dies, hangs, refuses writes or holds nonsense: no client ever hears of it, and when it is well again the
//! cache works again by itself.

mod damage;
mod load;
mod outages;
mod speed;

pub use load::Load;
