//! Signing in with a password, and proving again who one is.

use crate::{Error, House, naming};
use domain::{Actor, Id, Origin, Proof, Session, SessionState, User, Who, settings::SessionLife};
use limits::{Admitted, Attempt, Network};
use policy::{
    Installation,
    actions::{ProveAgain, SignIn},
};
use std::net::{IpAddr, Ipv4Addr};
use store::{
    Ending, Failure, Work,
    tables::{sessions, users, users::PasswordRow},
};
use vault::{Lane, Password, PasswordHash, Purpose, SessionSecret, Verdict};

/// What a device's cookie is bound to beside its key.
const DEVICE: &[u8] = b"device";
const LONGEST_AGENT: usize = 200;

/// Which browser asks.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// What it calls itself.
    pub agent: String,
    /// Where it is.
    pub address: Option<IpAddr>,
}

/// What a person types to sign in, and what their browser remembers.
pub struct Credentials {
    /// An e-mail address or a handle.
    pub identifier: String,
    /// The password.
    pub password: Password,
    /// The cookie by which the browser proves that it signed in before.
    pub device: Option<String>,
    /// Which browser.
    pub visitor: Visitor,
}

/// A session that has begun, with the secret that its cookie carries.
pub struct SignedIn {
    /// Whose it is.
    pub user: User,
    /// The session.
    pub session: Session,
    /// What the cookie carries; not kept anywhere.
    pub secret: SessionSecret,
}

/// Signs in at the home host. Known and unknown accounts cost the same work and give the same answer; a failure
/// takes the same time whatever it was (`security.md` 22).
pub async fn sign_in(house: &House, actor: &Actor, input: Credentials) -> Result<SignedIn, Error> {
    let floor = tokio::time::sleep(house.settings.failure_floor);
    let outcome = try_sign_in(house, actor, input).await;
    house.sign_in_counts.count(&outcome);
    if let Err(Error::InvalidCredentials) = &outcome {
        floor.await;
    }
    outcome
}

async fn try_sign_in(house: &House, actor: &Actor, input: Credentials) -> Result<SignedIn, Error> {
    house.has_room_for_sessions().await?;
    let known = find_account(house, actor, input.identifier.clone()).await?;
    let attempt = attempt(house, actor, &input, known.as_ref());
    let admitted = house.sign_ins.admit(&attempt, house.now()).await.inspect_err(|_| {
        house.door.record_failure(actor, failure(known.as_ref(), "too many tries"));
    })?;
    let lane = if attempt.known_device { Lane::Known } else { Lane::Stranger };
    let verdict = check(house, lane, input.password.clone(), known.as_ref().map(|(_, row)| row)).await;
    let verdict = match verdict {
        Ok(verdict) => verdict,
        Err(error) => {
            house.sign_ins.untried(admitted, &attempt).await;
            return Err(error);
        }
    };
    let (Some((user, row)), Verdict::Right { rehash }) = (known.as_ref(), verdict) else {
        house.sign_ins.failed(admitted, &attempt, house.now()).await;
        let reason = if known.is_some() { "wrong password" } else { "no such account" };
        house.door.record_failure(actor, failure(known.as_ref(), reason));
        return Err(Error::InvalidCredentials);
    };
    let begun = begin(house, actor, (user.id, row.version), input.visitor).await;
    settle(house, (admitted, &attempt), &begun).await;
    let signed_in = begun?;
    if rehash {
        store_rehash(house, actor, row.clone(), input.password).await?;
    }
    Ok(signed_in)
}

/// Says how a try ended whose password was right. An owner whom the house could not let in has not failed.
async fn settle(house: &House, (admitted, attempt): (Admitted, &Attempt), begun: &Result<SignedIn, Error>) {
    match begun {
        Ok(_) => house.sign_ins.succeeded(admitted, attempt).await,
        Err(Error::InvalidCredentials) => house.sign_ins.failed(admitted, attempt, house.now()).await,
        Err(_) => house.sign_ins.untried(admitted, attempt).await,
    }
}

/// The value of the cookie by which a browser proves that `user` signed in with it before.
pub fn device_cookie(house: &House, user: Id<User>) -> String {
    let sealed = house.ring.seal(Purpose::Device, DEVICE, user.bytes(), house.door.entropy());
    base64(&sealed)
}

/// Proves again who the person of a session is, with their password: for what asks for a recent proof.
pub async fn prove_again(house: &House, actor: &Actor, password: Password) -> Result<(), Error> {
    let (Who::User(user), Proof::Session(session)) = (actor.who, actor.proof) else {
        return Err(Error::NotFound("session"));
    };
    let version = check_own_password(house, actor, user, password).await?;
    let prove = house.door.write(actor, (user, version), move |work, (user, version)| -> Result<_, Error> {
        still_the_password(work, *user, *version)?;
        let session = sessions::find(work, session)?.ok_or(Error::NotFound("session"))?;
        let permit = work.permit::<ProveAgain>(&session)?;
        sessions::prove(work, &permit, &session)?;
        Ok(Ending::Done((), work.deed(permit)))
    });
    prove.await
}

