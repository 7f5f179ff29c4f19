//! Moving an installation from one database to another: all its tables, verified, before anything is switched.
//!
//! INVARIANT: at no moment can both databases be served, nor neither be freed. The source is marked as leaving, and nothing
//! is written to it from then on; the whole copy is one transaction in a target that is marked as arriving; only when
//! it is verified and committed is the source marked as gone, and only then is the target freed. Whoever is stopped in
//! between runs it again.

mod cancel;
mod deed;
mod digest;
mod file;
mod mark;
mod others;
mod plan;
mod server;
mod side;

pub use cancel::Cancel;
pub use digest::Summary;
pub(crate) use file::mark as mark_of_file;
use mark::Setting;
pub use mark::{Mark, MoveState};
pub(crate) use server::mark as mark_of_server;

use crate::{Deed, Migrations, PostgresAddress, StoreError, postgresql, sqlite};
use domain::{Clock, Entropy};
use plan::{Pair, Tables};
use policy::{Denied, Permit, Policy, actions::MoveInstallation};
use serde_json::json;
use side::{Side, digest_of};
use std::{borrow::Cow, fmt, path::PathBuf};

/// A database that an installation is in, or moves to.
#[derive(Debug, Clone)]
pub enum Place {
    /// A file of SQLite's. Nobody else has it open: whoever moves it holds the lock of its folder.
    File(PathBuf),
    /// A PostgreSQL server's.
    Server(PostgresAddress),
}

impl fmt::Display for Place {
    /// Without a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(address) => address.fmt(f),
        }
    }
}

/// Why an installation was not moved. What was there is there still.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// One of the databases did not answer, or may not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The policy said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A table cannot be held by the other engine as it is.
    #[error("table `{table}` cannot be moved exactly: {why}")]
    Inexact {
        /// The table.
        table: String,
        /// What stands against it.
        why: Cow<'static, str>,
    },
    /// Something is there already.
    #[error("table `{table}` of the database to move to holds something: name an empty one")]
    NotEmpty {
        /// The table.
        table: String,
    },
    /// An installation has left it, or is about to.
    #[error(
        "`{to}` is where an installation was moved from, and keeps what it was: name an empty database or folder"
    )]
    Left {
        /// The target.
        to: String,
    },
    /// Another source is on its way there.
    #[error(
        "another installation is on its way to `{to}`, from `{from}`: run that move to its end, or name an empty \
         database"
    )]
    Another {
        /// The target.
        to: String,
        /// Where the other one comes from.
        from: String,
    },
    /// The copy is not what it was made of.
    #[error("table `{table}` is not the same at both sides: {from} there, {to} here")]
    Differs {
        /// The table.
        table: String,
        /// Rows and digest at the source.
        from: String,
        /// Rows and digest at the target.
        to: String,
    },
    /// The installation was made with other root keys than those that were named.
    #[error("the installation is made with other root keys: name its root-key file")]
    OtherKeys,
    /// Somebody is connected to the source who may go on serving from it.
    #[error(
        "others are connected to the database to move from, and may go on reading it when the installation is gone: {}. \
         Stop replicas of older releases and other programs first; where the address sets an `application_name` of its \
         own, take that out or stop those replicas, too",
        .0.join(", ")
    )]
    Strangers(Vec<String>),
    /// Another move has one of the databases.
    #[error("another `doorward db move` is at work on `{0}`")]
    Busy(String),
    /// A source is gone, and it is not known that its target never will be served.
    #[error(
        "the installation is marked as moved to `{place}`: it is given back only if that has not wholly arrived, and {why}. \
         Name it by `--to`; if it is lost for good, and is served nowhere and never will be, add `--target-is-lost`: two \
         that are served are two installations, and what is revoked at one opens the other"
    )]
    Unasked {
        /// The target, as the source names it.
        place: String,
        /// Why that is not known.
        why: String,
    },
    /// The database that is named as the target is there, and no target of this move.
    #[error(
        "the installation is marked as moved to `{place}`, and the database that is named knows nothing of that: name the \
         right one by `--to`; if the target is lost for good, name none, and vouch for that by `--target-is-lost`"
    )]
    Unknown {
        /// The target, as the source names it.
        place: String,
    },
    /// There is no move to be given up.
    #[error("no move from here is under way")]
    NoMove,
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<postgres::Error> for Failed {
    fn from(error: postgres::Error) -> Self {
        Self::Store(error.into())
    }
}

/// How a move ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The installation is at the target now; these are its tables.
    Moved(Vec<Summary>),
    /// It was there already.
    AlreadyThere,
}

/// A move from one database to another.
pub struct Move<'m> {
    /// Where the installation is.
    pub from: Place,
    /// Where it is to be.
    pub to: Place,
    /// The tables of an app, which are made at the target as Doorward's are.
    pub own: &'m [Migrations],
    /// That of the installation's root keys.
    pub fingerprint: String,
    /// Decides whether whoever holds the data directory may do that.
    pub policy: &'m Policy,
    /// Tells the time.
    pub clock: &'m dyn Clock,
    /// Gives randomness.
    pub entropy: &'m dyn Entropy,
}

