//! The audit log.

use super::shape::{Limit, List, Named, Reply};
use crate::{Caller, Desk, Problem};
use domain::{Id, Outcome, Time};
use identity::audit::{self, EventFilter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Event {
    id: Id<domain::Event>,
    /// Its place in the log, from 1 on and without a gap; nothing until it gets one, a moment after it happened.
    #[schemars(range(min = 1))]
    number: Option<i64>,
    at: Time,
    /// Who did it: an account's id, `anonymous`, `local operator` or `system`.
    actor: String,
    /// How they proved it: the id of a session or token, or `none`.
    proof: String,
    address: Option<String>,
    /// What was done, as `resource:action`.
    action: String,
    /// The id of what it was done to.
    resource: Option<String>,
    outcome: Outcome,
    /// Why: the policies that decided, or the reason of a failure.
    reasons: Vec<String>,
    /// What changed, as `{"before": …, "after": …}`.
    detail: Option<serde_json::Value>,
    request_id: String,
    /// How many times within the minute.
    count: i64,
}

impl From<domain::Event> for Event {
    fn from(event: domain::Event) -> Self {
        Self {
            id: event.id,
            number: event.number,
            at: event.at,
            actor: event.actor,
            proof: event.proof,
            address: event.address,
            action: event.action,
            resource: event.resource,
            outcome: event.outcome,
            reasons: event.reasons,
            detail: event.detail,
            request_id: event.request,
            count: event.count,
        }
    }
}

/// Which events; every part that is named must fit.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// What was done, as `resource:action`.
    #[serde(default)]
    action: Option<Named>,
    /// Who did it: an account by id, address or handle, or `anonymous`, `local operator`, `system`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    principal: Option<String>,
    /// What it was done to: any id, or the name of an app, a group or an account.
    #[serde(default)]
    resource: Option<Named>,
    /// How it ended.
    #[serde(default)]
    outcome: Option<Outcome>,
    /// No earlier than this, such as `2026-01-31T00:00:00Z`.
    #[serde(default)]
    from: Option<Time>,
    /// Earlier than this, such as `2026-01-31T00:00:00Z`.
    #[serde(default)]
    to: Option<Time>,
    /// A text that stands somewhere in it, what changed included.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    q: Option<String>,
    /// The cursor that the page before answered as `next`.
    #[serde(default)]
    after: Option<Id<domain::Event>>,
    /// How many rows at most.
    #[serde(default)]
    limit: Limit,
}

/// One event.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    id: Id<domain::Event>,
}

pub(super) async fn list(desk: &Desk, caller: &Caller, input: Filter) -> Result<Reply<List<Event>>, Problem> {
    let short = |text: &String| (1..=100).contains(&text.chars().count());
    if !input.q.iter().chain(&input.principal).all(short) {
        return Err(Problem::invalid("`q` and `principal` have 1 to 100 characters"));
    }
    let filter = EventFilter {
        actor: input.principal,
        action: input.action.map(|action| action.0),
        resource: input.resource.map(|resource| resource.0),
        outcome: input.outcome,
        from: input.from,
        to: input.to,
        text: input.q,
    };
    let page = audit::list(&desk.house, &caller.actor, filter, (input.after, input.limit.rows())).await?;
    Ok(List::reply(page, Event::from))
}

pub(super) async fn show(desk: &Desk, caller: &Caller, input: One) -> Result<Reply<Event>, Problem> {
    Ok(Reply::of(audit::show(&desk.house, &caller.actor, input.id).await?.into()))
}
