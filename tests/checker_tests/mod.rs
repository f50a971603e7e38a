//! The checkers `checkers::freshness`, `checkers::money` and `checkers::revocations`: a short run of each, and whether they report what is planted.

mod freshness_judge;
mod freshness_short;
mod money_judge;
mod money_short;
mod revocations_short;
