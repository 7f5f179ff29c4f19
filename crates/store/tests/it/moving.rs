//! Moves from one engine to the other and back: what arrives, who may write meanwhile, and moves that break off.

use crate::{
    cluster::Cluster,
    people::everyone,
    stage::{START, Stage, Wrong, operator, parts, system},
};
use domain::{FixedClock, FixedEntropy, Role, SystemEntropy};
use doorward_store::{
    Door, Ending, Migrations, StoreError,
    moving::{Cancel, Failed, Mark, Move, MoveState, Outcome, Place, Progress, Summary, find_mark},
    tables::users,
};
use policy::{Policy, actions::CreateGroup};
use rusqlite::Connection;
use std::{num::NonZeroUsize, panic::resume_unwind, path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::task::JoinSet;

const THINGS: Migrations = Migrations {
    app: "things",
    steps: &[
        "CREATE TABLE things (id {int} NOT NULL, part TEXT NOT NULL, data {blob}, word TEXT, number {int}, \
              PRIMARY KEY (part, id)) {strict}; CREATE TABLE notes (word TEXT, number {int});",
    ],
};

const NASTY: &str = "INSERT INTO things (id, part, data, word, number) VALUES
    (-9223372036854775808, '', x'', '', 9223372036854775807),
    (9223372036854775807, '', NULL, NULL, NULL),
    (0, 'a', x'00ff00', 'quote '' and \\ and \"', 0),
    (1, 'a', x'5c', E'line', -1);";

/// Takes a move's last step back at the target.
const UNFREED: &str =
    "UPDATE moves SET state = 'arriving'; DELETE FROM events WHERE action = 'installation:move';";

/// Somewhere that nothing is yet.
pub(crate) struct Target {
    pub(crate) place: Place,
    pub(crate) name: Option<String>,
    folder: TempDir,
    opened: u64,
}

impl Target {
    pub(crate) fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { place: Place::File(folder.path().join("doorward.db")), name: None, folder, opened: 0 }
    }

    pub(crate) fn server() -> Self {
        let (name, folder) = (Cluster::running().database(), tempfile::tempdir().unwrap());
        Self { place: Place::Server(Cluster::running().address(&name)), name: Some(name), folder, opened: 0 }
    }

    /// For each direction, a source with people and an app's nasty rows, and a target of the other engine.
    async fn and_sources() -> [(Self, Self); 2] {
        let mut sources = [(Self::file(), Self::server()), (Self::server(), Self::file())];
        for (source, _) in &mut sources {
            source.furnish().await;
        }
        sources
    }

    async fn furnish(&mut self) {
        let stage = self.stage();
        stage.door.migrate(THINGS).await.unwrap();
        let (ada, ben) = (stage.account("ada", Role::Admin).await, stage.account("ben", Role::Member).await);
        let (signed_in, app) = (stage.sign_in(&ada).await, stage.app("notes", everyone()).await);
        stage.open(&signed_in, &app).await;
        stage.sign_in(&ben).await;
        self.close(stage);
        self.run(&NASTY.replace("x'", if self.name.is_some() { "'\\x" } else { "x'" }).replace("E'", "'"));
        let words = ["z", "é", "漢字", "\u{10ffff}", "Z", "a\u{301}", "null", " "];
        for (number, word) in words.into_iter().enumerate() {
            self.run(&format!("INSERT INTO things (id, part, word) VALUES ({number}, '{word}', '{word}')"));
            self.run(&format!("INSERT INTO notes (word, number) VALUES ('{word}', NULL), (NULL, {number})"));
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("doorward.db")
    }

    fn run(&self, sql: &str) {
        match &self.name {
            Some(name) => Cluster::running().run(name, sql),
            None => Connection::open(self.path()).unwrap().execute_batch(sql).unwrap(),
        }
    }

    /// The first column of what a statement answers.
    fn texts(&self, sql: &str) -> Vec<String> {
        if let Some(name) = &self.name {
            return Cluster::running().texts(name, sql);
        }
        let file = Connection::open(self.path()).unwrap();
        let mut statement = file.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// The number of the move that has left a mark here.
    fn mark(&self) -> String {
        self.texts("SELECT id FROM moves").remove(0)
    }

    /// What the log says of each deed of this name, in their order.
    fn changes(&self, action: &str) -> Vec<String> {
        self.texts(&format!("SELECT detail FROM events WHERE action = '{action}' ORDER BY id"))
    }

    /// A stage on it; the folder goes along.
    fn stage(&mut self) -> Stage {
        let stage = match (&self.name, &self.place) {
            (Some(name), Place::Server(address)) => Stage::on_postgresql_at(name, address.clone()),
            _ => Stage::on_sqlite_in(std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())),
        };
        // Ids are made of the time and of numbers that are the same in every stage.
        self.opened += 1;
        stage.clock.advance(Duration::from_hours(self.opened));
        stage
    }

    fn close(&mut self, stage: Stage) {
        if self.name.is_none() {
            self.folder = stage.close().1;
        }
    }

    pub(crate) fn open(&self) -> Result<Door, StoreError> {
        let clock = Arc::new(FixedClock::at(START));
        match &self.place {
            Place::File(path) => Door::open_sqlite(path, 1, parts(&clock)),
            Place::Server(address) => {
                Door::open_postgres(address, NonZeroUsize::new(2).unwrap(), parts(&clock))
            }
        }
    }

    pub(crate) fn state(&self) -> Option<MoveState> {
        find_mark(&self.place).unwrap().map(|mark| mark.state)
    }

    /// What it says of itself when it is opened.
    pub(crate) fn refusal(&self) -> Option<MoveState> {
        match self.open() {
            Err(StoreError::Moved(mark)) => Some(mark.state),
            Err(other) => panic!("{other}"),
            Ok(_) => None,
        }
    }
}

fn moved_with(
    (from, to): (&Target, &Target),
    (own, fingerprint): (&[Migrations], &str),
    told: &mut Progress<'_>,
) -> Result<Outcome, Failed> {
    let clock = FixedClock::at(START);
    let entropy = FixedEntropy::new(u64::from(from.name.is_some()) + 3);
    let (from, to, fingerprint) = (from.place.clone(), to.place.clone(), fingerprint.to_owned());
    let policy = &Policy::builtin().unwrap();
    Move { from, to, own, fingerprint, policy, clock: &clock, entropy: &entropy }.run(told)
}

pub(crate) fn moved(from: &Target, to: &Target) -> Result<Outcome, Failed> {
    moved_with((from, to), (&[THINGS], "print"), &mut |_, _, _| ())
}

pub(crate) fn summaries(outcome: Result<Outcome, Failed>) -> Vec<Summary> {
    match outcome.unwrap() {
        Outcome::Moved(summaries) => summaries,
        Outcome::AlreadyThere => panic!("it was there already"),
    }
}

/// Gives a move up; `to` is asked, or vouched to be lost.
fn cancelled(from: &Target, to: Option<&Target>, lost: bool) -> Result<Mark, Failed> {
    let to = to.map(|to| to.place.clone());
    let (policy, clock, entropy) = (&Policy::builtin().unwrap(), &FixedClock::at(START), &SystemEntropy);
    Cancel { from: from.place.clone(), to, lost, policy, clock, entropy }.run()
}

fn cancel(from: &Target) -> Result<Mark, Failed> {
    cancelled(from, None, false)
}

/// A move whose process dies after so many tables.
pub(crate) fn killed_after(tables: usize, from: &Target, to: &Target) {
    let died = moved_with((from, to), (&[THINGS], "print"), &mut |_, number, _| {
        if number == tables {
            resume_unwind(Box::new("killed"));
        }
    });
    assert!(matches!(died, Err(Failed::Store(StoreError::Panicked))), "{died:?}");
}

/// What equal digests are asked of there and back: each move is an event at its end.
fn but_events(summaries: &[Summary]) -> Vec<&Summary> {
    summaries.iter().filter(|summary| summary.table != "events").collect()
}

#[tokio::test]
async fn everything_arrives_there_and_back_with_equal_digests() {
    for (mut from, mut to) in Target::and_sources().await {
        let mut told = Vec::new();
        let there = moved_with((&from, &to), (&[THINGS], "print"), &mut |summary, number, all| {
            told.push((summary.clone(), number, all));
        });
        let there = summaries(there);
        assert_eq!(told.iter().map(|(summary, ..)| summary.clone()).collect::<Vec<_>>(), there);
        assert!(
            told.iter()
                .zip(1..)
                .all(|((_, number, all), expected)| (*number, *all) == (expected, there.len()))
        );
        let rows =
            |table: &str| there.iter().find(|summary| summary.table == table).map(|summary| summary.rows);
        assert_eq!((rows("things"), rows("notes"), rows("users")), (Some(12), Some(16), Some(2)));
        assert_eq!((rows("root_keys"), rows("touches"), rows("moves")), (Some(1), None, None));
        assert_eq!((from.refusal(), to.state()), (Some(MoveState::Gone), Some(MoveState::Arrived)));
        assert_eq!(moved(&from, &to).unwrap(), Outcome::AlreadyThere);
        let stage = to.stage();
        assert_eq!(stage.story().await.len(), 7, "the log has come along, and says that it has");
        to.close(stage);
        from = if from.name.is_some() { Target::server() } else { Target::file() };
        let back = summaries(moved(&to, &from));
        assert_eq!(but_events(&back), but_events(&there));
        let stage = from.stage();
        let told = stage.story().await;
        let moves = told.iter().filter(|event| event.contains("local operator installation:move"));
        assert_eq!((told.len(), moves.count()), (8, 2), "{told:?}");
        from.close(stage);
    }
}

#[tokio::test]
async fn a_move_that_broke_off_is_run_again_from_any_table() {
    for (from, to) in Target::and_sources().await {
        for tables in [1, 7, 19] {
            killed_after(tables, &from, &to);
            assert_eq!((from.refusal(), to.refusal()), (Some(MoveState::Leaving), Some(MoveState::Arriving)));
        }
        assert!(!summaries(moved(&from, &to)).is_empty());
        assert_eq!((from.refusal(), to.refusal()), (Some(MoveState::Gone), None));
    }
}

#[tokio::test]
async fn a_move_that_broke_off_before_its_last_step_only_takes_that() {
    for (from, to) in Target::and_sources().await {
        let first = summaries(moved(&from, &to));
        to.run(UNFREED);
        assert_eq!((from.refusal(), to.refusal()), (Some(MoveState::Gone), Some(MoveState::Arriving)));
        assert_eq!(summaries(moved(&from, &to)), first);
        assert_eq!((from.refusal(), to.refusal()), (Some(MoveState::Gone), None));
        let elsewhere = if to.name.is_some() { Target::server() } else { Target::file() };
        assert!(matches!(moved(&from, &elsewhere), Err(Failed::Store(StoreError::Moved(_)))));
        assert_eq!(elsewhere.state(), None);
    }
}

#[tokio::test]
async fn a_move_that_is_given_up_leaves_the_source_as_it_was() {
    for (mut from, to) in Target::and_sources().await {
        assert!(matches!(cancel(&from), Err(Failed::NoMove)));
        killed_after(3, &from, &to);
        let mark: Mark = cancel(&from).unwrap();
        assert_eq!((mark.place, from.state()), (to.place.to_string(), None));
        let stage = from.stage();
        let told = stage.story().await;
        assert!(
            told.iter().any(|event| event.contains("local operator installation:cancel_move")),
            "{told:?}"
        );
        stage.account("grace", Role::Member).await;
        from.close(stage);
        assert_eq!(to.refusal(), Some(MoveState::Arriving));
        let users =
            summaries(moved(&from, &to)).into_iter().find(|summary| summary.table == "users").unwrap();
        assert_eq!(users.rows, 3, "what was written since has come along");
        assert!(matches!(cancel(&from), Err(Failed::Unasked { .. })));
        for lost in [false, true] {
            let refused = cancelled(&from, Some(&to), lost);
            assert!(matches!(refused, Err(Failed::Store(StoreError::Moved(_)))), "it has arrived");
        }
    }
}

#[tokio::test]
async fn what_another_source_has_brought_is_left_alone() {
    for (first, to) in Target::and_sources().await {
        let second = if first.name.is_some() { Target::server() } else { Target::file() };
        drop(second.open().unwrap());
        let arrived = summaries(moved(&first, &to));
        to.run(UNFREED);
        let move_second = || moved_with((&second, &to), (&[THINGS], "other"), &mut |_, _, _| ());
        let refused = move_second();
        assert!(matches!(&refused, Err(Failed::Another { from, .. }) if *from == first.place.to_string()));
        // One that is called the same, on another machine.
        to.run(&format!("UPDATE moves SET place = '{}'", second.place));
        assert!(matches!(move_second(), Err(Failed::Another { .. })));
        assert_eq!((second.state(), summaries(moved(&first, &to))), (None, arrived));
    }
}

#[tokio::test]
async fn a_source_that_is_gone_is_given_back_if_its_target_has_not_arrived_or_is_lost() {
    for (from, to) in Target::and_sources().await {
        let elsewhere = if to.name.is_some() { Target::server() } else { Target::file() };
        summaries(moved(&from, &to));
        to.run(UNFREED);
        drop(elsewhere.open().unwrap());
        for asked in [None, Some(&elsewhere)] {
            let refused = cancelled(&from, asked, false).unwrap_err().to_string();
            assert!(
                refused.contains("--target-is-lost") && refused.contains(&to.place.to_string()),
                "{refused}"
            );
            assert_eq!(from.refusal(), Some(MoveState::Gone));
        }
        cancelled(&from, Some(&to), false).unwrap();
        assert_eq!((from.refusal(), to.refusal()), (None, Some(MoveState::Arriving)));
        summaries(moved(&from, &to));
        let refused = cancelled(&from, Some(&elsewhere), true);
        assert!(matches!(refused, Err(Failed::Unknown { .. })), "what answers is not lost: {refused:?}");
        let mark = cancelled(&from, None, true).unwrap();
        assert_eq!((mark.state, from.refusal()), (MoveState::Gone, None));
        let mut told = from.changes("installation:cancel_move");
        told.sort();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].contains(r#""target":"given up""#) && told[1].contains("said to be lost"),
            "{told:?}"
        );
    }
}

