//! The words that names must not use any more.

/// A replaced word, and the field's word for it.
///
/// A lower-case word counts in names of every style, a capitalised one in `CamelCase` names only, and one after `=` as a whole name
/// only. A word inside its replacement does not count: `Slot` in `CacheSlot`.
pub const REPLACED: &[(&str, &str)] = &[
    ("Answer", "CachedResponse, Response"),
    ("Fault", "ServiceError, SettingError"),
    ("Made", "Created"),
    ("Said", "EntryDetails"),
    ("Shows", "ResponseBody"),
    ("Takes", "RequestBody"),
    ("TooRich", "BalanceLimitExceeded"),
    ("=Found", "Lookup"),
    ("=News", "InvalidationPosition"),
    ("=Plain", "Uncached"),
    ("=PublicPlain", "PublicUncached"),
    ("=Queues", "CoalescedLoads"),
    ("=Slot", "CacheSlot"),
    ("=aside", "background_runtime"),
    ("=came", "on_paid"),
    ("away", "unavailable"),
    ("books", "ledger_audit, ledger"),
    ("crowd", "concurrent_clients"),
    ("duties", "scheduled_tasks"),
    ("duty", "scheduled_task"),
    ("equip", "attach"),
    ("figure", "statistic"),
    ("figures", "statistics"),
    ("flight", "in_flight, single_flight"),
    ("flights", "in_flight_loads, in_flights"),
    ("hear", "apply_update, read"),
    ("heard", "received"),
    ("hears", "receives"),
    ("leftover", "fallback"),
    ("mayhem", "failure_injection"),
    ("nursery", "child_process"),
    ("omission", "safeguard"),
    ("omissions", "safeguards"),
    ("passenger", "follower"),
    ("pilot", "leader"),
    ("pulse", "worker_metrics"),
    ("shelf", "local_store"),
    ("troubles", "failures"),
    ("went_back", "on_refunded"),
    ("wish", "command"),
    ("wishes", "commands"),
];

/// The replaced words that a name uses.
pub fn replaced<'a>(name: &str, table: &'a [(&'a str, &'a str)]) -> impl Iterator<Item = &'a (&'a str, &'a str)> {
    let (name, words) = (name.to_owned(), split(name));
    table.iter().filter(move |(old, new)| match old.strip_prefix('=') {
        Some(whole) => name == whole,
        None => uses(&words, is_camel(&name), old, new),
    })
}

fn uses(words: &[String], is_camel_name: bool, old: &str, new: &str) -> bool {
    let new: Vec<Vec<String>> = new.split(", ").map(split).collect();
    let starts = places(words, &split(old));
    let is_covered = |start: usize| {
        new.iter().any(|new| places(words, new).into_iter().any(|place| (place..place + new.len()).contains(&start)))
    };
    (is_camel_name || !is_camel(old)) && starts.into_iter().any(|start| !is_covered(start))
}

/// Where a sequence of words begins in others.
fn places(words: &[String], sequence: &[String]) -> Vec<usize> {
    words.windows(sequence.len()).enumerate().filter(|(_, window)| *window == sequence).map(|(place, _)| place).collect()
}

fn is_camel(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase()) && name.chars().any(|char| char.is_ascii_lowercase())
}

/// The words of a name, in lower case.
fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for char in name.chars() {
        if char == '_' || is_camel(name) && char.is_ascii_uppercase() {
            words.push(String::new());
        }
        words.last_mut().expect("a word").extend(char.to_lowercase().filter(|char| *char != '_'));
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn words_are_matched_as_a_whole_in_names_of_every_style() {
    let found = |name: &str| replaced(name, REPLACED).map(|(old, _)| *old).collect::<Vec<_>>();
    assert_eq!(found("SettingFault"), ["Fault"]);
    assert_eq!(found("KeyAnswer"), ["Answer"]);
    assert_eq!(found("WishList"), ["wish"]);
    assert_eq!(found("payment_went_back"), ["went_back"]);
    assert_eq!(found("MAX_WISHES"), ["wishes"]);
    assert_eq!(found("Flights"), ["flights"]);
    assert_eq!(found("Slot"), ["=Slot"]);
    for name in [
        "InFlightLoads",
        "InFlight",
        "single_flight",
        "CacheSlot",
        "answer",
        "default_settings",
        "NotFound",
        "Look",
        "Post",
        "gone",
    ] {
        assert_eq!(found(name), [""; 0], "{name}");
    }
}
