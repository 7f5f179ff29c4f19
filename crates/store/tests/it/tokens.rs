//! API tokens.

use crate::{
    people::{SignedIn, by_token},
    stage::{Stage, operator, pages, stages},
};
use domain::{Actor, ApiToken, Clock, Id, Permission, Role, Scope, Selection, Time, TokenState, User};
use doorward_store::tables::{credentials, tokens};
use policy::actions::{CreateToken, ListTokens, RevokeToken};
use std::time::Duration;

async fn token(stage: &Stage, token: &ApiToken) -> ApiToken {
    let id = token.id;
    stage.see(move |tx| tokens::find(tx, id)).await.unwrap()
}

async fn ada(stage: &Stage) -> (User, SignedIn) {
    let ada = stage.account("ada", Role::Member).await;
    let session = stage.sign_in(&ada).await;
    (ada, session)
}

#[tokio::test]
async fn a_token_is_kept_with_its_scope_and_under_the_permits_account() {
    for stage in stages() {
        let (ada, session) = ada(&stage).await;
        let ben = stage.account("ben", Role::Member).await;
        let (model, _) = stage.token(&session.actor, &ada).await;
        for apps in [Selection::All, Selection::Only(vec![]), Selection::Only(vec![stage.id(), stage.id()])] {
            let permissions = Selection::Only(vec![Permission::known("token:list")]);
            let expires_at = Some(stage.clock.now().plus(Duration::from_mins(5)));
            let made =
                ApiToken { id: stage.id(), scope: Scope { apps, permissions }, expires_at, ..model.clone() };
            // SECURITY: a row that names another owner belongs to the permit's account all the same.
            let (row, digest) = (ApiToken { owner: ben.id, ..made.clone() }, stage.digest());
            let kept = stage.deed::<CreateToken, _>(&session.actor, ada.clone(), move |work, permit| {
                tokens::insert(work, permit, &row, &digest)
            });
            kept.await.unwrap();
            assert_eq!(token(&stage, &made).await, made, "{}", stage.engine);
            let found = stage.see(move |tx| tokens::find_by_digest(tx, &digest)).await;
            assert_eq!(found, Some(made), "{}", stage.engine);
        }
    }
}

#[tokio::test]
async fn a_digest_of_another_key_is_another_token() {
    for stage in stages() {
        let (ada, session) = ada(&stage).await;
        let (_, mut digest) = stage.token(&session.actor, &ada).await;
        digest.key += 1;
        assert_eq!(stage.see(move |tx| tokens::find_by_digest(tx, &digest)).await, None, "{}", stage.engine);
    }
}

/// All pages of the tokens that an actor may see.
async fn listed(stage: &Stage, actor: &Actor, owner: Option<Id<User>>) -> Vec<ApiToken> {
    let pages = pages(async |after: Option<Id<ApiToken>>| {
        let page = stage
            .list::<ListTokens, _>(actor, move |tx, visible| tokens::list(tx, visible, owner, (after, 2)));
        page.await.unwrap()
    });
    pages.await.concat()
}

#[tokio::test]
async fn tokens_are_listed_newest_first_and_only_to_whom_they_belong() {
    for stage in stages() {
        let (ada, session) = ada(&stage).await;
        let ben = stage.account("ben", Role::Member).await;
        let other = stage.sign_in(&ben).await;
        let mut made = Vec::new();
        for _ in 0..5 {
            made.insert(0, stage.token(&session.actor, &ada).await.0);
            stage.token(&other.actor, &ben).await;
        }
        for (actor, owner, number) in [
            (&session.actor, None, 5),
            (&session.actor, Some(ben.id), 5),
            (operator(), Some(ada.id), 5),
            (operator(), None, 10),
        ] {
            let listed = listed(&stage, actor, owner).await;
            assert_eq!(listed.len(), number, "{}", stage.engine);
            let of_ada: Vec<_> = listed.into_iter().filter(|token| token.owner == ada.id).collect();
            assert_eq!(of_ada, made, "{}", stage.engine);
        }
    }
}

#[tokio::test]
async fn a_revoked_token_stays_revoked() {
    for stage in stages() {
        let (ada, session) = ada(&stage).await;
        let (made, digest) = stage.token(&session.actor, &ada).await;
        let first = stage.clock.now();
        for _ in 0..2 {
            let row = made.clone();
            let revoked = stage.deed::<RevokeToken, _>(&session.actor, made.clone(), move |work, permit| {
                tokens::revoke(work, permit, &row)
            });
            revoked.await.unwrap();
            assert_eq!(token(&stage, &made).await.revoked_at, Some(first), "{}", stage.engine);
            stage.tick();
        }
        let found = stage.see(move |tx| credentials::find_token(tx, &[digest])).await;
        assert_eq!(found.unwrap().1, TokenState::Revoked, "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_use_is_noted_and_an_older_one_does_not_set_it_back() {
    for stage in stages() {
        let (ada, session) = ada(&stage).await;
        let (made, _) = stage.token(&session.actor, &ada).await;
        for (at, noted) in [(20, 20), (30, 30), (10, 30)] {
            stage.keep_house(move |work| tokens::note_use(work, made.id, Time::from_micros(at))).await;
            assert_eq!(
                token(&stage, &made).await.used_at,
                Some(Time::from_micros(noted)),
                "{}",
                stage.engine
            );
        }
    }
}

#[tokio::test]
async fn a_token_is_found_by_any_of_its_digests_with_its_holder() {
    for stage in stages() {
        let (ada, session) = ada(&stage).await;
        let (made, digest) = stage.token(&session.actor, &ada).await;
        let wrong = stage.digest();
        let found = stage.see(move |tx| credentials::find_token(tx, &[wrong, digest])).await;
        let (facts, state) = found.unwrap();
        assert_eq!((facts.token, facts.holder.user, state), (made.clone(), ada.clone(), TokenState::Live));
        assert!(stage.see(move |tx| credentials::find_token(tx, &[wrong])).await.is_none());
        let script = by_token(&made);
        let listed =
            stage.list::<ListTokens, _>(&script, |tx, visible| tokens::list(tx, visible, None, (None, 9)));
        assert_eq!(listed.await.unwrap().items, [made], "{}", stage.engine);
    }
}
