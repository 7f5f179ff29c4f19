//! The key that signs assertions to apps: kept sealed in the database, made at the first start.

use crate::{Error, House};
use domain::Actor;
use policy::{Installation, actions::CreateSigningKey};
use store::{
    Ending,
    tables::{signing_keys, signing_keys::SigningKeyRow},
};
use vault::SigningKey;

impl House {
    /// The key that signs assertions. A sealed key that this key ring cannot open is an error, not a reason to
    /// make another.
    pub async fn signing_key(&self) -> Result<SigningKey, Error> {
        let actor = Actor::system("start");
        let found =
            self.door.read(&actor, (), |look, ()| -> Result<_, Error> { Ok(signing_keys::live(look)?) });
        if let Some(row) = found.await?.into_iter().next() {
            return SigningKey::from_sealed(&self.ring, &row.sealed).map_err(|_| {
                Error::Refused(
                    "the key file does not belong to this database: put the right one back".to_owned(),
                )
            });
        }
        self.make_signing_key(&actor).await
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
            let permit = work.permit::<CreateSigningKey>(&Installation)?;
            signing_keys::insert(work, &permit, row)?;
            let deed = work.deed(permit).about(&row.id);
            Ok(Ending::Done((), deed))
        });
        write.await?;
        Ok(key)
    }
}
