//! What the worker tells of itself, as metric families.

use domain::operator::{CountsByType, DutyFigures, Event, LOAD_BOUNDS_MS, Pool, Pulse};
use prometheus::proto::MetricFamily;

use super::families::{Family, float};

/// Everything that the worker tells.
pub(super) fn families(pulse: &Pulse) -> Vec<MetricFamily> {
    let (copies, copies_bytes) = pulse.copies;
    let up =
        pulse.redis_up.map(|up| gauge("atelier_cache_up", "Whether Redis is in use (1) or its breaker is open (0).", up.into()));
    let mut families = vec![
        requests(&pulse.counts),
        events(&pulse.counts),
        loads(&pulse.counts),
        gauge("atelier_cache_copies", "Keys held in the memory of this worker.", float(copies)),
        gauge("atelier_cache_copies_bytes", "What these take.", float(copies_bytes)),
        gauge("atelier_log_lag_seconds", "Since the last applied read of the change log began.", pulse.log_lag.as_secs_f64()),
        pools(&pulse.pools),
        pool_limits(&pulse.pools),
        duty_runs(&pulse.duties),
        duty_done(&pulse.duties),
        duty_lags(&pulse.duties),
        build_info(),
    ];
    families.extend(up);
    families
}

/// How each read ended, and the layer that answered it.
fn requests(counts: &CountsByType) -> MetricFamily {
    const ENDS: [(Event, &str, &str); 7] = [
        (Event::HitMemory, "memory", "hit"),
        (Event::HitRedis, "redis", "hit"),
        (Event::Stale, "memory", "stale"),
        (Event::Miss, "database", "miss"),
        (Event::Joined, "database", "joined"),
        (Event::Bypassed, "database", "bypass"),
        (Event::Failed, "database", "failed"),
    ];
    let mut family = Family::counters("atelier_cache_requests_total", "Reads through the cache.");
    for (name, counts) in counts {
        for (event, layer, result) in ENDS {
            family.count(&[("type", name), ("layer", layer), ("result", result)], counts.of(event));
        }
    }
    family.done()
}

/// What happened to values.
fn events(counts: &CountsByType) -> MetricFamily {
    const EVENTS: [(Event, &str); 4] = [
        (Event::Fill, "fill"),
        (Event::RefusedFill, "refused_fill"),
        (Event::RefusedValue, "refused_value"),
        (Event::Drop, "drop"),
    ];
    let mut family = Family::counters("atelier_cache_events_total", "Fills, refusals and drops of cached values.");
    for (name, counts) in counts {
        for (event, label) in EVENTS {
            family.count(&[("type", name), ("event", label)], counts.of(event));
        }
    }
    family.done()
}

fn loads(counts: &CountsByType) -> MetricFamily {
    let mut family = Family::histograms("atelier_cache_load_seconds", "How long loads from the database took.");
    for (name, counts) in counts {
        let classes = LOAD_BOUNDS_MS.into_iter().map(|ms| ms / 1000.0).zip(counts.loads.classes);
        family.histogram(&[("type", name)], classes, counts.loads.count(), float(counts.loads.sum_us) / 1e6);
    }
    family.done()
}

fn pools(pools: &[Pool]) -> MetricFamily {
    let mut family = Family::gauges("atelier_db_pool_connections", "Connections to the database.");
    for pool in pools {
        family.gauge(&[("pool", pool.name), ("state", "idle")], pool.idle.into());
        family.gauge(&[("pool", pool.name), ("state", "used")], pool.open.saturating_sub(pool.idle).into());
    }
    family.done()
}

fn pool_limits(pools: &[Pool]) -> MetricFamily {
    let mut family = Family::gauges("atelier_db_pool_limit", "How many connections a pool may have.");
    for pool in pools {
        family.gauge(&[("pool", pool.name)], pool.limit.into());
    }
    family.done()
}

fn duty_runs(duties: &[DutyFigures]) -> MetricFamily {
    let mut family = Family::counters("atelier_schedule_runs_total", "Runs of the scheduler's duties.");
    for duty in duties {
        family.count(&[("duty", duty.name), ("result", "ok")], duty.succeeded);
        family.count(&[("duty", duty.name), ("result", "failed")], duty.failed);
    }
    family.done()
}

fn duty_done(duties: &[DutyFigures]) -> MetricFamily {
    let mut family = Family::counters("atelier_schedule_done_total", "Things that the scheduler's duties did.");
    for duty in duties {
        family.count(&[("duty", duty.name)], duty.done);
    }
    family.done()
}

fn duty_lags(duties: &[DutyFigures]) -> MetricFamily {
    let mut family = Family::gauges("atelier_schedule_lag_seconds", "Since the last run of a duty that succeeded began.");
    for duty in duties {
        family.gauge(&[("duty", duty.name)], duty.lag.as_secs_f64());
    }
    family.done()
}

fn build_info() -> MetricFamily {
    let mut family = Family::gauges("build_info", "The release; its value is always 1.");
    family.gauge(&[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    family.done()
}

fn gauge(name: &str, help: &str, value: f64) -> MetricFamily {
    let mut family = Family::gauges(name, help);
    family.gauge(&[], value);
    family.done()
}
