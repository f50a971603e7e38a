//! The greatest resident memory of processes, as the kernel counts it.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The interval between looks at the children of a server.
const LOOK: Duration = Duration::from_millis(20);

/// The greatest resident memory of a process so far (`VmHWM`), in bytes; 0 if it has ended.
pub fn peak(process: u32) -> u64 {
    status(process, "VmHWM:").unwrap_or_default() * 1024
}

/// A number of `/proc/<process>/status`.
fn status(process: u32, name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    processes.filter(|&process| status(process, "PPid:") == Some(parent.into())).collect()
}

/// Watches the children of a process.
pub struct ChildWatch {
    stopped: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl ChildWatch {
    /// Begins to look.
    pub fn start(parent: u32) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let (flag, look) = (Arc::clone(&stopped), move || children(parent).into_iter().map(peak).max().unwrap_or_default());
        let thread = thread::spawn(move || {
            let mut greatest = 0;
            while !flag.load(Ordering::Relaxed) {
                greatest = look().max(greatest);
                thread::sleep(LOOK);
            }
            greatest
        });
        Self { stopped, thread }
    }

    /// The greatest memory of a child since the start, in bytes.
    pub fn stop(self) -> u64 {
        self.stopped.store(true, Ordering::Relaxed);
        self.thread.join().expect("the watch does not panic")
    }
}