/// A move that is held up before its last step, while somebody gives it up.
#[tokio::test]
async fn a_move_that_was_given_up_meanwhile_frees_nothing() {
    for (from, to) in Target::and_sources().await {
        summaries(moved(&from, &to));
        to.run(UNFREED);
        let gone = from.mark();
        let overtaken = moved_with((&from, &to), (&[THINGS], "print"), &mut |_, number, all| {
            if number == all {
                to.run("UPDATE moves SET id = 'given up by another'");
            }
        });
        assert!(matches!(overtaken, Err(Failed::Store(StoreError::Overtaken))), "{overtaken:?}");
        assert_eq!((from.refusal(), to.refusal()), (Some(MoveState::Gone), Some(MoveState::Arriving)));
        to.run(&format!("UPDATE moves SET id = '{gone}'"));
        let freed = moved_with((&from, &to), (&[THINGS], "print"), &mut |_, number, all| {
            if number == all {
                from.run("DELETE FROM moves");
            }
        });
        assert!(matches!(freed, Err(Failed::Store(StoreError::Overtaken))), "{freed:?}");
        assert_eq!((from.refusal(), to.refusal()), (None, Some(MoveState::Arriving)));
        assert!(to.changes("installation:move").is_empty(), "what has not arrived is not told of");
    }
}

