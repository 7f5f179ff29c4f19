//! How engines run the lists: each by an index, in the order of the index.

use crate::{
    cluster::Cluster,
    people::everyone,
    stage::{Stage, operator},
};
use domain::{Outcome, Role};
use doorward_store::{
    Sequencer,
    tables::{
        apps,
        events::{self, EventFilter},
        groups, sessions, tokens, users,
    },
};
use policy::actions::{ListApps, ListEvents, ListGroups, ListSessions, ListTokens, ListUsers, ShowGroup};
use std::{
    collections::BTreeSet,
    fmt::Debug,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// The lists that the whole suite has run: each paged statement ends in `LIMIT`.
static LISTS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Gathers the statements that the store says it runs.
struct Statements;

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "doorward_store::sql"
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Self);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Visit for Statements {
    fn record_str(&mut self, _: &Field, sql: &str) {
        if sql.contains(" LIMIT ") {
            LISTS.lock().unwrap_or_else(PoisonError::into_inner).insert(sql.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// Runs every list of the store, in each of its forms.
async fn run_every_list(stage: &Stage) {
    let ada = stage.account("ada", Role::Member).await;
    let home = stage.sign_in(&ada).await;
    let notes = stage.app("notes", everyone()).await;
    let family = stage.group("family").await;
    let members =
        stage.show::<ShowGroup, _>(operator(), family, |look, permit| groups::members(look, permit, 9));
    members.await.unwrap();
    stage.list::<ListUsers, _>(operator(), |tx, all| users::list(tx, all, None, 9)).await.unwrap();
    stage.list::<ListGroups, _>(operator(), |tx, all| groups::list(tx, all, None, 9)).await.unwrap();
    stage.list::<ListApps, _>(operator(), |tx, all| apps::list(tx, all, None, 9)).await.unwrap();
    for actor in [operator(), &home.actor] {
        let listed = stage.list::<ListTokens, _>(actor, |tx, some| tokens::list(tx, some, None, (None, 9)));
        listed.await.unwrap();
        let listed =
            stage.list::<ListSessions, _>(actor, |tx, some| sessions::list(tx, some, None, (None, 9)));
        listed.await.unwrap();
    }
    for filter in filters() {
        let listed =
            stage.list::<ListEvents, _>(operator(), move |tx, all| events::list(tx, all, &filter, (None, 9)));
        listed.await.unwrap();
    }
    Sequencer::default().number(&stage.door).await.unwrap();
    stage.door.take_duty("mail", Duration::from_secs(1)).await.unwrap();
    let others = stage.see(move |tx| {
        sessions::find_child(tx, home.session.id, notes.id)?;
        users::has_other_administrator(tx, ada.id)?;
        users::administrators(tx)
    });
    others.await;
}

fn filters() -> [EventFilter; 5] {
    let text = || Some("text".to_owned());
    [
        EventFilter { actor: text(), ..EventFilter::default() },
        EventFilter { action: text(), ..EventFilter::default() },
        EventFilter { resource: text(), ..EventFilter::default() },
        EventFilter { outcome: Some(Outcome::Done), ..EventFilter::default() },
        EventFilter::default(),
    ]
}

/// The steps of a plan that are not good: good ones search an index, and give its rows in its order, or go on with rows that
/// were found so. Of the index
/// of administrators, which is as short as their number, every row may be read.
fn faults(connection: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3)).map(Result::unwrap);
    let gathered =
        ["SCALAR SUBQUERY", "CO-ROUTINE ", "MATERIALIZE ", "SCAN first", "SCAN next", "SCAN (subquery"];
    let good = |step: &str| {
        step.starts_with("SEARCH")
            || step.contains("users_administrators")
            || gathered.iter().any(|kind| step.starts_with(kind))
    };
    steps.filter(|step| !good(step)).map(|step| format!("{step}: {sql}")).collect()
}

/// The same of PostgreSQL's plan for whatever values, which is made while nothing but an index is cheap.
fn faults_on_postgresql(stage: &Stage, sql: &str) -> Vec<String> {
    let numbers = (1..).take_while(|number| sql.contains(&format!("${number}")));
    let values = numbers.map(|_| "NULL").collect::<Vec<_>>().join(", ");
    let values = if values.is_empty() { values } else { format!("({values})") };
    let steps = Cluster::running().plan(stage.database(), sql, &values);
    let bad = |step: &String| ["Seq Scan", "Sort"].iter().any(|kind| step.contains(kind));
    steps.into_iter().filter(bad).map(|step| format!("{step}: {sql}")).collect()
}

#[tokio::test]
async fn every_list_is_read_from_an_index_in_its_order() {
    tracing::subscriber::set_global_default(Statements).unwrap();
    let stage = Stage::on_sqlite();
    run_every_list(&stage).await;
    let connection = rusqlite::Connection::open(stage.path()).unwrap();
    let lists = LISTS.lock().unwrap().clone();
    assert!(lists.len() >= 16, "only {} lists were seen", lists.len());
    // Rows are locked where others write at the same time, which with a file nobody does.
    let here = lists.iter().filter(|sql| !sql.contains("FOR UPDATE"));
    let faults: Vec<_> = here.flat_map(|sql| faults(&connection, sql)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let stage = Stage::on_postgresql();
    let faults: Vec<_> = lists.iter().flat_map(|sql| faults_on_postgresql(&stage, sql)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
