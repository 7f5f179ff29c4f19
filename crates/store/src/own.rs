//! What an embedding app does in the same transactions: tables of its own, with migrations of their own, and changes
//! to them.
//!
//! INVARIANT: a change takes a permit, as Doorward's own functions that write do.

use crate::{Door, Ending, Look, NotPermitted, ReadTx, StoreError, Value, Work, WriteTx};
use domain::Actor;
use policy::{Action, Permit, Resource};

/// A thing that is kept in a table.
pub trait Load: Resource + Sized {
    /// The one with this id.
    fn load(tx: &mut ReadTx<'_>, id: Self::Id) -> Result<Option<Self>, StoreError>;
}

/// It may not be done, or there is no such thing.
#[derive(Debug, thiserror::Error)]
pub enum NotAuthorized {
    /// There is no such thing.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The policy said no, or the database did not answer.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
}

impl From<StoreError> for NotAuthorized {
    fn from(error: StoreError) -> Self {
        Self::NotPermitted(error.into())
    }
}

/// The changes to the tables of one app, in order, each applied once; `{int}`, `{blob}` and `{strict}` stand for what
/// engines spell differently.
#[derive(Debug, Clone, Copy)]
pub struct Migrations {
    /// Whose they are: part of what is written down of them, so it must stay as it is.
    pub app: &'static str,
    /// The first, the second, and so on. One that was released is never edited.
    pub steps: &'static [&'static str],
}

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS app_migrations (app TEXT NOT NULL, step {int} NOT NULL, \
                      applied_at {int} NOT NULL, PRIMARY KEY (app, step)) {strict}";

impl<'c> Work<'_, 'c> {
    /// Changes a table of the app's own; answers how many rows. The permit says that it may, and `deed` will say
    /// that it was done.
    pub fn change<A: Action>(
        &mut self,
        _permit: &Permit<'c, A>,
        sql: &'static str,
        params: &[Value],
    ) -> Result<u64, StoreError> {
        self.execute(sql, params)
    }

    /// Loads the thing and asks the policy whether the actor may do `A` to it.
    pub fn authorize<A: Action<On: Load>>(
        &mut self,
        id: <A::On as Resource>::Id,
    ) -> Result<(A::On, Permit<'c, A>), NotAuthorized> {
        let thing = A::On::load(self, id)?.ok_or(NotAuthorized::NotFound(A::thing()))?;
        let permit = self.permit::<A>(&thing)?;
        Ok((thing, permit))
    }
}

impl<'c> Look<'_, 'c> {
    /// Loads the thing and asks the policy whether the actor may do `A` to it.
    pub fn authorize<A: Action<On: Load>>(
        &mut self,
        id: <A::On as Resource>::Id,
    ) -> Result<(A::On, Permit<'c, A>), NotAuthorized> {
        let thing = A::On::load(self, id)?.ok_or(NotAuthorized::NotFound(A::thing()))?;
        let permit = self.permit::<A>(&thing)?;
        Ok((thing, permit))
    }
}

impl Door {
    /// Applies what is missing of an app's migrations, all in one transaction. Tables that a newer app left behind are
    /// refused.
    pub async fn migrate(&self, own: Migrations) -> Result<(), StoreError> {
        let actor = Actor::system("start");
        self.write(&actor, own, |work, own| {
            apply(work, *own)?;
            Ok(Ending::Housekeeping(()))
        })
        .await
    }
}

/// Replicas that start at once take turns.
pub(crate) fn apply(tx: &mut WriteTx<'_>, own: Migrations) -> Result<(), StoreError> {
    tx.take_turn_with_replicas()?;
    tx.run_script(LEDGER)?;
    let newest = "SELECT coalesce(max(step), 0) FROM app_migrations WHERE app = $1";
    let found = tx.find::<i64>(newest, &[own.app.into()])?.unwrap_or(0);
    let known = i64::try_from(own.steps.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (step, text) in (1_i64..).zip(own.steps).filter(|(step, _)| *step > found) {
        tx.run_script(text)?;
        let entry = "INSERT INTO app_migrations (app, step, applied_at) VALUES ($1, $2, $3)";
        let now = tx.now();
        tx.execute(entry, &[own.app.into(), step.into(), now.into()])?;
    }
    Ok(())
}