#[tokio::test]
async fn a_move_whose_target_is_held_is_not_given_up() {
    let (from, to) = (Target::file(), Target::server());
    drop(from.open().unwrap());
    summaries(moved(&from, &to));
    to.run(UNFREED);
    Cluster::running().with(to.name.as_deref().unwrap(), |held| {
        let lock = i64::from_be_bytes(*b"doormove");
        held.execute("SELECT pg_advisory_lock($1)", &[&lock]).unwrap();
        let busy = cancelled(&from, Some(&to), true);
        assert!(matches!(busy, Err(Failed::Busy(_))), "{busy:?}");
    });
    assert_eq!(from.refusal(), Some(MoveState::Gone));
    cancelled(&from, Some(&to), false).unwrap();
    assert_eq!((from.refusal(), to.refusal()), (None, Some(MoveState::Arriving)));
    // Whoever broke off between the two marks goes on.
    let left = to.mark().replace(", given up", "");
    from.run(&format!("INSERT INTO moves (id, state, place, at) VALUES ('{left}', 'gone', 'there', 0)"));
    cancelled(&from, Some(&to), false).unwrap();
    assert_eq!(from.refusal(), None);
}

#[tokio::test]
async fn what_the_policy_denies_is_not_begun() {
    let (from, to) = (Target::file(), Target::file());
    drop(from.open().unwrap());
    let (policy, clock, entropy) =
        (&Policy::danger_nothing_allowed(), &FixedClock::at(START), &SystemEntropy);
    let (source, target) = (from.place.clone(), to.place.clone());
    let journey = Move {
        from: source.clone(),
        to: target,
        own: &[],
        fingerprint: "print".to_owned(),
        policy,
        clock,
        entropy,
    };
    assert!(matches!(journey.run(&mut |_, _, _| ()), Err(Failed::Denied(_))));
    let cancel = Cancel { from: source, to: None, lost: true, policy, clock, entropy };
    assert!(matches!(cancel.run(), Err(Failed::Denied(_))));
    assert_eq!((from.state(), to.state()), (None, None));
}

