//! What an app's settings change of messages, and what its rules take out of requests.
//!
//! INVARIANT: whatever the settings say, no change touches a field that tells who asks, that says where a message
//! ends and whom it is for, or that ends at this hop; nor does one set a cookie of Doorward's.

use crate::{Asked, answer, field};
use access::{AppRoute, FieldEdits};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONTENT_LENGTH, EXPECT, HOST, SET_COOKIE, TRAILER},
};

/// Changes what the client says to the app.
///
/// SECURITY: what a rule decided by the method and path must be what the app does; and what a setting sets or takes out,
/// a client could say in a spelling that the app takes for the same.
pub(crate) fn to_request(headers: &mut HeaderMap, asked: &Asked, route: &AppRoute) {
    let ([methods, paths], edits) = (barred(asked, route), route.request_edits());
    if methods.is_empty() && paths.is_empty() && edits.is_empty() {
        return;
    }
    take_out(headers, |name| {
        let is_barred = is_one_of(name, methods) || is_one_of(name, paths);
        is_barred || (may_change(name) && edits.speak_of(name, field::reads_as))
    });
    apply(headers, edits);
}

/// Whether a request asks to be taken for another than the one that was decided on. Where another proxy sends it on,
/// nothing can be taken out of it here.
pub(crate) fn asks_for_another(asked: &Asked, route: &AppRoute) -> bool {
    let [methods, paths] = barred(asked, route);
    asked.head.headers.keys().any(|name| is_one_of(name, methods) || is_one_of(name, paths))
}

/// The fields that would make another request of this one where it matters which it is.
fn barred(asked: &Asked, route: &AppRoute) -> [&'static [&'static str]; 2] {
    let is_preflight = asked.is_preflight(route);
    [
        if route.names_methods() || is_preflight { &field::METHOD_OVERRIDES } else { &[] },
        if route.has_rules() || is_preflight { &field::PATH_OVERRIDES } else { &[] },
    ]
}

fn is_one_of(name: &HeaderName, fields: &[&str]) -> bool {
    fields.iter().any(|field| field::reads_as(name, field))
}

/// Changes what the client gets of the app.
pub(crate) fn to_answer(headers: &mut HeaderMap, route: &AppRoute) {
    apply(headers, route.answer_edits());
}

fn apply(headers: &mut HeaderMap, edits: &FieldEdits) {
    if edits.is_empty() {
        return;
    }
    let replaced = edits.set.iter().map(|(name, _)| name);
    for name in edits.remove.iter().chain(replaced).filter(|name| may_change(name)) {
        headers.remove(name);
    }
    for (name, value) in edits.set.iter().filter(|(name, value)| may_set(name, value)) {
        headers.append(name.clone(), value.clone());
    }
}

/// Takes out of the fields behind a body what the settings change of those before it.
pub(crate) fn to_trailers(trailers: &mut HeaderMap, edits: &FieldEdits) {
    take_out(trailers, |name| edits.speak_of(name, field::reads_as));
}

fn take_out(headers: &mut HeaderMap, is_meant: impl Fn(&HeaderName) -> bool) {
    let meant: Vec<HeaderName> = headers.keys().filter(|name| is_meant(name)).cloned().collect();
    for name in meant {
        headers.remove(name);
    }
}

fn may_change(name: &HeaderName) -> bool {
    let frames = [CONTENT_LENGTH, EXPECT, HOST, TRAILER];
    !(frames.contains(name) || field::is_identity(name) || field::is_of_this_hop(name))
}

fn may_set(name: &HeaderName, value: &HeaderValue) -> bool {
    may_change(name) && !(*name == SET_COOKIE && answer::sets_ours(value))
}
