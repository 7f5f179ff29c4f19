//! The audit log. Events are added by the door alone and never changed; once they are committed, each gets its number.

use crate::{FromRow, ReadTx, Row, StoreError, Value, WriteTx};
use domain::{Event, Id, Outcome, Page, Time};
use policy::{Visible, actions};

macro_rules! columns {
    () => {
        "id, at, actor, proof, address, action, resource, outcome, reasons, detail, request, count"
    };
}

macro_rules! shown {
    () => {
        concat!(columns!(), ", number")
    };
}

/// The filters that stand behind every choice of index.
macro_rules! filtered {
    ($leading:literal) => {
        concat!(
            "SELECT ",
            shown!(),
            " FROM events WHERE ",
            $leading,
            " AND id < $1 AND ($2::text IS NULL OR actor = $2) AND ($3::text IS NULL OR action = $3) \
             AND ($4::text IS NULL OR resource = $4) AND ($5::text IS NULL OR outcome = $5) \
             AND id >= $6 AND id < $7 AND ($8::text IS NULL OR (lower(actor || ' ' || action || ' ' || \
             coalesce(resource, '') || ' ' || coalesce(address, '') || ' ' || reasons || ' ' || \
             coalesce(detail, '')) LIKE $8 ESCAPE '!')) \
             ORDER BY id DESC LIMIT $9"
        )
    };
}

impl FromRow for Event {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let unreadable = |column: &str| StoreError::Unreadable { column: column.to_owned() };
        let (reasons, detail): (String, Option<String>) = (row.read(8)?, row.read(9)?);
        let detail =
            detail.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| unreadable("detail"))?;
        Ok(Self {
            id: row.read(0)?,
            at: row.read(1)?,
            actor: row.read(2)?,
            proof: row.read(3)?,
            address: row.read(4)?,
            action: row.read(5)?,
            resource: row.read(6)?,
            outcome: row.read(7)?,
            reasons: serde_json::from_str(&reasons).map_err(|_| unreadable("reasons"))?,
            detail,
            request: row.read(10)?,
            count: row.read(11)?,
            number: row.read(12)?,
        })
    }
}

/// Which events a list shows; every part that is set must fit.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Who did it.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// What it was done to.
    pub resource: Option<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// No earlier than this.
    pub from: Option<Time>,
    /// Earlier than this.
    pub to: Option<Time>,
    /// A text that stands somewhere in it, whatever its case.
    pub text: Option<String>,
}

/// Events that fit, newest first.
pub fn list(
    tx: &mut ReadTx<'_>,
    _visible: &Visible<actions::ListEvents>,
    filter: &EventFilter,
    (after, limit): (Option<Id<Event>>, u32),
) -> Result<Page<Event>, StoreError> {
    let texts = [&filter.actor, &filter.action, &filter.resource, &filter.text];
    if texts.into_iter().flatten().any(|text| text.contains('\0')) {
        return Ok(Page::cut(Vec::new(), limit, |event: &Event| event.id.to_string()));
    }
    let values: [Value; 9] = [
        after.unwrap_or(Id::from_bytes([0xff; 16])).into(),
        filter.actor.clone().into(),
        filter.action.clone().into(),
        filter.resource.clone().into(),
        filter.outcome.map(Outcome::as_str).into(),
        first_id_at(filter.from.unwrap_or(Time::from_micros(0))).into(),
        filter.to.map_or(Id::from_bytes([0xff; 16]), first_id_at).into(),
        filter.text.as_deref().map(containing).into(),
        limit.saturating_add(1).into(),
    ];
    let rows = tx.list(statement(filter), &values)?;
    Ok(Page::cut(rows, limit, |event: &Event| event.id.to_string()))
}

/// The statement whose index fits the narrowest filter that is set.
fn statement(filter: &EventFilter) -> &'static str {
    if filter.resource.is_some() {
        filtered!("resource = $4")
    } else if filter.actor.is_some() {
        filtered!("actor = $2")
    } else if filter.action.is_some() {
        filtered!("action = $3")
    } else if filter.outcome.is_some() {
        filtered!("outcome = $5")
    } else {
        filtered!("id >= $6")
    }
}

