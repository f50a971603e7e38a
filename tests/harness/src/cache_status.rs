//! The `Cache-Status` header (RFC 9211) as Atelier writes it.

/// The result of the cache for one response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheStatus {
    /// The cache had the value.
    Hit {
        /// Seconds until the value expires.
        ttl: i64,
        /// `memory` or `redis`.
        layer: String,
    },
    /// The cache did not have the value.
    Miss {
        /// The loaded value was stored.
        stored: bool,
        /// Another request loaded the value.
        collapsed: bool,
    },
    /// The cache was not usable.
    Bypass,
}

impl CacheStatus {
    /// Parses the header; panics unless it has the form of the contract.
    #[track_caller]
    pub fn parse(header: &str) -> Self {
        let mut parts = header.split("; ");
        assert_eq!(parts.next(), Some("atelier"), "{header}");
        let parts: Vec<&str> = parts.collect();
        match parts.as_slice() {
            ["hit", ttl, layer] => Self::Hit { ttl: number(ttl, header), layer: value("detail", layer, header) },
            ["fwd=bypass", "detail=redis-unavailable" | "detail=log-behind"] => Self::Bypass,
            ["fwd=miss", flags @ ..] => Self::miss(flags, header),
            _ => panic!("not a Cache-Status of this contract: {header}"),
        }
    }

    #[track_caller]
    fn miss(flags: &[&str], header: &str) -> Self {
        assert!(flags.iter().all(|word| ["stored", "collapsed"].contains(word)), "{header}");
        Self::Miss { stored: flags.contains(&"stored"), collapsed: flags.contains(&"collapsed") }
    }

    /// The value came from the cache.
    pub fn is_hit(&self) -> bool {
        matches!(self, Self::Hit { .. })
    }

    /// This request loaded the value and the cache stored it.
    pub fn is_fill(&self) -> bool {
        matches!(self, Self::Miss { stored: true, collapsed: false })
    }

    /// This request loaded the value, stored or not.
    pub fn is_load(&self) -> bool {
        matches!(self, Self::Miss { collapsed: false, .. } | Self::Bypass)
    }

    /// The layer that a hit came from.
    #[track_caller]
    pub fn layer(&self) -> &str {
        match self {
            Self::Hit { layer, .. } => layer,
            other => panic!("expected a hit: {other:?}"),
        }
    }

    /// Seconds until a hit expires.
    #[track_caller]
    pub fn ttl(&self) -> i64 {
        match self {
            Self::Hit { ttl, .. } => *ttl,
            other => panic!("expected a hit: {other:?}"),
        }
    }
}

#[track_caller]
fn value(name: &str, part: &str, header: &str) -> String {
    let (found, value) = part.split_once('=').unwrap_or_else(|| panic!("{header}"));
    assert_eq!(found, name, "{header}");
    value.to_owned()
}

#[track_caller]
fn number(part: &str, header: &str) -> i64 {
    value("ttl", part, header).parse().unwrap_or_else(|_| panic!("{header}"))
}
