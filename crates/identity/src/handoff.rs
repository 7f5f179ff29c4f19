//! From a sign-in at the home host to a session at an app's host: a code is issued, and exchanged (`security.md` 1).

use crate::{
    Error, House, SignedIn,
    apps::hours_of,
    sign_in::{Visitor, begin_session},
};
use domain::{Actor, App, HostName, Id, Origin, Proof, Session, SessionState, Time, Who};
use policy::{Action as _, AppHost, Denied, Hint, Permit, Reason, actions::OpenApp};
use std::time::Duration;
use store::{
    Ending, ReadTx,
    tables::{
        apps, handoffs,
        handoffs::Handoff,
        sessions::{self},
        users,
    },
};
use vault::{CodeSecret, Purpose};

/// How long a code is good: as long as a redirect takes, and a slow phone.
const CODE_LIFE: Duration = Duration::from_mins(1);

/// What a code is to be bound to.
#[derive(Debug, Clone)]
pub struct HandOff {
    /// The app that is to be opened.
    pub app: Id<App>,
    /// The origin that it is to be opened at.
    pub origin: Origin,
    /// The digest of the nonce that the browser which started holds.
    pub challenge: [u8; 32],
}

/// What comes back to the app's host.
pub struct Exchange {
    /// The code.
    pub code: CodeSecret,
    /// The nonce that the browser kept.
    pub nonce: [u8; 32],
    /// The app whose host it came to.
    pub app: Id<App>,
    /// The origin that it came to.
    pub origin: Origin,
    /// Which browser.
    pub visitor: Visitor,
}

/// The digest of a nonce, which may travel through the home host.
pub fn challenge(house: &House, nonce: &[u8; 32]) -> [u8; 32] {
    house.digest(Purpose::Start, nonce).bytes
}

/// Issues a code for whom the policy lets open the app. A code alone opens nothing, so it leaves no event: the
/// exchange does.
pub async fn hand_off(house: &House, actor: &Actor, input: HandOff) -> Result<CodeSecret, Error> {
    let Proof::Session(session) = actor.proof else { return Err(Error::HandoffInvalid) };
    let code = CodeSecret::generate(house.door.entropy());
    let digest = house.digest(Purpose::Code, code.bytes());
    let home = house.settings.home.clone();
    let issue = house.door.write(actor, (input, home), move |work, (input, home)| -> Result<_, Error> {
        let app = app_at(work, input.app, &input.origin, home)?;
        let permit = work.permit::<OpenApp>(&host(&app))?;
        recently_proved(work, &app, session)?;
        let HandOff { challenge, app, origin } = input.clone();
        let expires_at = work.now().plus(CODE_LIFE);
        handoffs::insert(work, &permit, &digest, &Handoff { challenge, app, origin, session, expires_at })?;
        Ok(Ending::Housekeeping(()))
    });
    match issue.await {
        // The policy's own denials are recorded where they are made.
        Err(Error::Denied(denied)) if denied.hint == Hint::ProveAgain => {
            house.door.record_refusal(actor, &denied);
            Err(Error::Denied(denied))
        }
        issued => issued.map(|()| code),
    }
}

/// Exchanges a code for a session of that app's origin alone. One of any number of tries wins, and only in the
/// browser that started.
pub async fn exchange(house: &House, actor: &Actor, input: Exchange) -> Result<SignedIn, Error> {
    house.has_room_for_sessions().await?;
    let digests = house.digests(Purpose::Code, input.code.bytes());
    let bound = (digests.clone(), challenge(house, &input.nonce));
    let found = house.door.read(actor, bound, |look, (digests, challenge)| -> Result<_, Error> {
        let Some(handoff) = handoffs::find(look, &digests, &challenge)? else { return Ok(None) };
        Ok(sessions::find(look, handoff.session)?.map(|root| (handoff, root)))
    });
    let (handoff, root) = found.await?.ok_or(Error::HandoffInvalid)?;
    if handoff.app != input.app || handoff.origin != input.origin {
        return Err(Error::HandoffInvalid);
    }
    let fresh = house.fresh_secret();
    let digest = fresh.row;
    // From here on it is the person of the home session who acts.
    let actor = Actor { who: Who::User(root.user), proof: Proof::Session(root.id), ..actor.clone() };
    let (life, home) = (house.settings.sessions, house.settings.home.clone());
    let facts = (handoff, root, input.visitor, digests, home);
    let begun = house.door.write(&actor, facts, move |work, (handoff, root, visitor, digests, home)| {
        let app = app_at(work, handoff.app, &handoff.origin, home)?;
        let permit = work.permit::<OpenApp>(&host(&app))?;
        if !handoffs::spend(work, &permit, digests)? {
            return Err(Error::HandoffInvalid);
        }
        let mut session = begin_session(work, root.user, &handoff.origin, (visitor, &life));
        session.root = Some(root.id);
        session.app = Some(handoff.app);
        session.state = no_longer_than(session.state, last_moment(work, &app, root)?);
        insert_at(work, &permit, &session, &digest)?;
        let user = users::find(work, root.user)?.ok_or(Error::HandoffInvalid)?;
        Ok(Ending::Done((user, session), work.deed(permit)))
    });
    let (user, session) = begun.await?;
    let secret = house.hold(fresh, &session).await?;
    Ok(SignedIn { user, session, secret })
}

