//! The assignment of cores, and the processor time of a process.

use std::fs;
use std::process::{self, Command, Stdio};
use std::time::Duration;

use crate::show;

/// The core of the server that is measured.
const SERVER: &str = "0";
/// The core of everything else: the load, Redis, Postgres.
const OTHERS: &str = "1";
/// Clock ticks of the kernel to a second (`getconf CLK_TCK`), the same on every Linux.
const TICKS: u32 = 100;

/// Pins this process and its children to the other core.
pub fn pin_driver() {
    pin(process::id(), OTHERS);
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    show(format_args!(
        "machine: {}, {} cores; the server has one, everything else another",
        model.trim_start_matches(['\t', ':', ' ']),
        cores(&cpu)
    ));
}

fn cores(cpu: &str) -> usize {
    cpu.lines().filter(|line| line.starts_with("processor")).count()
}

/// Pins a process to the server's core.
pub fn give_core(process: u32) {
    pin(process, SERVER);
}

fn pin(process: u32, core: &str) {
    let mut taskset = Command::new("taskset");
    let status = taskset.args(["-a", "-c", "-p", core, &process.to_string()]).stdout(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "taskset could not give core {core} to process {process}");
}

/// The processor time that a process has used so far.
pub fn cpu_time(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("the process lives");
    // After the name in parentheses: utime and stime are the 12th and 13th fields.
    let (_, fields) = stat.rsplit_once(')').expect("a name in parentheses");
    let ticks: u32 = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u32>().expect("ticks")).sum();
    Duration::from_secs(1) * ticks / TICKS
}
