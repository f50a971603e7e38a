//! The steps of a history.

use crate::billing::coins::Source;

const SOURCES: [Source; 7] =
    [Source::Trial, Source::Promo, Source::Admin, Source::Subscription, Source::Rollover, Source::Refund, Source::Purchase];

#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Grant {
        coins: u8,
        source: Source,
        lifetime: Option<u8>,
    },
    Hold {
        coins: u8,
        lifetime: u8,
    },
    Spend {
        coins: u8,
    },
    Capture {
        which: u8,
        coins: u8,
    },
    Void {
        which: u8,
    },
    Refund {
        which: u8,
        coins: Option<u8>,
    },
    /// Unspent coins of an expired lot roll over.
    RollOver {
        which: u8,
        cap: u8,
        lifetime: u8,
    },
    /// A part of a payment goes back, or comes again.
    SettleTarget {
        which: u8,
        target: u8,
    },
    TakeUnspent {
        which: u8,
    },
    /// Time passes without an operation.
    Wait {
        seconds: u8,
    },
    Expire,
}

impl Step {
    /// Decodes a step from random bits. A strategy per kind would be too slow for a million steps.
    pub(super) fn from_bits(bits: u64) -> Self {
        let [kind, a, b, c, d, ..] = bits.to_le_bytes();
        match kind % 32 {
            0..=6 => Self::Grant {
                coins: 1 + a % 6,
                source: SOURCES[usize::from(b) % SOURCES.len()],
                lifetime: (c % 3 > 0).then_some(d % 40),
            },
            7..=11 => Self::Hold { coins: 1 + a % 8, lifetime: 1 + b % 30 },
            12..=15 => Self::Spend { coins: 1 + a % 8 },
            16..=18 => Self::Capture { which: a, coins: 1 + b % 8 },
            19..=20 => Self::Void { which: a },
            21..=22 => Self::Refund { which: a, coins: (b % 2 == 0).then_some(1 + c % 4) },
            23 => Self::RollOver { which: a, cap: 1 + b % 6, lifetime: c % 40 },
            24..=26 => Self::SettleTarget { which: a, target: b % 7 },
            27 => Self::TakeUnspent { which: a },
            28..=29 => Self::Wait { seconds: a % 12 },
            _ => Self::Expire,
        }
    }
}
