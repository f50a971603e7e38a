//! The two checkers, `checkers::freshness` and `checkers::money`: a short run of each, and whether they report what is planted.

mod freshness_judge;
mod freshness_short;
mod money_judge;
mod money_short;
