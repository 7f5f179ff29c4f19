//! Passwords, roles, and accounts that are shut.

use crate::stage::{PASSWORD, Stage, by_session, new, operator, password};
use access::Directory as _;
use domain::{Actor, Proof, Role, User};
use doorward_identity::{
    Error, SignedIn, account, sessions,
    tokens::{self, NewToken},
    users::{self, UserChange},
};
use policy::Hint;
use vault::Purpose;

const NEXT: &str = "canary velvet lantern harbour";
const OTHER: &str = "canary walnut thunder pebble";

impl Stage {
    /// Whether the gate would find this session.
    async fn is_live(&self, signed_in: &SignedIn) -> bool {
        let digests = self.house.ring().digests(Purpose::Session, signed_in.secret.bytes()).collect();
        self.house.find_session(digests).await.unwrap().is_some()
    }

    async fn change(&self, user: &User, change: UserChange) -> Result<User, Error> {
        users::update(&self.house, operator(), user.id.to_string(), change).await
    }
}

fn shut() -> UserChange {
    UserChange { disabled: Some(true), ..UserChange::default() }
}

fn role(role: Role) -> UserChange {
    UserChange { role: Some(role), ..UserChange::default() }
}

#[tokio::test]
async fn rule_14_the_last_administrator_stays_one() {
    let (stage, ada) = Stage::with_ada().await;
    for change in [shut(), role(Role::Member)] {
        assert!(matches!(stage.change(&ada.user, change).await, Err(Error::Conflict(_))));
    }
    let ben = stage.account("ben", Role::Admin).await;
    stage.change(&ben, shut()).await.unwrap();
    assert!(matches!(stage.change(&ada.user, role(Role::Member)).await, Err(Error::Conflict(_))));
    stage.change(&ben, UserChange { disabled: Some(false), ..UserChange::default() }).await.unwrap();
    assert_eq!(stage.change(&ada.user, role(Role::Member)).await.unwrap().role, Role::Member);
    assert!(matches!(stage.change(&ben, shut()).await, Err(Error::Conflict(_))));
}

