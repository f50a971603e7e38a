//! The `Cache-Status` header (RFC 9211) as Atelier writes it.

/// What the cache did for one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheStatus {
    /// It had the value.
    Hit {
        /// Seconds that the value still lives.
        ttl: i64,
        /// `memory` or `redis`.
        layer: String,
    },
    /// It had not.
    Miss {
        /// It has now.
        stored: bool,
        /// The load was somebody else's.
        collapsed: bool,
    },
    /// It could not be asked.
    Bypass,
}

impl CacheStatus {
    /// Reads the header and demands the form that the contract gives it.
    #[track_caller]
    pub fn parse(header: &str) -> Self {
        let mut parts = header.split("; ");
        assert_eq!(parts.next(), Some("atelier"), "{header}");
        let parts: Vec<&str> = parts.collect();
        match parts.as_slice() {
            ["hit", ttl, layer] => Self::Hit { ttl: number(ttl, header), layer: value("detail", layer, header) },
            ["fwd=bypass", "detail=redis-unavailable" | "detail=log-behind"] => Self::Bypass,
            ["fwd=miss", said @ ..] => Self::miss(said, header),
            _ => panic!("not a Cache-Status of this contract: {header}"),
        }
    }

    #[track_caller]
    fn miss(said: &[&str], header: &str) -> Self {
        assert!(said.iter().all(|word| ["stored", "collapsed"].contains(word)), "{header}");
        Self::Miss { stored: said.contains(&"stored"), collapsed: said.contains(&"collapsed") }
    }

    /// The value came from the cache.
    pub fn is_hit(&self) -> bool {
        matches!(self, Self::Hit { .. })
    }

    /// This very request loaded the value and the cache took it.
    pub fn is_fill(&self) -> bool {
        matches!(self, Self::Miss { stored: true, collapsed: false })
    }

    /// This very request loaded the value, whatever became of it.
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

    /// Seconds that a hit still lives.
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
