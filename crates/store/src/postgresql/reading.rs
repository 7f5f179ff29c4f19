//! Which statements only read. SQLite tells that of a prepared statement; PostgreSQL does not, so the text is looked
//! at.

/// What a statement that changes something has among its words.
const CHANGES: [&str; 5] = ["INSERT", "UPDATE", "DELETE", "MERGE", "INTO"];

/// Whether `sql` begins as a query does and has no word that changes something, not even in a text of its own.
pub(super) fn is_reading(sql: &str) -> bool {
    let mut words =
        sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let query = words.next().is_some_and(|first| ["SELECT", "WITH", "VALUES"].iter().any(|it| is(first, it)));
    query && words.all(|word| !CHANGES.iter().any(|change| is(word, change)))
}

const fn is(word: &str, other: &str) -> bool {
    word.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_read_and_whatever_changes_something_does_not() {
        let reading =
            ["SELECT 1", "select used_at, into_what FROM updates", " WITH a AS (SELECT 1) SELECT 1 FROM a"];
        assert!(reading.into_iter().all(is_reading));
        let changing = [
            "",
            "DELETE FROM groups RETURNING id",
            "WITH gone AS (delete FROM groups RETURNING id) SELECT id FROM gone",
            "SELECT 1 INTO copy",
            "TRUNCATE groups",
            "SELECT 1; UPDATE groups SET name = ''",
        ];
        assert!(!changing.into_iter().any(is_reading));
    }
}