fn insert_at<'c>(
    work: &mut store::WriteTx<'c>,
    permit: &Permit<'c, OpenApp>,
    session: &Session,
    digest: &store::tables::StoredDigest,
) -> Result<(), Error> {
    Ok(sessions::insert(work, permit, session, digest)?)
}

/// The app, if the origin is one of its hosts': origins come only from the app table (`security.md` 2).
fn app_at(tx: &mut ReadTx<'_>, id: Id<App>, origin: &Origin, home: &Origin) -> Result<App, Error> {
    let app = apps::find(tx, id)?.ok_or(Error::NotFound("app"))?;
    let is_its = home.at(origin.host()) == *origin && owner_of(tx, origin.host(), home)? == Some(id);
    if is_its { Ok(app) } else { Err(Error::NotFound("app")) }
}

/// The app that a host leads to: its own, else that of the wildcard above it; the home host leads to none.
fn owner_of(tx: &mut ReadTx<'_>, host: &str, home: &Origin) -> Result<Option<Id<App>>, Error> {
    let Ok(name) = host.parse::<HostName>() else { return Ok(None) };
    if host == home.host() || host.starts_with('*') {
        return Ok(None);
    }
    let exact = apps::find_host(tx, &name)?;
    let above = host.split_once('.').map(|(_, parent)| HostName::from_stored(format!("*.{parent}")));
    match (exact, above) {
        (None, Some(wildcard)) => Ok(apps::find_host(tx, &wildcard)?),
        (exact, _) => Ok(exact),
    }
}

/// The app as whoever signs in there meets it. Whom a rule lets in may sign in, too: the gateway decides on each path.
fn host(app: &App) -> AppHost {
    AppHost { id: app.id, access: app.widest_access() }
}

/// That the person of a home session proved who they are as lately as the app asks for; else they are asked again,
/// as for what takes a recent proof.
fn recently_proved(tx: &mut ReadTx<'_>, app: &App, session: Id<Session>) -> Result<(), Error> {
    let Some(hours) = app.gate.sign_in_hours else { return Ok(()) };
    let proved_at = sessions::proved_at(tx, session)?.ok_or(Error::HandoffInvalid)?;
    if tx.now() < proved_at.plus(hours_of(hours)) {
        return Ok(());
    }
    let text = format!("the app asks for a proof of who one is every {hours} hours");
    Err(Error::Denied(Denied {
        action: OpenApp::NAME,
        resource: Some(app.id.to_string()),
        reasons: vec![Reason { policy: String::new(), text }],
        hint: Hint::ProveAgain,
    }))
}

/// When a session at the app ends however much it is used: with the home session that it came from, and when the
/// proof of who the person is gets older than the app lets it.
fn last_moment(tx: &mut ReadTx<'_>, app: &App, root: &Session) -> Result<Option<Time>, Error> {
    let ends_with_root = match root.state {
        SessionState::Live { ends_at, .. } => Some(ends_at),
        SessionState::Ended { .. } => None,
    };
    let Some(hours) = app.gate.sign_in_hours else { return Ok(ends_with_root) };
    let proved_at = sessions::proved_at(tx, root.id)?.ok_or(Error::HandoffInvalid)?;
    let proof_ages = proved_at.plus(hours_of(hours));
    Ok(Some(ends_with_root.map_or(proof_ages, |end| end.min(proof_ages))))
}

/// The same session, ended by `last`.
fn no_longer_than(state: SessionState, last: Option<Time>) -> SessionState {
    match (state, last) {
        (SessionState::Live { expires_at, ends_at }, Some(last)) => {
            SessionState::Live { expires_at: expires_at.min(last), ends_at: ends_at.min(last) }
        }
        (state, _) => state,
    }
}
