//! A table in Markdown.

/// The table with these headings and rows; all columns but the first hold figures.
pub(super) fn markdown<const N: usize>(
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = ["---"].into_iter().chain(std::iter::repeat_n("--:", N.saturating_sub(1)));
    let mut table =
        line(&headings.map(String::from)) + &format!("|{}|\n", rule.collect::<Vec<_>>().join("|"));
    table.extend(rows.into_iter().map(|row| line(&row)));
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_a_line() {
        let table = markdown(["what", "MB"], [["start".to_owned(), "12".to_owned()]]);
        assert_eq!(table, "| what | MB |\n|---|--:|\n| start | 12 |\n");
    }
}
