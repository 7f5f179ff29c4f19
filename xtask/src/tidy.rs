//! `cargo xtask tidy`: the rules of the house that neither the compiler nor clippy knows.
//!
//! Each rule has a module of its own: a function from what was read to what it found. Files are read here and in
//! `checkout` and `metadata`, so that every rule can be tried on a few lines of text.

mod checkout;
mod edges;
mod exceptions;
mod finding;
mod licences;
mod metadata;
mod module_docs;
mod names;
mod rules;
mod size_table;
mod sizes;
mod snapshots;
mod source;
mod words;

use anyhow::{Result, bail};
use checkout::Checkout;
use finding::Finding;
use metadata::Metadata;
use rules::Rules;
use source::Source;

/// Prints what breaks a rule, or how large everything is; an error when a rule is broken.
pub(crate) fn check() -> Result<()> {
    let checkout = Checkout::read()?;
    let rules = Rules::parse(checkout.text(rules::PATH)?)?;
    let metadata = Metadata::read()?;
    let (sources, mut findings) = parse(&checkout);

    findings.extend(edges::check(&rules, &metadata.members(), &checkout));
    findings.extend(exceptions::apply(&rules.exceptions, sizes::check(&sources), &checkout));
    findings.extend(module_docs::check(&sources));
    findings.extend(names::check(&sources));
    findings.extend(words::check(&checkout));
    findings.extend(licences::check(&rules, &metadata.packages, &checkout));
    findings.extend(snapshots::check(&checkout));
    report(findings, &sources)
}

/// The Rust files of `checkout`, and a finding for each that is not Rust.
fn parse(checkout: &Checkout) -> (Vec<Source>, Vec<Finding>) {
    let (mut sources, mut findings) = (Vec::new(), Vec::new());
    for file in checkout.files.iter().filter(|file| file.has_ending("rs")) {
        match Source::parse(&file.path, &file.text) {
            Ok(source) => sources.push(source),
            Err(error) => {
                let line = error.span().start().line;
                findings.push(Finding::new(&file.path, line, "syntax", format!("make it parse: {error}")));
            }
        }
    }
    (sources, findings)
}

fn report(mut findings: Vec<Finding>, sources: &[Source]) -> Result<()> {
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    let broken = findings.iter().filter(|finding| finding.fails).count();
    if broken > 0 {
        bail!("{broken} things are not tidy");
    }
    print!("{}", size_table::render(sources));
    Ok(())
}
