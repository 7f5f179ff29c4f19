//! `/admin/audit`: the audit log and one of its events.

mod words;

use super::{Trouble, fields::Fields, guest::Guest};
use crate::{
    Problem,
    views::{Audit, AuditEvent, AuditFilters, respond},
};
use axum::{extract::Path, response::Response};
use domain::{Event, Id, Outcome, Time, page};
use http::StatusCode;
use identity::audit::{self, EventFilter};
use std::time::Duration;
use words::Names;

const DAY: Duration = Duration::from_hours(24);
const LONGEST: usize = 100;

pub(super) async fn show(guest: Guest) -> Result<Response, Trouble> {
    let mut query = guest.query();
    let after = query.take("after")?.filter(|after| !after.is_empty());
    let filters = read(&mut query)?;
    let after = after.map(|after| after.parse::<Id<Event>>()).transpose().map_err(|_| no_cursor())?;
    let list = audit::list(guest.house(), guest.actor(), filter(&filters)?, (after, page::USUAL)).await?;
    let names = Names::of(&guest, &list.items).await;
    let page = Audit {
        frame: guest.frame(),
        viewer: guest.viewer(),
        rows: list.items.iter().map(|event| names.row(&guest, event)).collect(),
        next: list.next.map(|after| guest.desk.at(&next(&filters, &after))),
        filters,
    };
    Ok(respond(StatusCode::OK, &page))
}

pub(super) async fn show_event(guest: Guest, Path(id): Path<String>) -> Result<Response, Trouble> {
    let id = id.parse().map_err(|_| Problem::not_found("event"))?;
    let event = audit::show(guest.house(), guest.actor(), id).await?;
    let names = Names::of(&guest, std::slice::from_ref(&event)).await;
    let page = AuditEvent {
        frame: guest.frame(),
        viewer: guest.viewer(),
        row: names.row(&guest, &event),
        changes: words::changes(&event),
        proof: event.proof,
        reasons: event.reasons,
        request: event.request,
    };
    Ok(respond(StatusCode::OK, &page))
}

fn no_cursor() -> Problem {
    Problem::invalid("`after` is not a cursor of this list")
}

fn read(query: &mut Fields) -> Result<AuditFilters, Problem> {
    let mut field = |name: &str| {
        let text = query.take(name)?.unwrap_or_default();
        let fits = text.chars().count() <= LONGEST;
        if fits {
            Ok(text)
        } else {
            Err(Problem::invalid(format!("`{name}` has at most {LONGEST} characters")))
        }
    };
    Ok(AuditFilters {
        action: field("action")?,
        principal: field("principal")?,
        resource: field("resource")?,
        outcome: field("outcome")?,
        from: field("from")?,
        to: field("to")?,
        q: field("q")?,
    })
}

fn filter(filters: &AuditFilters) -> Result<EventFilter, Problem> {
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let outcome =
        |text: String| Outcome::find(&text).ok_or_else(|| Problem::invalid("there is no such outcome"));
    Ok(EventFilter {
        actor: some(&filters.principal),
        action: some(&filters.action),
        resource: some(&filters.resource),
        outcome: some(&filters.outcome).map(outcome).transpose()?,
        from: some(&filters.from).map(|text| day(&text)).transpose()?,
        to: some(&filters.to).map(|text| day(&text)).transpose()?.map(|day| day.plus(DAY)),
        text: some(&filters.q),
    })
}

/// The first moment of a day, UTC.
fn day(text: &str) -> Result<Time, Problem> {
    let start = format!("{text}T00:00:00Z");
    start.parse().map_err(|_| Problem::invalid("a day looks like `2026-11-21`"))
}

/// The page after this one, narrowed in the same way.
fn next(filters: &AuditFilters, after: &str) -> String {
    let AuditFilters { action, principal, resource, outcome, from, to, q } = filters;
    let pairs = [
        ("action", action),
        ("principal", principal),
        ("resource", resource),
        ("outcome", outcome),
        ("from", from),
        ("to", to),
        ("q", q),
    ];
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
    format!("/admin/audit?{}", query.append_pair("after", after).finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_counts_whole() {
        let filters =
            AuditFilters { from: "2026-11-21".into(), to: "2026-11-21".into(), ..AuditFilters::default() };
        let filter = filter(&filters).unwrap();
        assert_eq!(filter.to.unwrap().since(filter.from.unwrap()), DAY);
        assert!(day("yesterday").is_err());
    }

    #[test]
    fn the_next_page_is_narrowed_in_the_same_way() {
        let filters = AuditFilters { outcome: "denied".into(), q: "a&b".into(), ..AuditFilters::default() };
        assert_eq!(next(&filters, "evt_1"), "/admin/audit?outcome=denied&q=a%26b&after=evt_1");
    }
}
