//! The headers of answers.

use super::*;

#[test]
fn cache_status_names_the_source_of_the_answer() {
    let hit = |layer| Freshness::Hit { layer, ttl: 42 };
    let miss = |stored, collapsed| Freshness::Miss { stored, collapsed };
    for (freshness, expected) in [
        (Freshness::Origin, None),
        (hit(Layer::Local), Some("atelier; hit; ttl=42; detail=memory")),
        (hit(Layer::Shared), Some("atelier; hit; ttl=42; detail=redis")),
        (miss(true, false), Some("atelier; fwd=miss; stored")),
        (miss(true, true), Some("atelier; fwd=miss; stored; collapsed")),
        (miss(false, false), Some("atelier; fwd=miss")),
        (miss(false, true), Some("atelier; fwd=miss; collapsed")),
        (Freshness::Bypass(Bypass::StoreUnavailable), Some("atelier; fwd=bypass; detail=redis-unavailable")),
        (Freshness::Bypass(Bypass::LogBehind), Some("atelier; fwd=bypass; detail=log-behind")),
    ] {
        assert_eq!(cache_status(freshness), expected.map(HeaderValue::from_static));
    }
}

#[test]
fn a_tag_is_quoted() {
    assert_eq!(quoted(&ETag::opaque("a.1")), Some(HeaderValue::from_static("\"a.1\"")));
}
