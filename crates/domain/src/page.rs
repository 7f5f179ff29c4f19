//! Lists are paged by key, never by offset.

/// One page of a list and the key behind which the next page begins.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// An opaque cursor for `after`; absent on the last page.
    pub next: Option<String>,
}

/// The most rows that one page may hold.
pub const LARGEST: u32 = 500;
/// The rows of a page when nobody says how many.
pub const USUAL: u32 = 50;

impl<T> Page<T> {
    /// Makes a page of up to `limit` rows out of up to `limit + 1` that were read; the surplus row only
    /// tells that there is a next page, which begins behind `key` of the last row kept.
    pub fn cut(mut rows: Vec<T>, limit: u32, key: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(key) } else { None };
        Self { items: rows, next }
    }

    /// The same page with every row passed through `f`.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn the_surplus_row_only_tells_of_a_next_page() {
        let page = Page::cut(vec![1, 2, 3], 2, ToString::to_string);
        assert_eq!((page.items, page.next), (vec![1, 2], Some("2".to_owned())));
        assert_eq!(Page::cut(vec![1, 2], 2, ToString::to_string).next, None);
    }
}
