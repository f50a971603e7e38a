//! Places on this machine that belong to the suite: folders and ports.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const PREFIX: &str = "atelier-suite-";

/// The folder of this run. What runs that died have left behind is removed when it is made.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        sweep();
        let root = std::env::temp_dir().join(format!("{PREFIX}{}", process::id()));
        fs::create_dir_all(&root).expect("the temporary folder is writable");
        root
    })
}

/// A new folder inside [`root`], named after what it is for.
pub fn folder(purpose: &str) -> PathBuf {
    let folder = root().join(unique(purpose));
    fs::create_dir_all(&folder).expect("the run's folder is writable");
    folder
}

/// A name that no other part of this run has: lower-case letters, digits and `_`.
pub fn unique(purpose: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{purpose}_{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A port that nobody listens on now, and that the kernel gives to no outgoing connection by itself, so that a server
/// which was killed finds it free when it returns.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = process::id() * 20;
    (0..12_000)
        .map(|_| 20_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000)
        .filter_map(|port| u16::try_from(port).ok())
        .find(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok())
        .expect("one of 12,000 ports is free")
}

fn sweep() {
    let entries = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    for folder in entries.map(|entry| entry.path()).filter(|path| left_behind(path)) {
        let _ = fs::remove_dir_all(folder);
    }
}

fn left_behind(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let owner = name.and_then(|name| name.strip_prefix(PREFIX)).and_then(|id| id.parse::<u32>().ok());
    owner.is_some_and(|id| id == process::id() || !Path::new("/proc").join(id.to_string()).exists())
}