#[tokio::test]
async fn shutting_an_account_ends_its_sessions_and_its_tokens_refuse() {
    let (stage, _) = Stage::with_ada().await;
    let ben = stage.account("ben", Role::Member).await;
    let session = stage.sign_in("ben").await;
    let new = NewToken {
        owner: None,
        name: "script".parse().unwrap(),
        expires_in_days: None,
        apps: vec![],
        permissions: vec!["*".to_owned()],
    };
    let (token, secret) = tokens::create(&stage.house, &by_session(&session), new).await.unwrap();
    let digests = || stage.house.ring().digests(Purpose::Token, secret.bytes()).collect();
    assert!(stage.house.find_token(digests()).await.unwrap().is_some());
    stage.change(&ben, shut()).await.unwrap();
    assert!(!stage.is_live(&session).await);
    assert!(stage.house.find_token(digests()).await.unwrap().is_none());
    let script = Actor { proof: Proof::Token(token.id), ..by_session(&session) };
    let renamed = account::rename(&stage.house, &script, "Ben".parse().unwrap()).await;
    assert!(matches!(renamed, Err(Error::Denied(_))));
    stage.change(&ben, UserChange { disabled: Some(false), ..UserChange::default() }).await.unwrap();
    assert!(!stage.is_live(&session).await, "a session came back");
    assert!(stage.house.find_token(digests()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_new_password_ends_the_other_sign_ins_and_the_old_password() {
    let (stage, ada) = Stage::with_ada().await;
    let (other, actor) = (stage.sign_in("ada").await, by_session(&ada));
    let changed = account::change_password(&stage.house, &actor, password(PASSWORD), password(NEXT));
    changed.await.unwrap();
    assert!(stage.is_live(&ada).await && !stage.is_live(&other).await);
    let old = stage.try_sign_in(("ada", PASSWORD), None).await;
    assert!(matches!(old.err(), Some(Error::InvalidCredentials)));
    assert!(stage.try_sign_in(("ada", NEXT), None).await.is_ok());
}

#[tokio::test]
async fn rule_13_of_two_password_changes_at_once_one_is_refused() {
    let (stage, ada) = Stage::with_ada().await;
    let actor = by_session(&ada);
    let change = |next| account::change_password(&stage.house, &actor, password(PASSWORD), password(next));
    // Both find the old password right before either of them has written.
    let outcomes: [_; 2] = tokio::join!(change(NEXT), change(OTHER)).into();
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(Error::WrongPassword)));
    assert_eq!((refused.count(), outcomes.iter().filter(|outcome| outcome.is_ok()).count()), (1, 1));
    let winner = if outcomes[0].is_ok() { NEXT } else { OTHER };
    assert!(stage.try_sign_in(("ada", winner), None).await.is_ok());
}

#[tokio::test]
async fn a_weak_password_is_refused_before_it_is_hashed() {
    let (stage, ada) = Stage::with_ada().await;
    let before = stage.house.password_runs();
    let made =
        users::create(&stage.house, &by_session(&ada), new("ben", Role::Member), password("short")).await;
    assert!(matches!(made, Err(Error::WeakPassword(_))));
    assert_eq!(stage.house.password_runs(), before);
}

#[tokio::test]
async fn who_may_not_make_accounts_gets_no_hash_worked_out() {
    let (stage, _) = Stage::with_ada().await;
    stage.account("ben", Role::Member).await;
    let ben = by_session(&stage.sign_in("ben").await);
    let before = stage.house.password_runs();
    let made = users::create(&stage.house, &ben, new("eve", Role::Admin), password(PASSWORD)).await;
    let Err(Error::Denied(denied)) = made else { panic!("a member made an account") };
    assert_eq!((denied.hint, stage.house.password_runs()), (Hint::Nothing, before));
}

#[tokio::test]
async fn handles_are_made_from_addresses_and_never_shared() {
    let (stage, _) = Stage::with_ada().await;
    let mut handles = Vec::new();
    for host in ["b.example", "c.example"] {
        let mut twin = new("ada", Role::Member);
        twin.email = format!("ada@{host}").parse().unwrap();
        let made = users::create(&stage.house, operator(), twin, password(PASSWORD)).await.unwrap();
        handles.push(made.handle.to_string());
    }
    assert_eq!(handles, ["ada-2", "ada-3"]);
    let mut taken = new("eve", Role::Member);
    taken.handle = "ada".parse().ok();
    let made = users::create(&stage.house, operator(), taken, password(PASSWORD)).await;
    assert!(matches!(made, Err(Error::Conflict(_))));
}

#[tokio::test]
async fn one_sees_and_ends_one_s_own_sign_ins_and_no_others() {
    let (stage, ada) = Stage::with_ada().await;
    stage.account("ben", Role::Member).await;
    let (ben, elsewhere) = (stage.sign_in("ben").await, stage.sign_in("ben").await);
    let actor = by_session(&ben);
    let list = async |of: Option<&str>| {
        sessions::list(&stage.house, &actor, of.map(str::to_owned), (None, 9))
            .await
            .map(|page| page.items.len())
    };
    assert_eq!(list(None).await.unwrap(), 2);
    for others in ["*", "ada"] {
        assert!(matches!(list(Some(others)).await, Err(Error::NotFound(_))), "{others}");
    }
    let ended = sessions::end(&stage.house, &actor, ada.session.id).await;
    assert!(matches!(ended, Err(Error::NotFound("session"))));
    assert!(stage.is_live(&ada).await);
    assert_eq!(sessions::end_others(&stage.house, &actor).await.unwrap(), 1);
    assert!(stage.is_live(&ben).await && !stage.is_live(&elsewhere).await);
    sessions::end_own(&stage.house, &actor).await.unwrap();
    assert!(matches!(list(None).await, Err(Error::Denied(_))));
}
