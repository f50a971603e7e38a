//! Examples of the views of the cache, for the document.

use domain::ops::{Bumped, CacheStats, Cleared, KeyDetails, Ping, Warmed};
use serde_json::{Value, json};

use super::Policies;
use crate::http::reply::ResponseBody;

impl ResponseBody for CacheStats {
    fn example() -> Value {
        json!({
            "worker": {
                "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "started_at": "2027-01-31T10:00:00Z", "log_lag_ms": 42, "copies": 60,
                "copies_bytes": 90_000, "total": statistics("all"), "types": [statistics("character")],
            },
            "workers": {"live": 2, "total": statistics("all"), "types": [statistics("character")]},
            "redis": {
                "memory_bytes": 2_000_000, "memory_limit_bytes": 268_435_456, "clients": 5, "evicted_keys": 0,
                "slow_log": [{"at": "2027-01-31T10:00:00Z", "duration_us": 12_000, "command": "GET atelier:{characters:list}"}],
                "largest_keys": [{"key": "atelier:{characters:list}", "bytes": 18_000}], "scanned_keys": 120,
            },
        })
    }
}

fn statistics(of: &str) -> Value {
    json!({
        "type": of, "hits": 990, "hits_memory": 600, "hits_redis": 390, "misses": 8, "joined": 2, "bypassed": 0, "stale": 0,
        "failed": 0, "fills": 8, "refused_fills": 0, "refused_values": 1, "drops": 4, "hit_rate": 0.99,
        "load_ms": {"p50": 0.8, "p95": 1.9, "p99": 2.4},
    })
}

impl ResponseBody for Policies {
    fn example() -> Value {
        json!({"items": [{
            "type": "character", "key": "character:{name}", "ttl": 1800, "absent_ttl": 60, "stale_if_error": 21_600, "class": "near",
            "shape": "value",
        }]})
    }
}

impl ResponseBody for Ping {
    fn example() -> Value {
        json!({"layer": "redis", "up": true, "ms": 0.3})
    }
}

impl ResponseBody for KeyDetails {
    fn example() -> Value {
        let held = json!({
            "page": "[null,20,null]", "fill_id": "00112233445566778899aabbccddeeff", "stored_at": "2027-01-31T10:00:00Z",
            "valid_until": "2027-01-31T10:30:00Z", "stamp": 1234, "load_ms": 1, "etag": "6f1ed002ab5595859014ebf0951522d9",
            "bytes": 18_000, "verdict": "serve",
        });
        json!({
            "key": "characters:list", "type": "characters_list", "physical_key": "atelier:{characters:list}",
            "redis": {"ttl_ms": 1_700_000, "bytes": 19_000, "values": [held]}, "memory": [held],
        })
    }
}

impl ResponseBody for Cleared {
    fn example() -> Value {
        json!({"pattern": "character:*", "removed": 40})
    }
}

impl ResponseBody for Warmed {
    fn example() -> Value {
        json!({"loaded": 12, "present": 88})
    }
}

impl ResponseBody for Bumped {
    fn example() -> Value {
        json!({"key": "generation:settings"})
    }
}
