//! Figures of several rounds: the one in the middle, and how far they lie apart.

/// Measurements of one thing.
pub(super) struct Figures(Vec<f64>);

impl Figures {
    pub(super) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<_> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        Self(sorted)
    }

    /// The figure in the middle; the upper one of two. Not a number if there is none.
    pub(super) fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// `median (least–most)`, each with so many decimals.
    pub(super) fn with_spread(&self, decimals: usize) -> String {
        let (least, most) = (self.0.first().unwrap_or(&f64::NAN), self.0.last().unwrap_or(&f64::NAN));
        format!("{:.decimals$} ({least:.decimals$}–{most:.decimals$})", self.median())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_stands_beside_the_median() {
        assert_eq!(Figures::of([10.0, 2.0, 3.5]).with_spread(1), "3.5 (2.0–10.0)");
    }

    #[test]
    fn without_a_measurement_there_is_no_figure() {
        assert!(Figures::of([]).median().is_nan());
    }
}
