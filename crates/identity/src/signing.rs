//! The key that signs assertions to apps: kept sealed in the database, made at the first start. Replicas share it,
//! and the root keys that it is sealed with.

use crate::{Error, House};
use domain::Actor;
use policy::{Installation, actions::CreateSigningKey};
use store::{
    Ending,
    tables::{root_keys, signing_keys, signing_keys::SigningKeyRow},
};
use vault::SigningKey;

impl House {
    /// The key that signs assertions. A sealed key that this key ring cannot open is an error, not a reason to
    /// make another.
    pub async fn signing_key(&self) -> Result<SigningKey, Error> {
        let actor = Actor::system("start");
        let found =
            self.door.read(&actor, (), |look, ()| -> Result<_, Error> { Ok(signing_keys::live(look)?) });
        match found.await?.into_iter().next() {
            Some(row) => self.open_signing_key(&row),
            None => self.make_signing_key(&actor).await,
        }
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

    fn open_signing_key(&self, row: &SigningKeyRow) -> Result<SigningKey, Error> {
        SigningKey::from_sealed(&self.ring, &row.sealed).map_err(|_| unfit())
    }

    async fn make_signing_key(&self, actor: &Actor) -> Result<SigningKey, Error> {
        let key = SigningKey::generate();
        let row = SigningKeyRow {
            id: key.kid().to_owned(),
            sealed: key.to_sealed(&self.ring, self.door.entropy()),
            public_jwk: key.public_jwk().to_string(),
            created_at: self.now(),
        };
        let write = self.door.write(actor, row, |work, row| -> Result<_, Error> {
            // Another replica that starts at this moment may have been first.
            if let Some(row) = signing_keys::live(work)?.into_iter().next() {
                return Ok(Ending::Housekeeping(Some(row)));
            }
            let permit = work.permit::<CreateSigningKey>(&Installation)?;
            signing_keys::insert(work, &permit, row)?;
            let deed = work.deed(permit).about(&row.id);
            Ok(Ending::Done(None, deed))
        });
        match write.await? {
            Some(row) => self.open_signing_key(&row),
            None => Ok(key),
        }
    }
}

fn unfit() -> Error {
    Error::Refused("the key file does not belong to this database: put the right one back".to_owned())
}
