//! How long a sign-in at an app lasts, where the app says so.

use crate::stage::{PASSWORD, Stage, by_session, operator, password, stranger};
use domain::{App, Clock as _, Session, SessionState, Time};
use doorward_identity::{
    Error, SignedIn,
    apps::{self, AccessWanted, AppChange, Change, GateChange, NewApp},
    handoff::{self, Exchange, HandOff},
    sign_in::{self, Visitor},
};
use policy::Hint;
use std::time::Duration;

const NONCE: [u8; 32] = [7; 32];
const HOUR: Duration = Duration::from_hours(1);

impl Stage {
    async fn app(&self, sign_in_hours: Change<u32>) -> App {
        let new = NewApp {
            name: "notes".parse().unwrap(),
            hosts: vec!["notes.localhost".parse().unwrap(), "*.notes.localhost".parse().unwrap()],
            upstreams: vec!["builtin:sample".parse().unwrap()],
            access: AccessWanted { everyone: true, ..AccessWanted::default() },
            basic: false,
            gate: GateChange { sign_in_hours, ..GateChange::default() },
        };
        apps::create(&self.house, operator(), new).await.unwrap()
    }

    async fn allow(&self, hours: Change<u32>) {
        let gate = GateChange { sign_in_hours: hours, ..GateChange::default() };
        let change = AppChange { gate, ..AppChange::default() };
        apps::update(&self.house, operator(), "notes".to_owned(), change).await.unwrap();
    }

    /// Goes on from the home session to the app at `host`.
    async fn go_to(&self, from: &SignedIn, app: &App, host: &str) -> Result<SignedIn, Error> {
        self.clock.advance(Duration::from_millis(1));
        let origin: domain::Origin = format!("http://{host}:8080").parse().unwrap();
        let challenge = handoff::challenge(&self.house, &NONCE);
        let start = HandOff { app: app.id, origin: origin.clone(), challenge };
        let code = handoff::hand_off(&self.house, &by_session(from), start).await?;
        let end = Exchange { code, nonce: NONCE, app: app.id, origin, visitor: Visitor::default() };
        handoff::exchange(&self.house, stranger(), end).await
    }

    async fn go(&self, from: &SignedIn, app: &App) -> Result<Session, Error> {
        self.go_to(from, app, "notes.localhost").await.map(|opened| opened.session)
    }

    async fn prove(&self, signed_in: &SignedIn) -> Time {
        sign_in::prove_again(&self.house, &by_session(signed_in), password(PASSWORD)).await.unwrap();
        self.clock.now()
    }

    async fn found(&self, opened: &SignedIn) -> Option<Session> {
        use access::Directory as _;
        let digests = self.house.ring().digests(vault::Purpose::Session, opened.secret.bytes()).collect();
        let found = self.house.find_session(digests).await.unwrap()?;
        match found.credential {
            access::FoundCredential::Session(session) => Some(session),
            access::FoundCredential::Token(_)
            | access::FoundCredential::Signed { .. }
            | access::FoundCredential::Shared(_) => None,
        }
    }
}

fn end(session: &Session) -> Time {
    let SessionState::Live { expires_at, ends_at } = session.state else { panic!("{session:?}") };
    assert!(expires_at <= ends_at);
    ends_at
}

#[tokio::test]
async fn an_app_s_session_ends_when_the_proof_is_as_old_as_the_app_lets_it_be() {
    let (stage, ada) = Stage::with_ada().await;
    let app = stage.app(Change::To(2)).await;
    let proved = ada.session.created_at;
    stage.clock.advance(HOUR);
    assert_eq!(end(&stage.go(&ada, &app).await.unwrap()), proved.plus(2 * HOUR));
    let renewed = stage.prove(&ada).await;
    assert_eq!(end(&stage.go(&ada, &app).await.unwrap()), renewed.plus(2 * HOUR));
    stage.allow(Change::Clear).await;
    let SessionState::Live { ends_at: last, .. } = ada.session.state else { panic!("{:?}", ada.session) };
    assert_eq!(end(&stage.go(&ada, &app).await.unwrap()), last, "else it ends with the home session");
}

#[tokio::test]
async fn rule_08_an_app_that_wants_a_younger_proof_has_the_password_asked_for_again() {
    let (stage, ada) = Stage::with_ada().await;
    let app = stage.app(Change::To(2)).await;
    stage.clock.advance(2 * HOUR);
    let Err(Error::Denied(denied)) = stage.go(&ada, &app).await else { panic!("an old proof was taken") };
    assert_eq!(denied.hint, Hint::ProveAgain);
    insta::assert_snapshot!(denied, @"not allowed to app:open: the app asks for a proof of who one is every 2 hours");
    let event = stage.events().await.pop().unwrap();
    assert_eq!((event.action.as_str(), event.outcome), ("app:open", domain::Outcome::Denied));
    stage.prove(&ada).await;
    stage.go(&ada, &app).await.unwrap();
    stage.clock.advance(3 * HOUR);
    assert!(stage.go(&ada, &app).await.is_err());
    stage.allow(Change::To(4)).await;
    stage.go(&ada, &app).await.unwrap();
}

#[tokio::test]
async fn sessions_that_are_open_already_follow_a_shorter_life() {
    let (stage, ada) = Stage::with_ada().await;
    let app = stage.app(Change::Keep).await;
    let opened = stage.go_to(&ada, &app, "notes.localhost").await.unwrap();
    stage.clock.advance(HOUR);
    stage.allow(Change::To(2)).await;
    let session = stage.found(&opened).await.unwrap();
    assert_eq!(end(&session), ada.session.created_at.plus(2 * HOUR));
    stage.clock.advance(HOUR);
    assert!(!session.state.is_live(stage.clock.now()));
    stage.allow(Change::To(720)).await;
    let session = stage.found(&opened).await;
    assert!(
        session.is_none_or(|session| !session.state.is_live(stage.clock.now())),
        "a longer one brings none back"
    );
}

#[tokio::test]
async fn rule_03_a_wildcard_s_session_is_good_for_one_of_its_hosts() {
    let (stage, ada) = Stage::with_ada().await;
    let app = stage.app(Change::Keep).await;
    let opened = stage.go_to(&ada, &app, "a.notes.localhost").await.unwrap();
    assert_eq!(opened.session.origin.to_string(), "http://a.notes.localhost:8080");
    for host in ["a.b.notes.localhost", "wiki.localhost", "localhost", "notes.localhost.evil.example"] {
        let refused = stage.go_to(&ada, &app, host).await.err();
        assert!(matches!(refused, Some(Error::NotFound("app"))), "{host}: {refused:?}");
    }
}
