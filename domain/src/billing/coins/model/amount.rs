//! Amounts of coins, and the purpose and reference of an entry.

use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::text::{line, parsed_text};

/// Maximum number of coins in one operation.
pub const MAX_AMOUNT: i64 = 1_000_000_000;
/// Maximum balance of an account. Sums of such balances do not overflow.
pub const MAX_BALANCE: i64 = 1_000_000_000_000;

/// A positive number of coins, at most [`MAX_AMOUNT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Amount(i64);

impl Amount {
    /// The number of coins.
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

    /// The purpose of an entry that writes off the coins of a deleted account.
    pub(in crate::billing::coins) fn deletion() -> Self {
        Self("account deleted".into())
    }

    /// The purpose of an entry that takes owed coins as they become free.
    pub(in crate::billing::coins) fn owed() -> Self {
        Self("owed".into())
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
    fn an_amount_serializes_as_a_number_and_rejects_values_out_of_bounds() {
        assert_eq!(serde_json::to_string(&Amount::try_from(5).unwrap()).unwrap(), "5");
        assert_eq!(Amount::try_from(MAX_AMOUNT).map(i64::from).ok(), Some(MAX_AMOUNT));
        for coins in [i64::MIN, -1, 0, MAX_AMOUNT + 1] {
            assert!(Amount::try_from(coins).is_err(), "{coins}");
        }
    }
}
