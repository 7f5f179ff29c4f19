//! The keys that sign assertions to apps: kept sealed in the database, the first made at the first start. Replicas share
//! them, and the root keys that they are sealed with.
//!
//! A key is exchanged after a quarter of a year. The next one is listed for a while before it signs, and the one before for
//! a while after, so that whoever verifies knows both; in between each replica reads the list again.

use crate::{Error, House};
use access::{ListedKey, SigningKeys};
use domain::Actor;
use policy::{Installation, actions::CreateSigningKey};
use std::time::Duration;
use store::{
    Ending, Work,
    tables::{
        duties::{self, Lease},
        root_keys, signing_keys,
        signing_keys::SigningKeyRow,
    },
};
use vault::SigningKey;

/// How long a key is the newest.
const EXCHANGED_AFTER: Duration = Duration::from_hours(90 * 24);
/// How long replicas of a release that knows of no exchange may serve beside newer ones.
const UPGRADED_WITHIN: Duration = Duration::from_hours(7 * 24);
/// The duty of exchanging them, how often it is looked at, and for how long a replica has it.
const EXCHANGE: &str = "signing keys";
const LOOKED_AT_EVERY: Duration = Duration::from_hours(1);
const LEASE: Duration = Duration::from_mins(1);

impl House {
    /// The keys that sign assertions. A sealed key that this key ring cannot open is an error, not a reason to
    /// make another.
    pub async fn signing_keys(&self) -> Result<SigningKeys, Error> {
        let actor = Actor::system("start");
        let found =
            self.door.read(&actor, (), |look, ()| -> Result<_, Error> { Ok(signing_keys::live(look)?) });
        let mut rows = found.await?;
        if rows.is_empty() {
            rows = self.make_first_key(&actor).await?;
        }
        let mut keys =
            rows.iter().map(|row| self.open_signing_key(row)).collect::<Result<Vec<_>, _>>()?.into_iter();
        Ok(SigningKeys::new(keys.next().ok_or_else(unfit)?, keys.collect()))
    }

    /// Makes the next key where it is time, and forgets those whose time is over, unless another replica does; answers
    /// whether it was this one that looked.
    pub async fn exchange_signing_keys(&self) -> Result<bool, Error> {
        let Some(lease) = self.door.take_duty(EXCHANGE, LEASE).await? else { return Ok(false) };
        let exchanged = self.exchange_under(lease.clone()).await;
        if exchanged.is_err() {
            self.door.fail_duty(lease).await?;
        }
        exchanged.map(|()| true)
    }

    /// Compares the root keys with those that the database was first opened with. Other keys are an error, and
    /// nothing is done with them (`security.md` 18).
    pub async fn compare_root_keys(&self) -> Result<(), Error> {
        let (actor, own) = (Actor::system("start"), self.ring.fingerprint());
        let write = self.door.write(&actor, own.clone(), |work, own| -> Result<_, Error> {
            Ok(Ending::Housekeeping(root_keys::remember(work, own)?))
        });
        if write.await? == own { Ok(()) } else { Err(unfit()) }
    }

    fn open_signing_key(&self, row: &SigningKeyRow) -> Result<ListedKey, Error> {
        let key = SigningKey::from_sealed(&self.ring, &row.sealed).map_err(|_| unfit())?;
        Ok(ListedKey { key, since: row.created_at })
    }

    fn fresh_key(&self) -> SigningKeyRow {
        let key = SigningKey::generate();
        SigningKeyRow {
            id: key.kid().to_owned(),
            sealed: key.to_sealed(&self.ring, self.door.entropy()),
            public_jwk: key.public_jwk().to_string(),
            created_at: self.now(),
        }
    }

    async fn make_first_key(&self, actor: &Actor) -> Result<Vec<SigningKeyRow>, Error> {
        let write = self.door.write(actor, self.fresh_key(), |work, row| -> Result<_, Error> {
            // Another replica that starts at this moment may have been first.
            let there = signing_keys::live(work)?;
            if there.is_empty() {
                keep(work, row, vec![row.clone()])
            } else {
                Ok(Ending::Housekeeping(there))
            }
        });
        write.await
    }

    async fn exchange_under(&self, lease: Lease) -> Result<(), Error> {
        let actor = Actor::system("signing keys");
        let made = self.door.write(
            &actor,
            (self.fresh_key(), lease.clone()),
            |work, (row, lease)| -> Result<_, Error> {
                duties::hold(work, lease, LEASE)?;
                let newest = signing_keys::live(work)?.into_iter().next();
                let before = work.now().minus(UPGRADED_WITHIN);
                let all_know = signing_keys::are_exchanged_since(work, before)?;
                let is_due =
                    newest.is_some_and(|newest| newest.created_at.plus(EXCHANGED_AFTER) <= work.now());
                if is_due && all_know { keep(work, row, ()) } else { Ok(Ending::Housekeeping(())) }
            },
        );
        made.await?;
        let retired = self.door.write(&actor, lease, |work, lease| -> Result<_, Error> {
            let (now, live) = (work.now(), signing_keys::live(work)?);
            for (next, row) in live.iter().zip(live.iter().skip(1)) {
                if SigningKeys::may_go_at(next.created_at) <= now {
                    signing_keys::retire(work, &row.id)?;
                }
            }
            duties::defer(work, lease, now.plus(LOOKED_AT_EVERY))?;
            Ok(Ending::Housekeeping(()))
        });
        retired.await
    }
}

/// Keeps a fresh key.
fn keep<T>(work: &mut Work<'_, '_>, row: &SigningKeyRow, output: T) -> Result<Ending<T, Error>, Error> {
    let permit = work.permit::<CreateSigningKey>(&Installation)?;
    signing_keys::insert(work, &permit, row)?;
    let deed = work.deed(permit).about(&row.id);
    Ok(Ending::Done(output, deed))
}

fn unfit() -> Error {
    Error::Refused("the key file does not belong to this database: put the right one back".to_owned())
}
