//! Plans: their versions.

mod versions;
