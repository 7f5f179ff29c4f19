//! Tokens that make tokens: never wider, never longer (`security.md` 8).

use crate::stage::{PASSWORD, Stage, by_session, new, password};
use domain::{Actor, ApiToken, Proof, Role};
use doorward_identity::{
    Error, SignedIn,
    tokens::{self, NewToken},
    users::{self, UserChange},
};

fn wanted(apps: &[&str], permissions: &[&str], days: Option<u32>) -> NewToken {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    NewToken {
        owner: None,
        name: "script".parse().unwrap(),
        expires_in_days: days,
        apps: owned(apps),
        permissions: owned(permissions),
    }
}

async fn make(stage: &Stage, actor: &Actor, new: NewToken) -> Result<ApiToken, Error> {
    tokens::create(&stage.house, actor, new).await.map(|(token, _)| token)
}

fn by(ada: &SignedIn, token: &ApiToken) -> Actor {
    Actor { proof: Proof::Token(token.id), ..by_session(ada) }
}

#[tokio::test]
async fn rule_08_a_token_makes_none_that_is_wider() {
    let (stage, ada) = Stage::with_ada().await;
    let narrow = ["token:create", "token:list"];
    let maker = make(&stage, &by_session(&ada), wanted(&[], &narrow, None)).await.unwrap();
    let script = by(&ada, &maker);
    for wider in [
        wanted(&[], &["*"], None),
        wanted(&["*"], &narrow, None),
        wanted(&[], &["token:create", "user:create"], None),
    ] {
        assert!(matches!(make(&stage, &script, wider).await, Err(Error::Refused(_))));
    }
    make(&stage, &script, wanted(&[], &narrow, None)).await.unwrap();
    make(&stage, &script, wanted(&[], &["token:list"], None)).await.unwrap();
}

#[tokio::test]
async fn rule_08_a_token_makes_none_that_lives_longer() {
    let (stage, ada) = Stage::with_ada().await;
    let maker = make(&stage, &by_session(&ada), wanted(&["*"], &["*"], Some(7))).await.unwrap();
    let script = by(&ada, &maker);
    for days in [None, Some(8)] {
        let longer = make(&stage, &script, wanted(&["*"], &["*"], days)).await;
        assert!(matches!(longer, Err(Error::Refused(_))), "{days:?}");
    }
    make(&stage, &script, wanted(&["*"], &["*"], Some(7))).await.unwrap();
    make(&stage, &script, wanted(&["*"], &["*"], Some(1))).await.unwrap();
}

#[tokio::test]
async fn rule_08_a_token_without_the_permission_makes_none() {
    let (stage, ada) = Stage::with_ada().await;
    let reader = make(&stage, &by_session(&ada), wanted(&[], &["token:list"], None)).await.unwrap();
    let made = make(&stage, &by(&ada, &reader), wanted(&[], &["token:list"], None)).await;
    assert!(matches!(made, Err(Error::Denied(_))));
}

#[tokio::test]
async fn rule_08_a_token_that_may_not_do_everything_makes_no_administrator() {
    let (stage, ada) = Stage::with_ada().await;
    let ben = stage.account("ben", Role::Member).await;
    let promote = async |permissions: &[&str]| {
        let token = make(&stage, &by_session(&ada), wanted(&[], permissions, None)).await.unwrap();
        let script = by(&ada, &token);
        let made = users::create(&stage.house, &script, new("eve", Role::Admin), password(PASSWORD)).await;
        let change = UserChange { role: Some(Role::Admin), ..UserChange::default() };
        let updated = users::update(&stage.house, &script, ben.id.to_string(), change).await;
        [made, updated].map(|outcome| match outcome {
            Ok(_) => true,
            Err(Error::Refused(_)) => false,
            Err(error) => panic!("{error}"),
        })
    };
    assert_eq!(promote(&["user:create", "user:update"]).await, [false, false]);
    assert_eq!(promote(&["*"]).await, [true, true]);
}

#[tokio::test]
async fn rule_13_a_revoked_token_does_nothing_and_is_revoked_once() {
    let (stage, ada) = Stage::with_ada().await;
    let actor = by_session(&ada);
    let token = make(&stage, &actor, wanted(&["*"], &["*"], None)).await.unwrap();
    let script = by(&ada, &token);
    assert!(tokens::list(&stage.house, &script, None, (None, 9)).await.is_ok());
    tokens::revoke(&stage.house, &script, token.id).await.unwrap();
    assert!(matches!(tokens::list(&stage.house, &script, None, (None, 9)).await, Err(Error::Denied(_))));
    assert!(matches!(tokens::revoke(&stage.house, &actor, token.id).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn what_a_token_names_must_be_there() {
    let (stage, ada) = Stage::with_ada().await;
    for wrong in [wanted(&["nowhere"], &["*"], None), wanted(&["*"], &["token:steal"], None)] {
        assert!(matches!(make(&stage, &by_session(&ada), wrong).await, Err(Error::Refused(_))));
    }
}
