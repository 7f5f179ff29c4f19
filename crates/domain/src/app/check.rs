//! What an app can be: checked in the transaction that changes it, whoever asks and however it was read.
//!
//! What only the other apps and the home host know, such as whose a host is, is not here.

use super::{App, AppLimits, FieldChanges, GateSettings, HealthCheck, Rule, Upstream};
use crate::{
    Refused,
    text::{FieldName, FieldValue, MethodName, Notice, RulePath},
};
use std::{fmt::Display, str::FromStr};

/// The app cannot be so; the message says what would do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnfitApp(String);

impl From<Refused> for UnfitApp {
    fn from(refused: Refused) -> Self {
        Self(refused.to_string())
    }
}

type Checked = Result<(), UnfitApp>;

impl App {
    /// As many places as requests can be spread over.
    pub const MOST_UPSTREAMS: usize = 16;

    /// Whether an app can be so.
    pub fn check(&self) -> Checked {
        at_most(&self.upstreams, Self::MOST_UPSTREAMS, "upstreams")?;
        check_upstreams(&self.upstreams)?;
        check_gate(&self.gate)
    }
}

impl GateSettings {
    /// As many rules as an app may have.
    pub const MOST_RULES: usize = 100;
    /// As many other origins as may send an app unsafe requests.
    pub const MOST_ORIGINS: usize = 50;
    /// A month.
    pub const MOST_SIGN_IN_HOURS: u32 = 720;
}

impl Rule {
    /// As many methods as a rule may name.
    pub const MOST_METHODS: usize = 20;
}

impl FieldChanges {
    /// As many fields as may be set, and as many as may be taken out.
    pub const MOST: usize = 50;
}

impl AppLimits {
    /// The highest limit on a number of requests.
    pub const MOST_REQUESTS: u32 = 1_000_000;
    /// The highest limit on a body: 2^40 bytes.
    pub const MOST_BODY_BYTES: u64 = 1 << 40;
    /// The highest limit on the time to answer: a day.
    pub const MOST_ANSWER_SECONDS: u32 = 86_400;
}

impl HealthCheck {
    /// Once an hour, at the least.
    pub const MOST_SECONDS: u32 = 3_600;
}

fn check_upstreams(upstreams: &[Upstream]) -> Checked {
    if upstreams.is_empty() {
        return refused("an app needs an upstream, such as `http://127.0.0.1:3000`");
    }
    if upstreams.len() > 1 && upstreams.contains(&Upstream::Sample) {
        return refused("the built-in sample is an app by itself: name it alone, or not at all");
    }
    none_twice(upstreams, "upstream")
}

fn check_gate(gate: &GateSettings) -> Checked {
    at_most(&gate.rules, GateSettings::MOST_RULES, "rules")?;
    gate.rules.iter().try_for_each(check_rule)?;
    at_most(&gate.origins, GateSettings::MOST_ORIGINS, "origins")?;
    none_twice(&gate.origins, "origin")?;
    check_fields(&gate.request_headers)?;
    check_fields(&gate.answer_headers)?;
    check_limits(&gate.limits)?;
    if let Some(HealthCheck { path, every_seconds }) = &gate.health {
        as_written::<RulePath>(path)?;
        within(Some(*every_seconds), HealthCheck::MOST_SECONDS, "`every_seconds` of the health check")?;
    }
    if let Some(notice) = &gate.maintenance {
        as_written::<Notice>(notice)?;
    }
    within(gate.sign_in_hours, GateSettings::MOST_SIGN_IN_HOURS, "`sign_in_hours`")
}

fn check_rule(rule: &Rule) -> Checked {
    as_written::<RulePath>(&rule.path)?;
    at_most(&rule.methods, Rule::MOST_METHODS, "methods of a rule")?;
    for method in &rule.methods {
        as_written::<MethodName>(method)?;
        if matches!(method.as_str(), "CONNECT" | "TRACE") {
            return refused(format!("`{method}` never reaches an app, so no rule can allow it"));
        }
    }
    none_twice(&rule.methods, "method")
}

fn check_limits(limits: &AppLimits) -> Checked {
    within(limits.requests_per_minute, AppLimits::MOST_REQUESTS, "`requests_per_minute`")?;
    within(limits.requests_at_once, AppLimits::MOST_REQUESTS, "`requests_at_once`")?;
    within(limits.body_bytes, AppLimits::MOST_BODY_BYTES, "`body_bytes`")?;
    within(limits.answer_seconds, AppLimits::MOST_ANSWER_SECONDS, "`answer_seconds`")
}

fn check_fields(changes: &FieldChanges) -> Checked {
    at_most(&changes.set, FieldChanges::MOST, "headers that are set")?;
    at_most(&changes.remove, FieldChanges::MOST, "headers that are removed")?;
    for (_, value) in &changes.set {
        as_written::<FieldValue>(value)?;
    }
    let mut names: Vec<&str> = changes.set.iter().map(|(name, _)| name.as_str()).collect();
    names.extend(changes.remove.iter().map(String::as_str));
    for name in &names {
        as_written::<FieldName>(name)?;
        if super::is_ours(name) {
            return refused(format!(
                "`{name}` is Doorward's own to set: choose a header that neither tells apps who asks, nor carries \
                 cookies, nor says where a message ends"
            ));
        }
    }
    let lower: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    none_twice(&lower, "header")
}

/// Whether the text is one of its kind, as the kind is written where it is published.
fn as_written<T: FromStr<Err = Refused>>(text: &str) -> Checked {
    Ok(text.parse::<T>().map(drop)?)
}

fn within<N: Copy + Into<u64>>(number: Option<N>, most: N, what: &str) -> Checked {
    let most = most.into();
    match number.map(Into::into) {
        Some(number) if number == 0 || number > most => refused(format!("{what} is 1 to {most}")),
        _ => Ok(()),
    }
}

fn at_most<T>(items: &[T], most: usize, what: &str) -> Checked {
    if items.len() > most { refused(format!("an app holds at most {most} {what}")) } else { Ok(()) }
}

fn none_twice<T: PartialEq + Display>(items: &[T], what: &str) -> Checked {
    for (place, item) in items.iter().enumerate() {
        if items.iter().take(place).any(|other| other == item) {
            return refused(format!("the {what} `{item}` is named twice"));
        }
    }
    Ok(())
}

fn refused(message: impl Into<String>) -> Checked {
    Err(UnfitApp(message.into()))
}

#[cfg(test)]
mod tests;
