//! The suite's temporary folders, unique names and free ports.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const PREFIX: &str = "atelier-suite-";

/// The folder of this run. Creating it removes the folders of runs that have ended.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        remove_stale();
        let root = std::env::temp_dir().join(format!("{PREFIX}{}", process::id()));
        fs::create_dir_all(&root).expect("the temporary folder is writable");
        root
    })
}

/// A new folder inside [`root`], named after its purpose.
pub fn folder(purpose: &str) -> PathBuf {
    let folder = root().join(unique(purpose));
    fs::create_dir_all(&folder).expect("the run's folder is writable");
    folder
}

/// A unique name within this run: lower-case letters, digits and `_`.
pub fn unique(purpose: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{purpose}_{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A free port outside the kernel's ephemeral range, so that a killed server finds it free when it restarts.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = process::id() * 20;
    (0..12_000)
        .map(|_| 20_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000)
        .filter_map(|port| u16::try_from(port).ok())
        .find(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok())
        .expect("one of 12,000 ports is free")
}

fn remove_stale() {
    let entries = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    for folder in entries.map(|entry| entry.path()).filter(|path| is_stale(path)) {
        let _ = fs::remove_dir_all(folder);
    }
}

fn is_stale(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let owner = name.and_then(|name| name.strip_prefix(PREFIX)).and_then(|id| id.parse::<u32>().ok());
    owner.is_some_and(|id| id == process::id() || !Path::new("/proc").join(id.to_string()).exists())
}
