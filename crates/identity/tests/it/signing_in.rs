//! Signing in: what a failure tells, how tries are slowed, and who is spared.

use crate::stage::{PASSWORD, START, Stage, by_session, operator, password};
use domain::{Outcome, Role};
use doorward_identity::{
    Error, account,
    sign_in::{self, device_cookie},
    tokens::{self, NewToken},
    users::{self, UserChange},
};
use policy::Hint;
use std::time::Duration;

const WRONG: &str = "canary but not the right one";

#[tokio::test]
async fn a_person_signs_in_by_address_or_handle_whatever_the_case() {
    let (stage, ada) = Stage::with_ada().await;
    let id = ada.user.id.to_string();
    for name in ["ada@example.org", " Ada@Example.ORG ", "ada", "ADA", &id] {
        assert_eq!(stage.sign_in(name).await.user, ada.user, "{name}");
    }
}

#[tokio::test]
async fn an_unknown_account_costs_the_same_work_as_a_wrong_password() {
    let (stage, _) = Stage::with_ada().await;
    let mut seen = Vec::new();
    for name in ["ada@example.org", "eve@example.org", "ada", "eve", "no name at all"] {
        let before = stage.house.password_runs();
        let error = stage.try_sign_in((name, WRONG), None).await.err().unwrap();
        assert!(matches!(error, Error::InvalidCredentials), "{name}");
        seen.push((stage.house.password_runs() - before, error.to_string()));
    }
    seen.dedup();
    assert_eq!(seen, [(1, "the e-mail address or the password is wrong".to_owned())]);
}

#[tokio::test]
async fn a_shut_account_is_told_from_no_other() {
    let (stage, _) = Stage::with_ada().await;
    let ben = stage.account("ben", Role::Member).await;
    let shut = UserChange { disabled: Some(true), ..UserChange::default() };
    users::update(&stage.house, operator(), ben.id.to_string(), shut).await.unwrap();
    let before = stage.house.password_runs();
    let error = stage.try_sign_in(("ben", PASSWORD), None).await.err().unwrap();
    assert!(matches!(error, Error::InvalidCredentials));
    assert_eq!(stage.house.password_runs() - before, 1);
    let event = stage.events().await.pop().unwrap();
    assert_eq!((event.outcome, event.reasons), (Outcome::Failed, vec!["the account is shut".to_owned()]));
}

/// Fails as often as it is let, and answers how often that was.
async fn attack(stage: &Stage, name: &str) -> usize {
    for tries in 0..100 {
        match stage.try_sign_in((name, WRONG), None).await {
            Err(Error::InvalidCredentials) => {}
            Err(Error::TooMany(_)) => return tries,
            other => panic!("{:?}", other.err()),
        }
    }
    panic!("nothing slowed the attack")
}

#[tokio::test]
async fn rule_22_failures_are_slowed_whether_there_is_an_account_or_not() {
    let (stage, _) = Stage::with_ada().await;
    assert_eq!((attack(&stage, "ada").await, attack(&stage, "nobody").await), (5, 5));
    let before = stage.house.password_runs();
    // What was typed is counted, so that a shared count does not tell which handle has which address.
    for name in ["ada", " ADA "] {
        let refused = stage.try_sign_in((name, PASSWORD), None).await.err();
        assert!(matches!(refused, Some(Error::TooMany(_))), "{name}");
    }
    assert_eq!(stage.house.password_runs(), before, "a refused try costs no hash");
    stage.sign_in("ada@example.org").await;
    stage.clock.advance(Duration::from_secs(1));
    stage.sign_in("ada").await;
    assert_eq!(attack(&stage, "ada").await, 5, "a success forgives the failures");
}

#[tokio::test]
async fn rule_22_a_known_device_is_not_locked_out_by_an_attack() {
    let (stage, ada) = Stage::with_ada().await;
    let ben = stage.account("ben", Role::Member).await;
    let [own, other] = [ada.user.id, ben.id].map(|user| device_cookie(&stage.house, user));
    attack(&stage, "ada").await;
    let sign_in = async |device: Option<&str>| {
        stage.try_sign_in(("ada", PASSWORD), device.map(str::to_owned)).await.map(|ada| ada.user)
    };
    for stranger in [None, Some(""), Some("forged"), Some(other.as_str())] {
        assert!(matches!(sign_in(stranger).await, Err(Error::TooMany(_))), "{stranger:?}");
    }
    assert_eq!(sign_in(Some(&own)).await.unwrap(), ada.user);
    // Ada's success on her device forgives the attacker nothing.
    assert!(matches!(sign_in(None).await, Err(Error::TooMany(_))));
}

#[tokio::test]
async fn rule_22_a_known_device_has_no_more_tries_than_others() {
    let (stage, ada) = Stage::with_ada().await;
    let device = device_cookie(&stage.house, ada.user.id);
    for _ in 0..5 {
        let tried = stage.try_sign_in(("ada", WRONG), Some(device.clone())).await;
        assert!(matches!(tried.err(), Some(Error::InvalidCredentials)));
    }
    let tried = stage.try_sign_in(("ada", PASSWORD), Some(device)).await;
    assert!(matches!(tried.err(), Some(Error::TooMany(_))));
    stage.sign_in("ada").await;
}

#[tokio::test]
async fn rule_08_a_proof_ages_and_is_renewed_by_the_password() {
    let (stage, ada) = Stage::with_ada().await;
    let actor = by_session(&ada);
    let make = async || {
        let new = NewToken {
            owner: None,
            name: "script".parse().unwrap(),
            expires_in_days: None,
            apps: vec!["*".to_owned()],
            permissions: vec!["*".to_owned()],
        };
        tokens::create(&stage.house, &actor, new).await.map(drop)
    };
    make().await.unwrap();
    stage.clock.advance(Duration::from_mins(31));
    let Err(Error::Denied(denied)) = make().await else { panic!("an old proof was taken") };
    assert_eq!(denied.hint, Hint::ProveAgain);
    let wrong = sign_in::prove_again(&stage.house, &actor, password(WRONG)).await;
    assert!(matches!(wrong, Err(Error::WrongPassword)));
    assert!(matches!(make().await, Err(Error::Denied(_))));
    sign_in::prove_again(&stage.house, &actor, password(PASSWORD)).await.unwrap();
    make().await.unwrap();
}

#[tokio::test]
async fn rule_22_whoever_found_an_open_browser_cannot_try_passwords_without_end() {
    let (stage, ada) = Stage::with_ada().await;
    let actor = by_session(&ada);
    let mut tries = 0;
    loop {
        let changed =
            account::change_password(&stage.house, &actor, password(WRONG), password(PASSWORD)).await;
        match changed {
            Err(Error::WrongPassword) => tries += 1,
            Err(Error::TooMany(_)) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(tries, 5);
    let proved = sign_in::prove_again(&stage.house, &actor, password(PASSWORD)).await;
    assert!(matches!(proved, Err(Error::TooMany(_))));
    assert!(stage.events().await.iter().all(|event| event.at >= START));
}
