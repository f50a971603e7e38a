//! The platform's generation settings in the database, and their cached read.
//!
//! There is one row, which every installation has. The rules for values are left to `domain`.

mod cached;
mod commands;
mod defaults;
mod reads;
#[allow(unreachable_pub, reason = "the derive macros want public items")]
mod row;

pub(crate) use cached::CachedGenerationReads;
pub(crate) use commands::SqlGenerationSettings;
pub(crate) use defaults::InstallGenerationSettings;
pub(crate) use reads::SqlGenerationReads;

/// The id of the only row.
const ROW: i64 = 1;