#[tokio::test]
async fn replicas_write_nothing_while_it_leaves_and_read_nothing_when_it_is_gone() {
    let (mut from, to) = (Target::server(), Target::file());
    from.furnish().await;
    let stage = from.stage();
    killed_after(5, &from, &to);
    let grace = stage.user("grace", Role::Member);
    let id = grace.id;
    let write = |user: domain::User| {
        stage.door.write(operator(), user, |work, user| -> Result<_, Wrong> {
            let permit = work.permit::<policy::actions::CreateUser>(&policy::Installation)?;
            users::insert(work, &permit, user, "hash")?;
            Ok(Ending::Done((), work.deed(permit)))
        })
    };
    let refused = write(grace.clone()).await;
    assert!(
        matches!(&refused, Err(Wrong::Store(error @ StoreError::Moved(_))) if error.is_passing()),
        "{refused:?}"
    );
    assert!(stage.see(move |tx| users::find(tx, id)).await.is_none());
    moved(&from, &to).unwrap();
    let look =
        stage.door.read(system(), (), move |look, ()| -> Result<_, StoreError> { users::find(look, id) });
    assert!(matches!(look.await, Err(StoreError::Moved(_))));
    assert!(write(grace).await.is_err() && !stage.door.is_fed());
}

#[tokio::test]
async fn a_writer_that_is_at_work_is_waited_for_and_comes_along() {
    let (mut from, to) = (Target::server(), Target::file());
    from.furnish().await;
    let stage = Arc::new(from.stage());
    let (begun, has_begun) = std::sync::mpsc::channel();
    let writer = Arc::clone(&stage);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { writer.group_slowly(begun).await });
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    let groups = tokio::task::spawn_blocking(move || summaries(moved(&from, &to))).await.unwrap();
    tasks.join_all().await;
    let groups = groups.into_iter().find(|summary| summary.table == "groups").unwrap();
    assert_eq!(groups.rows, 1);
}

