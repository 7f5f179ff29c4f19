//! The table of sizes: how long files and functions are, crate by crate. Tests are left out.

use super::source::Source;
use std::{collections::BTreeMap, fmt::Display};

#[derive(Default)]
struct Sizes {
    files: Vec<usize>,
    functions: Vec<usize>,
}

/// The table, one crate a line and the total last.
pub(super) fn render(sources: &[Source]) -> String {
    let mut crates = BTreeMap::<&str, Sizes>::new();
    let mut total = Sizes::default();
    for source in sources.iter().filter(|source| !source.is_test_file()) {
        for sizes in [crates.entry(crate_of(&source.path)).or_default(), &mut total] {
            sizes.files.push(source.own_lines());
            sizes
                .functions
                .extend(source.functions.iter().filter(|it| !it.is_test && it.lines > 0).map(|it| it.lines));
        }
    }
    let mut table = line("", &["files", "median", "p90", "functions", "median", "p90"]);
    for (name, mut sizes) in crates {
        table += &row(name, &mut sizes);
    }
    table + &row("total", &mut total)
}

/// `crates/store/src/lib.rs` belongs to `store`, `xtask/src/main.rs` to `xtask`.
fn crate_of(path: &str) -> &str {
    path.trim_start_matches("crates/").split('/').next().unwrap_or_default()
}

fn row(name: &str, sizes: &mut Sizes) -> String {
    let cells = [&mut sizes.files, &mut sizes.functions].map(|lines| {
        lines.sort_unstable();
        [lines.len(), percentile(lines, 50), percentile(lines, 90)]
    });
    line(name, cells.as_flattened())
}

fn line(name: &str, cells: &[impl Display]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| format!("{cell:>11}")).collect();
    format!("{name:<12}{}\n", cells.concat())
}

/// The least value that `percent` of the values do not exceed; 0 when there are none.
fn percentile(sorted: &[usize], percent: usize) -> usize {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let ten: Vec<usize> = (1..=10).collect();
        assert_eq!((percentile(&ten, 50), percentile(&ten, 90)), (5, 9));
        assert_eq!((percentile(&[7], 50), percentile(&[7], 90), percentile(&[], 90)), (7, 7, 0));
    }

    #[test]
    fn a_crate_has_a_row_and_tests_have_none() {
        let files = [
            "crates/store/src/lib.rs",
            "crates/store/src/row.rs",
            "xtask/src/main.rs",
            "crates/web/tests/it.rs",
        ];
        let sources = files.map(|path| Source::parse(path, "//! Docs.\n\nfn f() {\n    g();\n}\n").unwrap());
        let table = render(&sources);
        let rows: Vec<Vec<&str>> =
            table.lines().skip(1).map(|row| row.split_whitespace().collect()).collect();
        assert_eq!(
            rows,
            [
                ["store", "2", "5", "5", "2", "1", "1"],
                ["xtask", "1", "5", "5", "1", "1", "1"],
                ["total", "3", "5", "5", "3", "1", "1"],
            ]
        );
    }
}
