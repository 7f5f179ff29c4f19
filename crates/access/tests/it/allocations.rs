//! What a check costs once its principal is known, counted and not timed: no question to the directory, and so much
//! memory asked for. The numbers may only fall.

use crate::stage::{Stage, ada, bearer, map};
use domain::Scope;
use doorward_access::Demand;
use futures_util::FutureExt as _;
use http::{HeaderMap, Method};

/// Memory asked for by a check of a session, and of a token.
const BY_SESSION: u64 = 1;
const BY_TOKEN: u64 = 3;

/// All that the gateway asks of the gate for one request: which app, who, may they, and what is the app told.
fn check(stage: &Stage, headers: &HeaderMap) {
    let route = stage.access.find_app("notes.localhost").unwrap();
    let who = stage.access.authenticate(headers, &route).now_or_never().unwrap().unwrap().unwrap();
    let all = match route.demand(&Method::GET, "/page") {
        Demand::All(all) => all,
        Demand::Nothing => &[],
    };
    assert!(!all.is_empty(), "the app is open to anyone");
    assert!(stage.access.find_denial(&who, all).is_none());
    assert!(!stage.access.identity_headers(&who, &route).fields().is_empty());
}

#[test]
fn a_cached_check_reads_nothing_and_asks_for_little_memory() {
    let stage = Stage::open();
    let cookie = map(&[("cookie", stage.ada_at_notes().as_str())]);
    let token = map(&[("authorization", bearer(&stage.token(&ada(), Scope::FULL)).as_str())]);
    for (headers, most) in [(&cookie, BY_SESSION), (&token, BY_TOKEN)] {
        check(&stage, headers);
        let loads = stage.loads();
        let asked_for = allocation_counter::measure(|| check(&stage, headers));
        assert_eq!(stage.loads(), loads, "a cached check asked the directory");
        assert!(asked_for.count_total <= most, "{} allocations, {most} at most", asked_for.count_total);
    }
}
