//! The metrics of the worker itself.

use domain::ops::{CountsByType, Event, JobStatistics, LOAD_BOUNDS_MS, LimitMetrics, Pool, TaskStatistics, WorkerMetrics};
use prometheus::proto::MetricFamily;

use super::families::{Family, float};

/// All families of the worker.
pub(super) fn families(worker: &WorkerMetrics) -> Vec<MetricFamily> {
    let (copies, copies_bytes) = worker.copies;
    let up =
        worker.redis_up.map(|up| gauge("atelier_cache_up", "Whether Redis is in use (1) or its breaker is open (0).", up.into()));
    let mut families = vec![
        requests(&worker.counts),
        events(&worker.counts),
        loads(&worker.counts),
        gauge("atelier_cache_copies", "Values in the memory of this worker.", float(copies)),
        gauge("atelier_cache_copies_bytes", "Size of these values.", float(copies_bytes)),
        gauge(
            "atelier_log_lag_seconds",
            "Seconds since the start of the last applied read of the change log.",
            worker.log_lag.as_secs_f64(),
        ),
        pools(&worker.pools),
        pool_limits(&worker.pools),
        task_runs(&worker.tasks),
        task_items(&worker.tasks),
        task_lags(&worker.tasks),
        build_info(),
    ];
    families.extend(up);
    // A family without metrics is an error.
    if !worker.jobs.is_empty() {
        families.extend(jobs(&worker.jobs));
    }
    families.extend(limits(&worker.limits));
    families
}

/// Lines of the log that were not written.
pub(super) fn dropped_log_lines(lines: u64) -> MetricFamily {
    let mut family =
        Family::counters("atelier_log_lines_dropped_total", "Lines of the log that standard error did not accept in time.");
    family.count(&[], lines);
    family.done()
}

/// Reads by outcome and by layer.
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

/// Fills, refusals and invalidations.
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
    let mut family = Family::histograms("atelier_cache_load_seconds", "Duration of loads from the database.");
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
    let mut family = Family::gauges("atelier_db_pool_limit", "Maximum number of connections of a pool.");
    for pool in pools {
        family.gauge(&[("pool", pool.name)], pool.limit.into());
    }
    family.done()
}

fn task_runs(tasks: &[TaskStatistics]) -> MetricFamily {
    let mut family = Family::counters("atelier_scheduled_task_runs_total", "Runs of the scheduled tasks.");
    for task in tasks {
        family.count(&[("task", task.name), ("result", "ok")], task.succeeded);
        family.count(&[("task", task.name), ("result", "failed")], task.failed);
    }
    family.done()
}

fn task_items(tasks: &[TaskStatistics]) -> MetricFamily {
    let mut family = Family::counters("atelier_scheduled_task_items_total", "Items that the scheduled tasks processed.");
    for task in tasks {
        family.count(&[("task", task.name)], task.done);
    }
    family.done()
}

fn task_lags(tasks: &[TaskStatistics]) -> MetricFamily {
    let mut family =
        Family::gauges("atelier_scheduled_task_lag_seconds", "Seconds since the start of the last successful run of a task.");
    for task in tasks {
        family.gauge(&[("task", task.name)], task.lag.as_secs_f64());
    }
    family.done()
}

fn jobs(jobs: &[JobStatistics]) -> [MetricFamily; 3] {
    let mut attempts = Family::counters("atelier_jobs_attempts_total", "Attempts of jobs, by the way in which they ended.");
    let mut delays = Family::gauges("atelier_jobs_delay_seconds_sum", "How long after their time the attempts began, in all.");
    let mut durations = Family::gauges("atelier_jobs_duration_seconds_sum", "How long the attempts took, in all.");
    for job in jobs {
        let labels = [("kind", job.kind.as_str()), ("outcome", job.outcome)];
        attempts.count(&labels, job.attempts);
        delays.gauge(&labels, job.delay.as_secs_f64());
        durations.gauge(&labels, job.duration.as_secs_f64());
    }
    [attempts.done(), delays.done(), durations.done()]
}

fn limits(limits: &LimitMetrics) -> Vec<MetricFamily> {
    let LimitMetrics { requests, is_alone, subjects, passwords_queued, passwords_refused, attempts_refused } = *limits;
    let mut decided = Family::counters("atelier_limits_requests_total", "Requests by the way in which a limit decided them.");
    let results = [requests.leased, requests.shared, requests.local, requests.refused];
    for (result, number) in ["leased", "shared", "local", "refused"].into_iter().zip(results) {
        decided.count(&[("result", result)], number);
    }
    let mut refused = Family::counters("atelier_limits_sign_in_refused_total", "Logins and registrations that were refused.");
    refused.count(&[("reason", "queue")], passwords_refused);
    refused.count(&[("reason", "account")], attempts_refused);
    let mut families = vec![
        decided.done(),
        refused.done(),
        gauge("atelier_limits_subjects", "Limits of subjects in the memory of this worker.", float(subjects)),
        gauge("atelier_limits_passwords_queued", "Passwords that are hashed or wait.", float(passwords_queued)),
    ];
    let alone = |alone: bool| {
        gauge("atelier_limits_alone", "Whether this worker decides without Redis (1) or with it (0).", alone.into())
    };
    families.extend(is_alone.map(alone));
    families
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
