//! How many coins, and why they move.

use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::text::{line, parsed_text};

/// The most coins one operation may move.
pub const MAX_AMOUNT: i64 = 1_000_000_000;
/// The most coins an account may hold; far from overflow in any sum.
pub const MAX_BALANCE: i64 = 1_000_000_000_000;

/// A positive number of coins, at most [`MAX_AMOUNT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Amount(i64);

impl Amount {
    /// The number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for Amount {
    type Error = Invalid;

    fn try_from(coins: i64) -> Result<Self, Invalid> {
        if (1..=MAX_AMOUNT).contains(&coins) {
            Ok(Self(coins))
        } else {
            Err(Invalid::new(format!("must be 1 to {MAX_AMOUNT} coins")))
        }
    }
}

impl From<Amount> for i64 {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

parsed_text! {
    /// Why coins move, one line of 1 to 100 characters.
    Purpose, |text| line(text, 1, 100)
}

impl Purpose {
    /// The purpose of an entry that writes off expired coins.
    pub(in crate::billing::coins) fn expiry() -> Self {
        Self("expired".into())
    }

    /// The purpose of an entry that takes back what a hold returned to a revoked lot.
    pub(in crate::billing::coins) fn revocation() -> Self {
        Self("revoked".into())
    }
}

parsed_text! {
    /// What a movement of coins refers to outside the ledger, one line of 1 to 200 characters.
    Reference, |text| line(text, 1, 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_number_on_the_wire_and_stays_within_its_bounds() {
        assert_eq!(serde_json::to_string(&Amount::try_from(5).unwrap()).unwrap(), "5");
        assert_eq!(Amount::try_from(MAX_AMOUNT).map(i64::from).ok(), Some(MAX_AMOUNT));
        for coins in [i64::MIN, -1, 0, MAX_AMOUNT + 1] {
            assert!(Amount::try_from(coins).is_err(), "{coins}");
        }
    }
}
