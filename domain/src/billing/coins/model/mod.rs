//! Values of the coin ledger.

mod amount;
mod balance;
mod commands;
mod entry;
mod hold;
mod lot;
mod placer;

pub use amount::*;
pub use balance::*;
pub use commands::*;
pub use entry::*;
pub use hold::*;
pub use lot::*;
pub use placer::*;
