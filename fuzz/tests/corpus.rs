//! The corpus of each fuzz body, and what chance makes of it.

use doorward_fuzz::TARGETS;

fn holds(name: &str) {
    let known = TARGETS.iter().filter(|target| target.name == name);
    assert_eq!(
        known.map(|target| target.try_all(3_000, 20_261_121)).count(),
        1,
        "no body is called `{name}`"
    );
}

#[test]
fn what_passes_is_one_request_that_reads_the_same_again() {
    holds("request");
}

#[test]
fn chunks_are_read_by_the_letter() {
    holds("chunks");
}

#[test]
fn a_host_is_the_one_that_others_read() {
    holds("host");
}

#[test]
fn nobody_chooses_their_own_address() {
    holds("forwarded");
}

#[test]
fn what_goes_on_to_an_app_opens_nothing_of_doorward_s() {
    holds("credentials");
}

#[test]
fn no_spelling_of_our_path_is_the_app_s() {
    holds("path");
}