impl Stage {
    /// Makes a group, and takes its time between the statement and the commit.
    async fn group_slowly(&self, begun: std::sync::mpsc::Sender<()>) {
        let group = domain::Group { id: self.id(), name: "slow".parse().unwrap(), created_at: START };
        let made = self.deed::<CreateGroup, _>(operator(), policy::Installation, move |work, permit| {
            doorward_store::tables::groups::insert(work, permit, &group)?;
            begun.send(()).ok();
            std::thread::sleep(Duration::from_millis(700));
            Ok(())
        });
        made.await.unwrap();
    }
}

#[tokio::test]
async fn what_cannot_be_moved_exactly_is_refused_and_the_source_goes_on() {
    let cases = [
        (
            "CREATE TABLE strangers (id INTEGER PRIMARY KEY)",
            "`strangers` cannot be moved exactly: this program",
        ),
        ("CREATE VIRTUAL TABLE words USING fts5(word)", "it is a virtual table"),
        ("ALTER TABLE things ADD COLUMN weight REAL", "column `weight` is of a type"),
        ("ALTER TABLE things ADD COLUMN more TEXT", "`things` cannot be moved exactly: its columns"),
        (
            "CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM things; END",
            "`notes` cannot be moved exactly: it has triggers",
        ),
        (
            "INSERT INTO notes (word) VALUES (CAST(x'610062' AS TEXT))",
            "`notes` cannot be moved exactly: a text holds a NUL",
        ),
        ("INSERT INTO notes (word) VALUES (CAST(x'ff' AS TEXT))", "column `word` holds"),
        ("INSERT INTO notes (number) VALUES (0.5)", "column `number` holds"),
        ("INSERT INTO notes (number) VALUES ('three')", "does not fit"),
    ];
    for (change, why) in cases {
        let (mut from, to) = (Target::file(), Target::server());
        from.furnish().await;
        from.run(change);
        let failed = moved(&from, &to).unwrap_err().to_string();
        assert!(failed.contains(why), "{change}: {failed}");
        assert_eq!(from.refusal(), None, "{change}");
    }
}

