//! Whoever can write to the Valkey forges no session, swaps none, and brings none back.

use crate::{
    kept::Kept,
    stage::{PASSWORD, Stage, by_session, operator, password},
};
use access::Directory as _;
use domain::Role;
use doorward_identity::{
    SignedIn, account, sessions,
    users::{self, UserChange},
};
use limits::{Shelf, ShelfName};
use std::{sync::Arc, time::Duration};
use vault::{Digest, Purpose};

const HOUR: Duration = Duration::from_hours(1);

/// A house whose first account is Ada's, who is signed in, and a way to its Valkey.
async fn open() -> (Stage, SignedIn, Shelf) {
    let kept = Arc::new(Kept::open());
    let shelf = kept.shelf();
    let stage = Stage::on("http://localhost:8080", kept);
    let ada = stage.set_up_ada().await;
    (stage, ada, shelf)
}

fn digests(stage: &Stage, signed_in: &SignedIn) -> Vec<Digest> {
    stage.house.ring().digests(Purpose::Session, signed_in.secret.bytes()).collect()
}

/// What leads to a session.
fn lead(stage: &Stage, signed_in: &SignedIn) -> ShelfName {
    ShelfName::of("session", &digests(stage, signed_in).first().unwrap().bytes)
}

async fn is_let_in(stage: &Stage, signed_in: &SignedIn) -> bool {
    stage.house.find_session(digests(stage, signed_in)).await.unwrap().is_some()
}

async fn value(shelf: &Shelf, name: &ShelfName) -> Vec<u8> {
    shelf.find(std::slice::from_ref(name)).await.unwrap().remove(0).unwrap()
}

#[tokio::test]
async fn rule_17_a_value_that_was_not_sealed_for_its_name_leads_nowhere() {
    let (stage, ada, shelf) = open().await;
    stage.account("ben", Role::Member).await;
    let ben = stage.sign_in("ben").await;
    let (to_ada, to_ben) = (lead(&stage, &ada), lead(&stage, &ben));
    assert!(is_let_in(&stage, &ben).await);
    let good = value(&shelf, &to_ben).await;
    let mut altered = good.clone();
    *altered.last_mut().unwrap() ^= 1;
    let adas = value(&shelf, &to_ada).await;
    for forged in [adas, altered, ada.session.id.bytes().to_vec(), Vec::new()] {
        shelf.put(&[(to_ben.clone(), forged)], HOUR).await.unwrap();
        assert!(!is_let_in(&stage, &ben).await);
    }
    shelf.put(&[(to_ben, good)], HOUR).await.unwrap();
    assert!(is_let_in(&stage, &ben).await && is_let_in(&stage, &ada).await);
}

#[tokio::test]
async fn rule_17_what_has_ended_is_removed_and_nothing_that_is_put_back_revives_it() {
    let (stage, ada, shelf) = open().await;
    let names = [lead(&stage, &ada), ShelfName::of("session-of", ada.session.id.bytes())];
    let before: Vec<_> = shelf.find(&names).await.unwrap().into_iter().map(Option::unwrap).collect();
    sessions::end(&stage.house, &by_session(&ada), ada.session.id).await.unwrap();
    assert_eq!(shelf.find(&names).await.unwrap(), [None, None]);
    let all: Vec<_> = names.into_iter().zip(before).collect();
    shelf.put(&all, HOUR).await.unwrap();
    assert!(!is_let_in(&stage, &ada).await);
}

#[tokio::test]
async fn what_ends_many_sessions_need_not_find_them() {
    let (stage, ada, shelf) = open().await;
    let other = stage.sign_in("ada").await;
    stage.account("ben", Role::Member).await;
    let ben = stage.sign_in("ben").await;
    let new = password("another violin harbour moss");
    account::change_password(&stage.house, &by_session(&ada), password(PASSWORD), new).await.unwrap();
    let shut = UserChange { disabled: Some(true), ..UserChange::default() };
    users::update(&stage.house, operator(), ben.user.id.to_string(), shut).await.unwrap();
    for (signed_in, is_in) in [(&ada, true), (&other, false), (&ben, false)] {
        assert!(!value(&shelf, &lead(&stage, signed_in)).await.is_empty(), "it is still there");
        assert_eq!(is_let_in(&stage, signed_in).await, is_in);
    }
}

#[tokio::test]
async fn the_database_alone_leads_to_no_session() {
    let (stage, ada, shelf) = open().await;
    shelf.remove(&[lead(&stage, &ada)]).await.unwrap();
    assert!(!is_let_in(&stage, &ada).await);
    let digests: Vec<_> = digests(&stage, &ada)
        .into_iter()
        .map(|digest| store::tables::StoredDigest { key: digest.key.into(), bytes: digest.bytes })
        .collect();
    let by_digest = stage
        .house
        .door()
        .read(operator(), digests, |look, digests| store::tables::credentials::find_session(look, &digests));
    assert!(by_digest.await.unwrap().is_none());
}
