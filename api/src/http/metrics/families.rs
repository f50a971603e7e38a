//! Metric families of statistics that are counted elsewhere.

use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};

/// A family of metrics.
pub(super) struct Family(MetricFamily);

impl Family {
    /// Values that only grow.
    pub(super) fn counters(name: &str, help: &str) -> Self {
        Self::new(name, help, MetricType::COUNTER)
    }

    /// Values that rise and fall.
    pub(super) fn gauges(name: &str, help: &str) -> Self {
        Self::new(name, help, MetricType::GAUGE)
    }

    /// Counts per bucket.
    pub(super) fn histograms(name: &str, help: &str) -> Self {
        Self::new(name, help, MetricType::HISTOGRAM)
    }

    fn new(name: &str, help: &str, of: MetricType) -> Self {
        let mut family = MetricFamily::default();
        family.set_name(name.to_owned());
        family.set_help(help.to_owned());
        family.set_field_type(of);
        Self(family)
    }

    /// Adds a counter.
    pub(super) fn count(&mut self, labels: &[(&str, &str)], value: u64) {
        let mut counter = Counter::default();
        counter.set_value(float(value));
        let mut metric = labelled(labels);
        metric.set_counter(counter);
        self.0.mut_metric().push(metric);
    }

    /// Adds a gauge.
    pub(super) fn gauge(&mut self, labels: &[(&str, &str)], value: f64) {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        let mut metric = labelled(labels);
        metric.set_gauge(gauge);
        self.0.mut_metric().push(metric);
    }

    /// Adds a histogram: the count of each bucket by its upper bound, the total count and the sum.
    pub(super) fn histogram(&mut self, labels: &[(&str, &str)], classes: impl Iterator<Item = (f64, u64)>, count: u64, sum: f64) {
        let cumulated = classes.scan(0, |below, (bound, count)| {
            *below += count;
            let mut bucket = Bucket::default();
            bucket.set_upper_bound(bound);
            bucket.set_cumulative_count(*below);
            Some(bucket)
        });
        let mut histogram = Histogram::default();
        histogram.set_bucket(cumulated.collect());
        histogram.set_sample_count(count);
        histogram.set_sample_sum(sum);
        let mut metric = labelled(labels);
        metric.set_histogram(histogram);
        self.0.mut_metric().push(metric);
    }

    /// The family for the encoder.
    pub(super) fn done(self) -> MetricFamily {
        self.0
    }
}

fn labelled(labels: &[(&str, &str)]) -> Metric {
    let pair = |(name, value): &(&str, &str)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value((*value).to_owned());
        pair
    };
    let mut metric = Metric::default();
    metric.set_label(labels.iter().map(pair).collect());
    metric
}

/// Prometheus has floats only.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
pub(super) fn float(value: u64) -> f64 {
    value as f64
}
