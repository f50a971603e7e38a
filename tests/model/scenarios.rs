//! The situations that are explored: who reads and writes where, and what may fail.

use super::faults::Fault;
use super::protocol::Class;

/// A situation, small enough to be explored to its end.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    pub class: Class,
    /// Whether writes leave a log row; if not, they are made by hand and followed by the admin command that clears the key.
    pub logs: bool,
    /// The worker of each read.
    pub reads: &'static [u8],
    /// The worker of each write.
    pub writes: &'static [u8],
    pub faults: &'static [Fault],
    /// How many of them may happen in one run.
    pub budget: u8,
}

use Fault::{
    BarrierEvicted, Cancelled, CommitUnheard, Crashed, FillTwice, Flushed, Forgotten, LeaseEvicted, PollIsLate, Pruned, ReadPauses, Restored, Unconfirmed,
    Unheard, ValueEvicted, WritePauses, WriteTwice,
};

const EVERYWHERE: [Fault; 16] = [
    BarrierEvicted, Cancelled, CommitUnheard, Crashed, FillTwice, Flushed, Forgotten, LeaseEvicted, Pruned, Unconfirmed, Unheard,
    ValueEvicted, WriteTwice, ReadPauses, WritePauses, PollIsLate,
];
const SLOW: [Fault; 3] = [ReadPauses, WritePauses, PollIsLate];

/// All of them.
pub const SCENARIOS: [Scenario; 6] = [
    Scenario { name: "strict, healthy", class: Class::Strict, logs: true, reads: &[0, 0, 1], writes: &[0, 1], faults: &SLOW, budget: 1 },
    Scenario { name: "strict, faulty", class: Class::Strict, logs: true, reads: &[0, 0, 1], writes: &[1], faults: &EVERYWHERE, budget: 2 },
    Scenario { name: "strict, two writes", class: Class::Strict, logs: true, reads: &[0, 1], writes: &[0, 1], faults: &EVERYWHERE, budget: 1 },
    Scenario { name: "strict, restored", class: Class::Strict, logs: true, reads: &[0, 1], writes: &[0, 1], faults: &[Restored, ReadPauses], budget: 2 },
    Scenario { name: "near, faulty", class: Class::Near, logs: true, reads: &[0, 1], writes: &[0, 1], faults: &EVERYWHERE, budget: 1 },
    Scenario { name: "near, by hand", class: Class::Near, logs: false, reads: &[0, 0, 1], writes: &[1], faults: &SLOW, budget: 1 },
];
