//! Who and what is on a stage: accounts, sign-ins, tokens, groups and apps.

use crate::stage::{Stage, operator, stranger};
use domain::{
    Actor, ApiToken, App, AppAccess, Clock, Group, Origin, Proof, Role, Scope, Session, SessionState, User,
    Who, settings::SessionLife,
};
use doorward_store::tables::{
    StoredDigest, apps, groups, handoffs, handoffs::Handoff, installation, sessions, tokens, users,
};
use policy::{
    AppHost, Installation,
    actions::{CreateApp, CreateGroup, CreateSetupLink, CreateToken, CreateUser, OpenApp, SignIn},
};
use std::time::Duration;

/// How long sessions live here.
pub(crate) const LIFE: SessionLife =
    SessionLife { idle: Duration::from_hours(24), longest: Duration::from_hours(30 * 24) };

pub(crate) fn home() -> Origin {
    "http://localhost:8080".parse().unwrap()
}

/// Somebody who is signed in.
pub(crate) struct SignedIn {
    pub(crate) session: Session,
    pub(crate) digest: StoredDigest,
    pub(crate) actor: Actor,
}

pub(crate) fn by_session(session: &Session) -> Actor {
    let (who, proof) = (Who::User(session.user), Proof::Session(session.id));
    Actor { who, proof, address: None, request: "test".into() }
}

pub(crate) fn by_token(token: &ApiToken) -> Actor {
    let (who, proof) = (Who::User(token.owner), Proof::Token(token.id));
    Actor { who, proof, address: None, request: "test".into() }
}

impl Stage {
    /// A row that is not written yet.
    pub(crate) fn user(&self, handle: &str, role: Role) -> User {
        User {
            id: self.id(),
            handle: handle.parse().unwrap(),
            name: handle.parse().unwrap(),
            email: format!("{handle}@example.org").parse().unwrap(),
            email_verified: true,
            role,
            created_at: self.clock.now(),
            disabled_at: None,
        }
    }

    pub(crate) async fn account(&self, handle: &str, role: Role) -> User {
        let user = self.user(handle, role);
        let row = user.clone();
        let made = self.deed::<CreateUser, _>(operator(), Installation, move |work, permit| {
            users::insert(work, permit, &row, "hash")
        });
        made.await.unwrap();
        user
    }

    /// A session at the home host that is not written yet.
    pub(crate) fn session(&self, user: &User) -> Session {
        let id = self.id();
        let now = self.clock.now();
        Session {
            id,
            user: user.id,
            root: None,
            app: None,
            origin: home(),
            created_at: now,
            used_at: now,
            address: "192.0.2.1".parse().ok(),
            agent: "Browser".to_owned(),
            state: SessionState::begin(now, &LIFE),
        }
    }

    pub(crate) async fn sign_in(&self, user: &User) -> SignedIn {
        let (session, digest) = (self.session(user), self.digest());
        let row = session.clone();
        let begun = self.deed::<SignIn, _>(stranger(), Installation, move |work, permit| {
            sessions::insert(work, permit, &row, &digest)
        });
        begun.await.unwrap();
        SignedIn { actor: by_session(&session), session, digest }
    }

    /// Goes on from a sign-in to an app that is open to everyone.
    pub(crate) async fn open(&self, from: &SignedIn, app: &App) -> SignedIn {
        let id = self.id();
        let (now, host) = (self.clock.now(), app.hosts.first().unwrap().as_str());
        let session = Session {
            id,
            root: Some(from.session.id),
            app: Some(app.id),
            origin: home().at(host),
            created_at: now,
            used_at: now,
            state: SessionState::begin(now, &LIFE),
            ..from.session.clone()
        };
        let (row, digest) = (session.clone(), self.digest());
        let begun = self.deed::<OpenApp, _>(&from.actor, app_host(app), move |work, permit| {
            sessions::insert(work, permit, &row, &digest)
        });
        begun.await.unwrap();
        SignedIn { actor: by_session(&session), session, digest }
    }

    pub(crate) async fn token(&self, maker: &Actor, owner: &User) -> (ApiToken, StoredDigest) {
        let (id, digest) = (self.id(), self.digest());
        let token = ApiToken {
            id,
            owner: owner.id,
            name: "script".parse().unwrap(),
            prefix: "dwt_abcd".to_owned(),
            scope: Scope::FULL,
            created_at: self.clock.now(),
            used_at: None,
            expires_at: None,
            revoked_at: None,
        };
        let row = token.clone();
        let made = self.deed::<CreateToken, _>(maker, owner.clone(), move |work, permit| {
            tokens::insert(work, permit, &row, &digest)
        });
        made.await.unwrap();
        (token, digest)
    }

    pub(crate) async fn group(&self, name: &str) -> Group {
        let group = Group { id: self.id(), name: name.parse().unwrap(), created_at: self.clock.now() };
        let row = group.clone();
        let made = self.deed::<CreateGroup, _>(operator(), Installation, move |work, permit| {
            groups::insert(work, permit, &row)
        });
        made.await.unwrap();
        group
    }

    pub(crate) async fn app(&self, name: &str, access: AppAccess) -> App {
        let app = App {
            id: self.id(),
            name: name.parse().unwrap(),
            hosts: vec![format!("{name}.localhost").parse().unwrap()],
            upstreams: vec!["http://127.0.0.1:3000".parse().unwrap()],
            gate: domain::GateSettings::default(),
            access,
            basic: false,
            created_at: self.clock.now(),
        };
        let row = app.clone();
        let made = self.deed::<CreateApp, _>(operator(), Installation, move |work, permit| {
            apps::insert(work, permit, &row)
        });
        made.await.unwrap();
        app
    }

    /// A code that would make the first account for the next thirty minutes.
    pub(crate) async fn setup_code(&self) -> StoredDigest {
        let (digest, until) = (self.digest(), self.clock.now().plus(Duration::from_mins(30)));
        let kept = self.deed::<CreateSetupLink, _>(operator(), Installation, move |work, permit| {
            installation::replace_setup_code(work, permit, &digest, until)
        });
        kept.await.unwrap();
        digest
    }

    /// A code that would open `app` for the next minute, in the browser that has the nonce of `[1; 32]`.
    pub(crate) async fn handoff_code(&self, from: &SignedIn, app: &App) -> StoredDigest {
        let digest = self.digest();
        let handoff = Handoff {
            challenge: [1; 32],
            app: app.id,
            origin: home().at(app.hosts.first().unwrap().as_str()),
            session: from.session.id,
            expires_at: self.clock.now().plus(Duration::from_mins(1)),
        };
        let kept = self.deed::<OpenApp, _>(&from.actor, app_host(app), move |work, permit| {
            handoffs::insert(work, permit, &digest, &handoff)
        });
        kept.await.unwrap();
        digest
    }
}

/// The app as its visitors meet it.
pub(crate) fn app_host(app: &App) -> AppHost {
    AppHost { id: app.id, access: app.access.clone() }
}

/// Open to everyone who has an account.
pub(crate) fn everyone() -> AppAccess {
    AppAccess { everyone: true, ..AppAccess::default() }
}