/// What is told of each table, with its number among so many, when it has been copied and verified.
pub type Progress<'p> = dyn FnMut(&Summary, usize, usize) + Send + 'p;

impl Move<'_> {
    /// Moves the installation, or goes on with a move that broke off; comes back when that is done.
    pub fn run(&self, told: &mut Progress<'_>) -> Result<Outcome, Failed> {
        alone(|| self.begin(told))
    }

    fn begin(&self, told: &mut Progress<'_>) -> Result<Outcome, Failed> {
        let permit = deed::permit(self.policy)?;
        let mut from = claimed(Side::source(&self.from)?, &self.from)?;
        if let Some(left) = from.mark()?.filter(|mark| mark.state == MoveState::Gone) {
            return match find_mark(&self.to)?.filter(|mark| mark.is_of(&left)).map(|mark| mark.state) {
                Some(MoveState::Arriving) => self.free(&mut from, (&left, permit), told),
                Some(MoveState::Arrived) => Ok(Outcome::AlreadyThere),
                _ => Err(StoreError::Moved(left).into()),
            };
        }
        refuse(from.mark()?, MoveState::Leaving)?;
        among_ours(&mut from)?;
        let now = self.clock.now();
        from.prepare(self.own, now, self.entropy)?;
        if from.remember_key(&self.fingerprint, now, self.entropy)? != self.fingerprint {
            return Err(Failed::OtherKeys);
        }
        let mut to = claimed(Side::target(&self.to)?, &self.to)?;
        let tables = (from.tables()?, self.prepare(&mut to, from.mark()?)?);
        let pairs = plan::pairs(&tables.0, &tables.1)?;
        let mark = Mark::fresh(MoveState::Leaving, &self.to, self.entropy);
        self.set(&mut to, (None, Some(&mark.beside(MoveState::Arriving, &self.from))), &tables.1)?;
        self.set(&mut from, (None, Some(&mark)), &tables.0)?;
        let copied = copy(&mut from, &mut to, &tables.1, (&pairs, told))
            .and_then(|summaries| among_ours(&mut from).map(|()| summaries));
        let summaries = match copied {
            Ok(summaries) => summaries,
            Err(failed) => {
                // Nothing was switched, so whoever serves from here may go on. If it cannot be freed now, `cancel` can.
                from.end_reading().ok();
                self.set(&mut from, (Some(&mark), None), &tables.0).ok();
                return Err(failed);
            }
        };
        let gone = mark.beside(MoveState::Gone, &self.to);
        self.set(&mut from, (Some(&mark), Some(&gone)), &tables.0)?;
        self.arrive((&mut from, &mut to), &tables.1, (&gone, permit))?;
        Ok(Outcome::Moved(summaries))
    }

    /// Frees the target when everybody has left the source, and writes into its log how the installation came there.
    /// SECURITY: whoever was held up here may find that the move was given up meanwhile.
    fn arrive(
        &self,
        (from, to): (&mut Side, &mut Side),
        tables: &Tables,
        (left, permit): (&Mark, Permit<'_, MoveInstallation>),
    ) -> Result<(), StoreError> {
        from.dismiss()?;
        if from.mark()?.as_ref() != Some(left) {
            return Err(StoreError::Overtaken);
        }
        let now = self.clock.now();
        let [before, after] = [&self.from, &self.to].map(|place| json!({ "database": place.to_string() }));
        let event = deed::event(Deed::of(permit).change(before, after), left, (now, self.entropy));
        let [before, mark] =
            [MoveState::Arriving, MoveState::Arrived].map(|state| left.beside(state, &self.from));
        let (before, mark, event, entropy) = (Some(&before), Some(&mark), Some(&event), self.entropy);
        to.set_mark(&Setting { before, mark, event, now, entropy }, tables)
    }

    /// Sets a mark, or takes it away, where that is no end of the move.
    fn set(
        &self,
        side: &mut Side,
        (before, mark): (Option<&Mark>, Option<&Mark>),
        tables: &Tables,
    ) -> Result<(), StoreError> {
        let (now, entropy) = (self.clock.now(), self.entropy);
        side.set_mark(&Setting { before, mark, event: None, now, entropy }, tables)
    }

    /// Makes the tables of the target, which holds nothing but what an earlier try of this source's has left.
    fn prepare(&self, to: &mut Side, left: Option<Mark>) -> Result<Tables, Failed> {
        match to.mark()? {
            Some(mark) if mark.state == MoveState::Arriving => {
                if !left.is_some_and(|left| left.is_of(&mark)) && !self.is_own(&mark, to)? {
                    return Err(Failed::Another { to: self.to.to_string(), from: mark.place });
                }
            }
            Some(mark) if !mark.is_served() => return Err(Failed::Left { to: self.to.to_string() }),
            _ => {
                let tables = to.tables()?;
                if let Some(table) = plan::find_used(to, &tables)? {
                    return Err(Failed::NotEmpty { table });
                }
            }
        }
        to.prepare(self.own, self.clock.now(), self.entropy)?;
        to.tables()
    }

    /// Whether a target was being filled from this source, which has forgotten that. Other sources may be called the
    /// same, on another machine; they have other root keys.
    fn is_own(&self, mark: &Mark, to: &mut Side) -> Result<bool, StoreError> {
        Ok(mark.place == self.from.to_string() && to.key()?.is_none_or(|key| key == self.fingerprint))
    }

    /// Ends a move that broke off when the source was marked as gone already, and the target not yet freed.
    fn free(
        &self,
        from: &mut Side,
        (left, permit): (&Mark, Permit<'_, MoveInstallation>),
        told: &mut Progress<'_>,
    ) -> Result<Outcome, Failed> {
        let mut to = claimed(Side::target(&self.to)?, &self.to)?;
        let tables = (from.tables()?, to.tables()?);
        let pairs = plan::pairs(&tables.0, &tables.1)?;
        let mut summaries = Vec::with_capacity(pairs.len());
        for pair in &pairs {
            let there = from.summary(&pair.from)?;
            summaries.push(same(there, to.summary(&pair.to)?)?);
            tell(told, &summaries, &pairs);
        }
        among_ours(from)?;
        self.arrive((from, &mut to), &tables.1, (left, permit))?;
        Ok(Outcome::Moved(summaries))
    }
}

/// The mark that a move has left in a database; nothing is made or changed.
pub fn find_mark(place: &Place) -> Result<Option<Mark>, StoreError> {
    match place {
        Place::File(path) if !path.exists() => Ok(None),
        Place::File(path) => file::mark(&sqlite::peek(path)?),
        Place::Server(address) => postgresql::apart(address, server::mark),
    }
}

/// On a thread of its own: a server's client panics on one of tokio's.
fn alone<T: Send>(act: impl FnOnce() -> Result<T, Failed> + Send) -> Result<T, Failed> {
    std::thread::scope(|scope| scope.spawn(act).join().unwrap_or(Err(StoreError::Panicked.into())))
}

fn claimed(mut side: Side, place: &Place) -> Result<Side, Failed> {
    if side.claim()? { Ok(side) } else { Err(Failed::Busy(place.to_string())) }
}

/// Refuses to leave a database to which somebody is connected who may not heed that.
fn among_ours(from: &mut Side) -> Result<(), Failed> {
    let strangers = from.strangers()?;
    if strangers.is_empty() { Ok(()) } else { Err(Failed::Strangers(strangers)) }
}

/// Refuses a database that has a part in another move, unless it is this one.
fn refuse(mark: Option<Mark>, fitting: MoveState) -> Result<(), StoreError> {
    if mark.as_ref().is_some_and(|mark| mark.state == fitting) { Ok(()) } else { Mark::admit(mark) }
}

/// Copies every table and reads it back, in one transaction of the target's, which is kept if all is the same.
fn copy(
    from: &mut Side,
    to: &mut Side,
    tables: &Tables,
    (pairs, told): (&[Pair], &mut Progress<'_>),
) -> Result<Vec<Summary>, Failed> {
    from.begin_reading()?;
    let counters = from.counters(
        &pairs.iter().map(|pair| (pair.from.name.to_ascii_lowercase(), pair.from.clone())).collect(),
    )?;
    to.begin_copy(tables)?;
    let mut summaries = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let there = copy_table(from, to, pair)?;
        summaries.push(same(there, to.summary(&pair.to)?)?);
        tell(told, &summaries, pairs);
    }
    to.end_copy(tables, &counters)?;
    from.end_reading()?;
    Ok(summaries)
}

fn copy_table(from: &mut Side, to: &mut Side, pair: &Pair) -> Result<Summary, Failed> {
    let mut digest = digest_of(&pair.from);
    let mut sink = to.sink(&pair.to)?;
    from.each(&pair.from, &mut |row| {
        digest.add(row);
        sink.put(row).map_err(|error| of_table(error, &pair.from.name))
    })?;
    sink.finish()?;
    Ok(digest.end(&pair.from.name.to_ascii_lowercase()))
}

fn of_table(error: StoreError, table: &str) -> Failed {
    match error {
        StoreError::Nul => plan::inexact(table, "a text holds a NUL, which PostgreSQL cannot hold"),
        other => other.into(),
    }
}

fn same(from: Summary, to: Summary) -> Result<Summary, Failed> {
    if from == to {
        return Ok(to);
    }
    let said = |summary: &Summary| format!("{} rows, {}", summary.rows, summary.digest);
    Err(Failed::Differs { from: said(&from), to: said(&to), table: from.table })
}

fn tell(told: &mut Progress<'_>, summaries: &[Summary], pairs: &[Pair]) {
    if let Some(summary) = summaries.last() {
        told(summary, summaries.len(), pairs.len());
    }
}
