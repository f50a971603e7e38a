//! Tests of the harness: it parses every form of the `Cache-Status` header.

use harness::CacheStatus;

#[test]
fn every_form_of_the_contract_is_read() {
    let hit = CacheStatus::parse("atelier; hit; ttl=42; detail=redis");
    assert_eq!(hit, CacheStatus::Hit { ttl: 42, layer: "redis".into() });
    assert!(CacheStatus::parse("atelier; fwd=miss; stored").is_fill());
    assert!(!CacheStatus::parse("atelier; fwd=miss; stored; collapsed").is_fill());
    assert!(!CacheStatus::parse("atelier; fwd=miss").is_fill());
    assert_eq!(CacheStatus::parse("atelier; fwd=bypass; detail=redis-unavailable"), CacheStatus::Bypass);
}
