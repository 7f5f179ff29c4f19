//! The decision is taken inside the transaction, on who asks and on the row as they are there (`security.md` 13).

use crate::{
    people::by_token,
    stage::{Stage, Wrong, operator, stages},
};
use domain::{Actor, Role, User, settings::RECENT_PROOF};
use doorward_store::tables::{
    sessions, tokens,
    users::{self, UserState},
};
use policy::{
    Hint, Installation,
    actions::{CreateGroup, CreateToken, CreateUser, EndSession, ListUsers, RevokeToken, UpdateUser},
};

/// What an administrator's credential could do a moment ago; why not, if it cannot any more.
async fn administer(stage: &Stage, actor: &Actor) -> Option<Hint> {
    let write = stage.deed::<CreateGroup, _>(actor, Installation, |_, _| Ok(())).await;
    let read = stage.list::<ListUsers, _>(actor, |_, _| Ok(())).await;
    match (write, read) {
        (Ok(()), Ok(())) => None,
        (Err(Wrong::Denied(write)), Err(Wrong::Denied(read))) => {
            assert_eq!(write.hint, read.hint, "{}", stage.engine);
            Some(write.hint)
        }
        other => panic!("{other:?} on {}", stage.engine),
    }
}

async fn set(stage: &Stage, user: &User, role: Role, shut: bool) {
    let row = UserState { name: user.name.clone(), role, disabled_at: shut.then_some(crate::stage::START) };
    let updated = stage.deed::<UpdateUser, _>(operator(), user.clone(), move |work, permit| {
        users::update(work, permit, &row)
    });
    updated.await.unwrap();
}

#[tokio::test]
async fn rule_13_who_holds_a_token_that_was_revoked_meanwhile_can_do_nothing() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Admin).await;
        let home = stage.sign_in(&ada).await;
        let (token, _) = stage.token(&home.actor, &ada).await;
        let script = by_token(&token);
        assert_eq!(administer(&stage, &script).await, None, "{}", stage.engine);
        let row = token.clone();
        let revoked = stage.deed::<RevokeToken, _>(&home.actor, token, move |work, permit| {
            tokens::revoke(work, permit, &row)
        });
        revoked.await.unwrap();
        assert_eq!(administer(&stage, &script).await, Some(Hint::SignIn), "{}", stage.engine);
        assert_eq!(administer(&stage, &home.actor).await, None, "{}", stage.engine);
    }
}

#[tokio::test]
async fn rule_13_whose_session_ended_meanwhile_can_do_nothing() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Admin).await;
        let (ended, lapsed) = (stage.sign_in(&ada).await, stage.sign_in(&ada).await);
        assert_eq!(administer(&stage, &ended.actor).await, None, "{}", stage.engine);
        let row = ended.session.clone();
        let end = stage.deed::<EndSession, _>(&ended.actor, row.clone(), move |work, permit| {
            sessions::end(work, permit, &row)
        });
        end.await.unwrap();
        assert_eq!(administer(&stage, &ended.actor).await, Some(Hint::SignIn), "{}", stage.engine);
        assert_eq!(administer(&stage, &lapsed.actor).await, None, "{}", stage.engine);
        stage.clock.advance(crate::people::LIFE.idle);
        assert_eq!(administer(&stage, &lapsed.actor).await, Some(Hint::SignIn), "{}", stage.engine);
    }
}

#[tokio::test]
async fn rule_13_whose_account_was_shut_or_lost_its_role_meanwhile_can_do_nothing_with_it() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Admin).await;
        let home = stage.sign_in(&ada).await;
        assert_eq!(administer(&stage, &home.actor).await, None, "{}", stage.engine);
        set(&stage, &ada, Role::Member, false).await;
        assert_eq!(administer(&stage, &home.actor).await, Some(Hint::Nothing), "{}", stage.engine);
        set(&stage, &ada, Role::Admin, true).await;
        assert_eq!(administer(&stage, &home.actor).await, Some(Hint::Nothing), "{}", stage.engine);
        set(&stage, &ada, Role::Admin, false).await;
        assert_eq!(administer(&stage, &home.actor).await, None, "{}", stage.engine);
    }
}

#[tokio::test]
async fn rule_13_a_credential_of_somebody_else_proves_nothing() {
    for stage in stages() {
        let (ada, ben) = (stage.account("ada", Role::Admin).await, stage.account("ben", Role::Member).await);
        let home = stage.sign_in(&ben).await;
        let forged = Actor { who: domain::Who::User(ada.id), ..home.actor };
        assert_eq!(administer(&stage, &forged).await, Some(Hint::SignIn), "{}", stage.engine);
        let unproved = Actor { proof: domain::Proof::None, ..forged };
        assert_eq!(administer(&stage, &unproved).await, Some(Hint::SignIn), "{}", stage.engine);
    }
}

#[tokio::test]
async fn rule_08_what_is_sensitive_takes_a_proof_that_is_recent_at_that_moment() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Admin).await;
        let home = stage.sign_in(&ada).await;
        let ask = || async {
            let one = stage.deed::<CreateUser, _>(&home.actor, Installation, |_, _| Ok(())).await;
            let other = stage.deed::<CreateToken, _>(&home.actor, ada.clone(), |_, _| Ok(())).await;
            [one, other].map(|outcome| match outcome {
                Err(Wrong::Denied(denied)) => Some(denied.hint),
                outcome => outcome.map(|()| None).unwrap(),
            })
        };
        assert_eq!(ask().await, [None, None], "{}", stage.engine);
        stage.clock.advance(RECENT_PROOF);
        assert_eq!(ask().await, [Some(Hint::ProveAgain); 2], "{}", stage.engine);
        assert_eq!(administer(&stage, &home.actor).await, None, "{}", stage.engine);
    }
}
