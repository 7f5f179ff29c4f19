//! How long things took, counted by bounds that are fixed from the start.

use std::{
    fmt::{Result, Write},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// How long things took.
pub(super) struct Histogram<const N: usize> {
    /// In microseconds, growing.
    bounds: &'static [u64; N],
    counts: [AtomicU64; N],
    beyond: AtomicU64,
    nanos: AtomicU64,
}

impl<const N: usize> Histogram<N> {
    pub(super) fn new(bounds: &'static [u64; N]) -> Self {
        let counts = std::array::from_fn(|_| AtomicU64::new(0));
        Self { bounds, counts, beyond: AtomicU64::new(0), nanos: AtomicU64::new(0) }
    }

    /// Adds one that took so long.
    pub(super) fn add(&self, took: Duration) {
        let fits = |bound: &u64| took <= Duration::from_micros(*bound);
        let mine = self.bounds.iter().position(fits).and_then(|place| self.counts.get(place));
        mine.unwrap_or(&self.beyond).fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Writes it as Prometheus reads it; `labels` are in braces without them, and not empty.
    pub(super) fn write(&self, out: &mut String, name: &str, labels: &str) -> Result {
        let mut sum = 0;
        for (bound, count) in self.bounds.iter().zip(&self.counts) {
            sum += count.load(Ordering::Relaxed);
            let seconds = Duration::from_micros(*bound).as_secs_f64();
            writeln!(out, "{name}_bucket{{{labels},le=\"{seconds}\"}} {sum}")?;
        }
        sum += self.beyond.load(Ordering::Relaxed);
        writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {sum}")?;
        let seconds = Duration::from_nanos(self.nanos.load(Ordering::Relaxed)).as_secs_f64();
        writeln!(out, "{name}_sum{{{labels}}} {seconds}\n{name}_count{{{labels}}} {sum}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_counts_all_below_it() {
        let histogram = Histogram::new(&[50, 1_000, 2_500_000]);
        for micros in [10, 50, 51, 2_000_000, 9_000_000] {
            histogram.add(Duration::from_micros(micros));
        }
        let mut text = String::new();
        histogram.write(&mut text, "took", "app=\"a\"").unwrap();
        insta::assert_snapshot!(text, @r#"
        took_bucket{app="a",le="0.00005"} 2
        took_bucket{app="a",le="0.001"} 3
        took_bucket{app="a",le="2.5"} 4
        took_bucket{app="a",le="+Inf"} 5
        took_sum{app="a"} 11.000111
        took_count{app="a"} 5
        "#);
    }
}
