//! The checkers `checkers::freshness`, `checkers::money`, `checkers::revocations` and `checkers::settlements`: a short run of
//! each, and whether they report what is planted.

mod freshness_judge;
mod freshness_short;
mod money_judge;
mod money_short;
mod revocations_short;
mod settlements_judge;
mod settlements_short;
