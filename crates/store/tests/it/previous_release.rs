//! The release before goes on working on a database that this one has brought further: while replicas are replaced one by
//! one, both serve (docs/postgresql.md).
//!
//! `stories.jsonl` was written down while the suites of that release ran (schema 4, commit c4cf505): every statement of
//! its tables at least once, in stories that begin with an empty database, with the values that it was given and how many
//! rows it changed or answered. With a release, it is written down anew.

use crate::{
    cluster::Cluster,
    stage::{Stage, Wrong, operator, stages},
};
use doorward_store::{Ending, FromRow, Row, Sequencer, StoreError, Value};
use policy::{Installation, actions::CreateGroup};
use serde::Deserialize;
use serde_json::Value as Json;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const STORIES: &str = include_str!("previous_release/stories.jsonl");
const FEED: &str = include_str!("previous_release/feed.sql");

/// A statement of the release before, and what came of it.
#[derive(Deserialize)]
struct Said {
    story: usize,
    read: Option<String>,
    write: Option<String>,
    values: Vec<Json>,
    rows: u64,
}

/// A row whose columns nobody looks at.
struct Any;

impl FromRow for Any {
    fn from_row(_: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self)
    }
}

fn stories() -> Vec<Vec<Said>> {
    let mut stories = BTreeMap::<usize, Vec<Said>>::new();
    for said in STORIES.lines().map(|line| serde_json::from_str::<Said>(line).unwrap()) {
        stories.entry(said.story).or_default().push(said);
    }
    stories.into_values().collect()
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Number(number) => Value::Int(number.as_i64().unwrap()),
        Json::String(text) => Value::Text(text.clone()),
        other => Value::Bytes(bytes(other.get("hex").and_then(Json::as_str).unwrap())),
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// Statements are kept for as long as connections are.
fn kept(sql: &str) -> &'static str {
    Box::leak(sql.to_owned().into_boxed_str())
}

/// Says it again; answers how many rows it changed or answered.
async fn say(stage: &Stage, said: &Said) -> Result<u64, Wrong> {
    let values: Vec<Value> = said.values.iter().map(value).collect();
    if let Some(sql) = said.read.as_deref().map(kept) {
        let read = stage.door.read(operator(), values, |look, values| -> Result<_, Wrong> {
            Ok(look.list::<Any>(sql, &values)?.len())
        });
        return Ok(u64::try_from(read.await?).unwrap());
    }
    let sql = kept(said.write.as_deref().unwrap());
    let write = stage.door.write(operator(), values, |work, values| -> Result<_, Wrong> {
        let permit = work.permit::<CreateGroup>(&Installation)?;
        Ok(Ending::Housekeeping(work.change(&permit, sql, values)?))
    });
    write.await
}

#[tokio::test]
async fn all_that_the_release_before_says_to_its_database_is_still_understood() {
    let statements: BTreeSet<_> =
        stories().into_iter().flatten().map(|said| said.read.or(said.write)).collect();
    assert_eq!(statements.len(), 91);
    for story in stories() {
        for stage in stages() {
            for said in &story {
                let rows = say(&stage, said).await;
                let sql = said.read.as_ref().or(said.write.as_ref()).unwrap();
                assert_eq!(rows.unwrap(), said.rows, "{sql} on {}", stage.engine);
            }
            number(&stage).await;
        }
    }
}

/// What it adds to the log gets its number like all.
async fn number(stage: &Stage) {
    stage.clock.advance(Duration::from_secs(1));
    Sequencer::default().number(&stage.door).await.unwrap();
    let waiting = stage.see(|tx| tx.find::<i64>("SELECT count(*) FROM events WHERE number IS NULL", &[]));
    assert_eq!(waiting.await, Some(0), "{}", stage.engine);
}

#[tokio::test]
async fn what_the_release_before_tells_other_replicas_is_still_read() {
    let stage = Stage::on_postgresql();
    for statement in FEED.lines().filter(|line| !line.starts_with("--")) {
        Cluster::running().run(stage.database(), statement);
    }
}
