//! A Rust file as the rules see it: its lines and functions, and which of them are tests.

use std::{mem, path::Path};
use syn::{
    Attribute, Block, ImplItemFn, Item, ItemFn, ItemMod, Signature, TraitItemFn,
    spanned::Spanned,
    visit::{self, Visit},
};

#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) path: String,
    /// All lines, tests and blank ones too.
    pub(super) lines: usize,
    pub(super) has_module_docs: bool,
    pub(super) functions: Vec<Function>,
    /// Modules that are compiled for tests only and written inside this file.
    pub(super) inline_tests: Vec<InlineTests>,
}

#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) line: usize,
    /// Lines between the braces; none when there is no body.
    pub(super) lines: usize,
    pub(super) arguments: usize,
    pub(super) is_test: bool,
    /// Whether the name was chosen here, not by a trait from elsewhere.
    pub(super) is_named_here: bool,
}

#[derive(Debug)]
pub(super) struct InlineTests {
    pub(super) line: usize,
    pub(super) lines: usize,
}

impl Source {
    pub(super) fn parse(path: &str, text: &str) -> syn::Result<Self> {
        let tree = syn::parse_file(text)?;
        let source = Self {
            path: path.into(),
            lines: text.lines().count(),
            has_module_docs: tree.attrs.iter().any(|attribute| attribute.path().is_ident("doc")),
            ..Self::default()
        };
        let is_test = source.is_test_file();
        let mut survey = Survey { source, is_test, is_in_trait_impl: false };
        survey.visit_file(&tree);
        Ok(survey.source)
    }

    pub(super) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Whether the whole file is a test.
    pub(super) fn is_test_file(&self) -> bool {
        self.file_name() == "tests.rs"
            || Path::new(&self.path).components().any(|it| it.as_os_str() == "tests")
    }

    /// Lines without the tests that stand between them.
    pub(super) fn own_lines(&self) -> usize {
        self.lines - self.inline_tests.iter().map(|tests| tests.lines).sum::<usize>()
    }
}

/// Walks a file and gathers what its `source` says.
struct Survey {
    source: Source,
    is_test: bool,
    is_in_trait_impl: bool,
}

impl Survey {
    fn add(&mut self, signature: &Signature, body: Option<&Block>, is_test: bool) {
        let lines = body.map_or(0, |body| {
            let braces = body.brace_token.span;
            lines_between(braces.open().start().line, braces.close().start().line, body.stmts.is_empty())
        });
        self.source.functions.push(Function {
            name: signature.ident.to_string(),
            line: signature.span().start().line,
            lines,
            arguments: signature.inputs.len(),
            is_test: self.is_test || is_test,
            is_named_here: !self.is_in_trait_impl,
        });
    }
}

impl<'a> Visit<'a> for Survey {
    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        let is_test = item.attrs.iter().any(|attribute| attribute.path().is_ident("test"));
        self.add(&item.sig, Some(&item.block), is_test);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'a ImplItemFn) {
        self.add(&item.sig, Some(&item.block), false);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'a TraitItemFn) {
        self.add(&item.sig, item.default.as_ref(), false);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item(&mut self, item: &'a Item) {
        let is_trait_impl = matches!(item, Item::Impl(item) if item.trait_.is_some());
        let before = mem::replace(&mut self.is_in_trait_impl, is_trait_impl);
        visit::visit_item(self, item);
        self.is_in_trait_impl = before;
    }

    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        let before = self.is_test;
        if item.content.is_some() && item.attrs.iter().any(is_for_tests) {
            let (line, end) = (item.span().start().line, item.span().end().line);
            if !self.is_test {
                self.source.inline_tests.push(InlineTests { line, lines: end - line + 1 });
            }
            self.is_test = true;
        }
        visit::visit_item_mod(self, item);
        self.is_test = before;
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    let list = attribute.meta.require_list();
    attribute.path().is_ident("cfg") && list.is_ok_and(|list| list.tokens.to_string() == "test")
}

const fn lines_between(open: usize, close: usize, is_empty: bool) -> usize {
    if close > open { close - open - 1 } else { !is_empty as usize }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "//! What lives here.

fn long(
    one: u8,
    two: u8,
) {
    drop(one);

    drop(two);
}

struct Door;

impl Iterator for Door {
    type Item = ();
    fn next(&mut self) -> Option<()> { None }
}

#[cfg(test)]
mod tests {
    #[test]
    fn opens() {}
}
";

    #[test]
    fn functions_are_measured_between_their_braces() {
        let source = Source::parse("src/door.rs", TEXT).unwrap();
        let seen: Vec<_> =
            source.functions.iter().map(|it| (it.name.as_str(), it.line, it.lines, it.arguments)).collect();
        assert_eq!(seen, [("long", 3, 3, 2), ("next", 16, 1, 1), ("opens", 22, 0, 0)]);
    }

    #[test]
    fn names_that_a_trait_chose_are_not_our_own() {
        let source = Source::parse("src/door.rs", TEXT).unwrap();
        assert_eq!(
            source.functions.iter().map(|it| it.is_named_here).collect::<Vec<_>>(),
            [true, false, true]
        );
    }

    #[test]
    fn inline_tests_are_told_from_the_file_itself() {
        let source = Source::parse("src/door.rs", TEXT).unwrap();
        assert!(source.has_module_docs && !source.is_test_file());
        assert_eq!((source.lines, source.own_lines()), (23, 18));
        assert_eq!(source.functions.iter().map(|it| it.is_test).collect::<Vec<_>>(), [false, false, true]);
    }

    #[test]
    fn a_file_of_tests_is_known_by_its_path() {
        for path in ["src/door/tests.rs", "tests/it/main.rs", "crates/store/tests/it/door.rs"] {
            assert!(
                Source::parse(path, "fn a() {}").unwrap().functions.iter().all(|it| it.is_test),
                "{path}"
            );
        }
        assert!(!Source::parse("src/contests.rs", "").unwrap().is_test_file());
    }
}