#[tokio::test]
async fn a_target_that_holds_something_and_other_keys_are_refused() {
    for (mut from, mut to) in Target::and_sources().await {
        let stage = to.stage();
        stage.account("eve", Role::Admin).await;
        to.close(stage);
        assert!(matches!(moved(&from, &to), Err(Failed::NotEmpty { table }) if table == "events"));
        let empty = if to.name.is_some() { Target::server() } else { Target::file() };
        summaries(moved(&from, &empty));
        from = if from.name.is_some() { Target::server() } else { Target::file() };
        let other = moved_with((&empty, &from), (&[THINGS], "other"), &mut |_, _, _| ());
        assert!(matches!(other, Err(Failed::OtherKeys)));
        assert_eq!((from.state(), empty.refusal()), (None, None));
    }
}

#[tokio::test]
async fn numbers_that_are_handed_out_go_on_behind_the_last_one() {
    let file = "CREATE TABLE counted (n INTEGER PRIMARY KEY AUTOINCREMENT, word TEXT)";
    let server = "CREATE TABLE counted (n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word TEXT)";
    let add =
        "INSERT INTO counted (word) VALUES ('one'), ('two'), ('three'); DELETE FROM counted WHERE n > 1;";
    for (from, to) in Target::and_sources().await {
        for place in [&from, &to] {
            drop(place.open().unwrap());
            place.run(if place.name.is_some() { server } else { file });
        }
        from.run(add);
        summaries(moved(&from, &to));
        to.run("INSERT INTO counted (word) VALUES ('four')");
        to.run("CREATE TABLE seen (n BIGINT CHECK (n = 4)); INSERT INTO seen SELECT max(n) FROM counted;");
    }
}
