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
    ClawBack {
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
        match kind % 16 {
            0..=3 => Self::Grant {
                coins: 1 + a % 6,
                source: SOURCES[usize::from(b) % SOURCES.len()],
                lifetime: (c % 3 > 0).then_some(d % 40),
            },
            4..=6 => Self::Hold { coins: 1 + a % 8, lifetime: 1 + b % 30 },
            7..=8 => Self::Spend { coins: 1 + a % 8 },
            9..=10 => Self::Capture { which: a, coins: 1 + b % 8 },
            11 => Self::Void { which: a },
            12 => Self::Refund { which: a, coins: (b % 2 == 0).then_some(1 + c % 4) },
            13 => Self::ClawBack { which: a },
            14 => Self::Wait { seconds: a % 12 },
            _ => Self::Expire,
        }
    }
}