/// Ids begin with their millisecond, so a time is a place in their order.
pub(crate) fn first_id_at(time: Time) -> Id<Event> {
    let mut bytes = [0; 16];
    let millis = time.unix_millis().to_be_bytes();
    bytes.iter_mut().zip(millis.iter().skip(2)).for_each(|(to, from)| *to = *from);
    Id::from_bytes(bytes)
}

/// A pattern for `LIKE … ESCAPE '!'` that finds `text` anywhere.
fn containing(text: &str) -> String {
    let escaped = text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

/// The event with this id.
pub fn find(tx: &mut ReadTx<'_>, id: Id<Event>) -> Result<Option<Event>, StoreError> {
    tx.find(concat!("SELECT ", shown!(), " FROM events WHERE id = $1"), &[id.into()])
}

macro_rules! inserted {
    ($unless:literal) => {
        concat!(
            "INSERT INTO events (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            $unless
        )
    };
}

/// Adds an event: called by the door, at the end of the transaction that it tells of.
pub(crate) fn insert(tx: &mut WriteTx<'_>, event: &Event) -> Result<(), StoreError> {
    tx.execute(inserted!(""), &values(event)).map(drop)
}

/// Adds an event that may be there already, because nobody knew whether an earlier try was committed.
pub(crate) fn insert_once(tx: &mut WriteTx<'_>, event: &Event) -> Result<(), StoreError> {
    tx.execute(inserted!(" ON CONFLICT DO NOTHING"), &values(event)).map(drop)
}

/// Takes the place of an event, in a transaction that is to be rolled back; answers whether it was free.
pub(crate) fn reserve(tx: &mut WriteTx<'_>, id: Id<Event>) -> Result<bool, StoreError> {
    let sql = "INSERT INTO events (id, at, actor, proof, action, outcome, reasons, request, count) \
               VALUES ($1, 0, '', '', '', '', '', '', 0) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, &[id.into()])? == 1)
}

/// Whether an event behind `from` waits for its number.
pub(crate) fn is_waiting(tx: &mut ReadTx<'_>, from: Id<Event>) -> Result<bool, StoreError> {
    tx.any("SELECT 1 FROM events WHERE number IS NULL AND id > $1 LIMIT 1", &[from.into()])
}

/// How many events get their numbers at once.
pub(crate) const BATCH: u64 = 500;
/// Before every event.
pub(crate) const FIRST: Id<Event> = Id::from_bytes([0; 16]);

/// Housekeeping: numbers the next events behind `from` that wait, in the order of their ids; answers how many. One alone
/// may do that at a time.
pub(crate) fn number(tx: &mut WriteTx<'_>, from: Id<Event>) -> Result<u64, StoreError> {
    let last = tx.find::<i64>("SELECT last FROM event_numbers", &[])?;
    let last = last.ok_or_else(|| StoreError::Unreadable { column: "event_numbers.last".to_owned() })?;
    let sql = "UPDATE events SET number = $1 + place FROM \
               (SELECT id AS waiting, row_number() OVER (ORDER BY id) AS place FROM \
               (SELECT id FROM events WHERE number IS NULL AND id > $2 ORDER BY id LIMIT 500) AS first) AS next \
               WHERE id = waiting";
    let numbered = tx.execute(sql, &[last.into(), from.into()])?;
    let last = last.saturating_add(i64::try_from(numbered).unwrap_or(i64::MAX));
    tx.execute("UPDATE event_numbers SET last = $1", &[last.into()])?;
    Ok(numbered)
}

fn values(event: &Event) -> [Value; 12] {
    let reasons = serde_json::to_string(&event.reasons).unwrap_or_else(|_| "[]".to_owned());
    [
        event.id.into(),
        event.at.into(),
        event.actor.as_str().into(),
        event.proof.as_str().into(),
        event.address.clone().into(),
        event.action.as_str().into(),
        event.resource.clone().into(),
        event.outcome.as_str().into(),
        reasons.into(),
        event.detail.as_ref().map(ToString::to_string).into(),
        event.request.as_str().into(),
        event.count.into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_place_in_the_order_of_ids() {
        let time = Time::from_micros(1_700_000_000_000_000);
        let id = Id::<Event>::new(time, &domain::FixedEntropy::new(3));
        assert!(first_id_at(time) <= id);
        assert!(first_id_at(Time::from_micros(time.micros() + 1_000)) > id);
    }
}
