//! The first account, once and for good (`security.md` 19).

use crate::stage::{PASSWORD, START, Stage, first, operator, password, stranger};
use domain::{Clock, Role};
use doorward_identity::{Error, setup, users};
use std::time::Duration;
use vault::CodeSecret;

fn again(code: &CodeSecret) -> CodeSecret {
    code.reveal().parse().unwrap()
}

#[tokio::test]
async fn the_first_account_administers_and_is_signed_in() {
    let (stage, ada) = Stage::with_ada().await;
    assert_eq!((ada.user.role, ada.user.handle.as_str()), (Role::Admin, "ada"));
    assert!(ada.session.state.is_live(stage.clock.now()));
    assert!(setup::is_done(&stage.house, stranger()).await.unwrap());
}

#[tokio::test]
async fn rule_19_the_setup_is_closed_for_good() {
    let stage = Stage::open();
    let code = setup::create_link(&stage.house, operator()).await.unwrap();
    setup::set_up(&stage.house, stranger(), first("ada", again(&code)))
        .await
        .unwrap_or_else(|e| panic!("{e}"));
    let again = setup::set_up(&stage.house, stranger(), first("eve", code)).await;
    assert!(matches!(again.err(), Some(Error::SetupDone)));
    assert!(matches!(setup::create_link(&stage.house, operator()).await, Err(Error::SetupDone)));
    let email = "eve@example.org".parse().unwrap();
    let unattended = setup::set_up_unattended(&stage.house, email, password(PASSWORD)).await;
    assert!(unattended.unwrap().is_none());
    assert_eq!(users::list(&stage.house, operator(), (None, 9)).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn rule_19_a_weak_password_does_not_spend_the_code() {
    let stage = Stage::open();
    let code = setup::create_link(&stage.house, operator()).await.unwrap();
    let mut weak = first("ada", again(&code));
    weak.password = password("ada@example.org");
    let refused = setup::set_up(&stage.house, stranger(), weak).await;
    assert!(matches!(refused.err(), Some(Error::WeakPassword(_))));
    assert_eq!(stage.house.password_runs(), 0);
    assert!(setup::set_up(&stage.house, stranger(), first("ada", code)).await.is_ok());
}

#[tokio::test]
async fn rule_19_a_new_link_voids_the_old_and_every_link_lapses() {
    let stage = Stage::open();
    let old = setup::create_link(&stage.house, operator()).await.unwrap();
    let new = setup::create_link(&stage.house, operator()).await.unwrap();
    let check = async |code| setup::check_code(&stage.house, stranger(), code).await;
    assert!(matches!(check(&old).await, Err(Error::SetupCodeInvalid)));
    check(&new).await.unwrap();
    stage.clock.advance(Duration::from_mins(30));
    assert!(matches!(check(&new).await, Err(Error::SetupCodeInvalid)));
    assert_eq!(stage.clock.now().since(START), Duration::from_mins(30));
}

#[tokio::test]
async fn an_unattended_setup_makes_one_account_however_often_it_starts() {
    let stage = Stage::open();
    let set_up = async |name: &str| {
        let email = format!("{name}@example.org").parse().unwrap();
        setup::set_up_unattended(&stage.house, email, password(PASSWORD)).await.unwrap()
    };
    let ada = set_up("ada").await.unwrap();
    assert_eq!((ada.role, ada.name.as_str()), (Role::Admin, "ada"));
    assert_eq!(set_up("ada").await, None);
    assert_eq!(set_up("eve").await, None);
    assert_eq!(stage.sign_in("ada").await.user, ada);
}

/// Replicas that start at the same time all find that there is no account yet.
#[tokio::test]
async fn unattended_setups_at_once_make_one_account_and_none_fails() {
    let stage = Stage::open();
    let set_up = async || {
        let email = "ada@example.org".parse().unwrap();
        setup::set_up_unattended(&stage.house, email, password(PASSWORD)).await.unwrap()
    };
    let (one, other) = tokio::join!(set_up(), set_up());
    assert_eq!([one, other].iter().flatten().count(), 1);
}