/// Checks the password of who acts, under the same limits as a sign-in; answers its version.
pub(crate) async fn check_own_password(
    house: &House,
    actor: &Actor,
    user: Id<User>,
    password: Password,
) -> Result<i64, Error> {
    let read = house
        .door
        .read(actor, user, |look, user| -> Result<_, Error> { Ok(users::find_own_password(look, user)?) });
    let row = read.await?.ok_or(Error::NotFound("account"))?;
    let identifier = house.digest(Purpose::SignInName, user.bytes()).bytes;
    let attempt = Attempt { identifier, network: network(actor), known_device: true };
    let admitted = house.sign_ins.admit(&attempt, house.now()).await?;
    match check(house, Lane::Known, password, Some(&row)).await {
        Err(error) => {
            house.sign_ins.untried(admitted, &attempt).await;
            Err(error)
        }
        Ok(Verdict::Right { .. }) => {
            house.sign_ins.succeeded(admitted, &attempt).await;
            Ok(row.version)
        }
        Ok(Verdict::Wrong) => {
            house.sign_ins.failed(admitted, &attempt, house.now()).await;
            house.door.record_failure(actor, Failure::of::<ProveAgain>("wrong password").about(user));
            Err(Error::WrongPassword)
        }
    }
}

/// What was checked outside the transaction must still be so inside it (`security.md` 13).
pub(crate) fn still_the_password(work: &mut Work<'_, '_>, user: Id<User>, version: i64) -> Result<(), Error> {
    match users::find_own_password(work, user)? {
        Some(row) if row.version == version => Ok(()),
        _ => Err(Error::WrongPassword),
    }
}

/// A session that begins now at `origin`.
pub(crate) fn begin_session(
    work: &Work<'_, '_>,
    user: Id<User>,
    origin: &Origin,
    (visitor, life): (&Visitor, &SessionLife),
) -> Session {
    let now = work.now();
    Session {
        id: work.new_id(),
        user,
        root: None,
        app: None,
        origin: origin.clone(),
        created_at: now,
        used_at: now,
        address: visitor.address,
        agent: visitor.agent.chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect(),
        state: SessionState::begin(now, life),
    }
}

type Known = (User, PasswordRow);

async fn find_account(house: &House, actor: &Actor, identifier: String) -> Result<Option<Known>, Error> {
    let read = house.door.read(actor, identifier, |look, identifier| -> Result<_, Error> {
        let Some(user) = naming::find_user(look, identifier.trim())? else { return Ok(None) };
        Ok(users::find_own_password(look, user.id)?.map(|row| (user, row)))
    });
    read.await
}

/// What is counted is what was typed, whether or not an account has it: the count tells nothing.
fn attempt(house: &House, actor: &Actor, input: &Credentials, known: Option<&Known>) -> Attempt {
    let typed = input.identifier.trim().to_lowercase();
    let device = input.device.as_deref().and_then(|cookie| device_user(house, cookie));
    Attempt {
        identifier: house.digest(Purpose::SignInName, typed.as_bytes()).bytes,
        network: network(actor),
        known_device: known.is_some_and(|(user, _)| device == Some(user.id)),
    }
}

fn device_user(house: &House, cookie: &str) -> Option<Id<User>> {
    let sealed = unbase64(cookie)?;
    let plain = house.ring.open(Purpose::Device, DEVICE, &sealed).ok()?;
    plain.as_slice().try_into().ok().map(Id::from_bytes)
}

/// A client without an address comes over the socket: it is one network.
pub(crate) fn network(actor: &Actor) -> Network {
    Network::of(actor.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
}

pub(crate) async fn check(
    house: &House,
    lane: Lane,
    password: Password,
    row: Option<&PasswordRow>,
) -> Result<Verdict, Error> {
    // A stored hash that cannot be read is no reason to tell its account from others.
    let against = row.and_then(|row| PasswordHash::from_stored(row.hash.clone()).ok());
    Ok(house.hashers.verify(lane, password, against).await?)
}

async fn begin(
    house: &House,
    actor: &Actor,
    checked: (Id<User>, i64),
    visitor: Visitor,
) -> Result<SignedIn, Error> {
    let fresh = house.fresh_secret();
    let digest = fresh.row;
    let (life, home) = (house.settings.sessions, house.settings.home.clone());
    let input = (checked, visitor, home);
    let write =
        house.door.write(actor, input, move |work, ((id, version), visitor, home)| -> Result<_, Error> {
            let user = users::find(work, *id)?.ok_or(Error::InvalidCredentials)?;
            let fails = |reason| Failure::of::<SignIn>(reason).about(user.id).by(Who::User(user.id));
            if user.disabled_at.is_some() {
                return Ok(Ending::Refused(Error::InvalidCredentials, fails("the account is shut")));
            }
            if still_the_password(work, *id, *version).is_err() {
                return Ok(Ending::Refused(
                    Error::InvalidCredentials,
                    fails("the password was changed meanwhile"),
                ));
            }
            let permit = work.permit::<SignIn>(&Installation)?;
            let session = begin_session(work, user.id, home, (visitor, &life));
            sessions::insert(work, &permit, &session, &digest)?;
            let deed = work.deed(permit).about(session.id).by(Who::User(user.id));
            Ok(Ending::Done((user, session), deed))
        });
    let (user, session) = write.await?;
    let secret = house.hold(fresh, &session).await?;
    Ok(SignedIn { user, session, secret })
}

/// Keeps the password hashed at today's cost, unless it was changed meanwhile.
pub(crate) async fn store_rehash(
    house: &House,
    actor: &Actor,
    row: PasswordRow,
    password: Password,
) -> Result<(), Error> {
    let hash = house.hashers.hash(Lane::Known, password).await?;
    let write = house.door.write(actor, (row, hash), |work, (row, hash)| -> Result<_, Error> {
        users::rehash(work, row, hash.as_str())?;
        Ok(Ending::Housekeeping(()))
    });
    write.await
}

fn failure(known: Option<&Known>, reason: &str) -> Failure {
    let failure = Failure::of::<SignIn>(reason);
    match known {
        Some((user, _)) => failure.about(user.id),
        None => failure,
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(bytes)
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.decode(text).ok()
}
