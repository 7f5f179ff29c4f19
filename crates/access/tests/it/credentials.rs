//! Which credential counts, and which is refused (`security.md` 3 and 7).

use crate::stage::{Stage, ada, basic, bearer, ben, cookie, map};
use domain::{FixedEntropy, Proof, Scope};
use doorward_access::{Carrier, CredentialError};
use vault::{SessionSecret, TokenSecret};

#[tokio::test]
async fn rule_03_an_app_session_opens_nothing_but_its_origin() {
    let stage = Stage::open();
    let home = stage.access.home().clone();
    let (at_notes, at_home) = (stage.ada_at_notes(), cookie(&stage.session(&ada(), &home)));
    let at = async |line: &str| {
        let headers = map(&[("cookie", line)]);
        [
            stage.access.authenticate(&headers, &stage.route("notes")).await.map(|who| who.is_some()),
            stage.access.authenticate(&headers, &stage.route("dav")).await.map(|who| who.is_some()),
            stage.access.authenticate_at(&headers, stage.access.home_site()).await.map(|who| who.is_some()),
        ]
    };
    let ended = Err(CredentialError::SessionEnded);
    assert_eq!(at(&at_notes).await, [Ok(true), ended, ended]);
    assert_eq!(at(&at_home).await, [ended, ended, Ok(true)]);
}

#[tokio::test]
async fn rule_03_another_port_or_scheme_is_another_origin() {
    let stage = Stage::open();
    for origin in ["http://notes.localhost:8081", "https://notes.localhost:8080"] {
        let cookie = cookie(&stage.session(&ada(), &origin.parse().unwrap()));
        let who = stage.who("notes", &[("cookie", &cookie)]).await;
        assert_eq!(who.unwrap_err(), CredentialError::SessionEnded, "{origin}");
    }
}

#[tokio::test]
async fn rule_03_under_https_only_the_host_cookie_is_read() {
    let stage = Stage::at("https://localhost");
    let secret = stage.session(&ada(), &stage.route("notes").origin);
    let plain = stage.who("notes", &[("cookie", &cookie(&secret))]).await;
    assert!(plain.unwrap().is_none());
    // SECURITY: a neighbour under the same parent domain can set the plain name, never the `__Host-` one.
    let planted = format!("doorward={}; __Host-doorward={secret}", another_session());
    assert!(stage.who("notes", &[("cookie", &planted)]).await.unwrap().is_some());
    let misspelt = stage.who("notes", &[("cookie", &format!("__host-doorward={secret}"))]).await;
    assert!(misspelt.unwrap().is_none());
}

fn another_session() -> String {
    SessionSecret::generate(&FixedEntropy::new(99)).reveal()
}

fn another_token() -> String {
    TokenSecret::generate(&FixedEntropy::new(99)).reveal()
}

#[tokio::test]
async fn rule_07_an_invalid_credential_is_refused_and_no_other_is_tried() {
    let stage = Stage::open();
    let (cookie, token) = (stage.ada_at_notes(), stage.token(&ada(), Scope::FULL));
    let (good, bad, cut) = (bearer(&token), bearer(&another_token()), "Bearer dwt_short");
    let wrong = crate::stage::cookie(&another_session());
    for (headers, error) in [
        ([("cookie", cookie.as_str()), ("authorization", bad.as_str())], CredentialError::InvalidToken),
        ([("cookie", &cookie), ("authorization", cut)], CredentialError::MalformedToken),
        ([("cookie", &cookie), ("x-api-key", "dwt_short")], CredentialError::MalformedToken),
        ([("cookie", &wrong), ("authorization", &good)], CredentialError::SessionEnded),
        ([("cookie", "doorward=short"), ("authorization", &good)], CredentialError::SessionEnded),
        ([("cookie", "doorward="), ("authorization", &good)], CredentialError::SessionEnded),
    ] {
        assert_eq!(stage.who("notes", &headers).await.unwrap_err(), error, "{headers:?}");
    }
}

#[tokio::test]
async fn rule_07_two_credentials_of_different_principals_are_ambiguous() {
    let stage = Stage::open();
    let origin = stage.route("dav").origin.clone();
    let [cookie, other] = [(); 2].map(|()| cookie(&stage.session(&ada(), &origin)));
    let [ada, ben] = [ada(), ben()].map(|user| stage.token(&user, Scope::FULL));
    for headers in [
        [("cookie", cookie.as_str()), ("authorization", &bearer(&ben))],
        [("authorization", &bearer(&ada)), ("x-api-key", &ben)],
        [("authorization", &bearer(&ada)), ("authorization", &bearer(&ben))],
        [("authorization", &basic(&ada)), ("authorization", &bearer(&ben))],
        [("x-api-key", &ada), ("x-api-key", "dwt_short")],
        [("cookie", &cookie), ("cookie", &other)],
    ] {
        let who = stage.who("dav", &headers).await;
        // Two sessions of one person are two, as well: nobody can tell which of them was meant.
        assert_eq!(who.unwrap_err(), CredentialError::Ambiguous, "{headers:?}");
    }
}

#[tokio::test]
async fn rule_07_the_same_credential_twice_is_one() {
    let stage = Stage::open();
    let (cookie, token) = (stage.ada_at_notes(), stage.token(&ada(), Scope::FULL));
    let twice = stage.who("notes", &[("cookie", &cookie), ("cookie", &cookie)]).await;
    assert!(matches!(twice.unwrap().unwrap().proof, Proof::Session(_)));
    let twice = stage.who("notes", &[("authorization", &bearer(&token)), ("x-api-key", &token)]).await;
    assert!(matches!(twice.unwrap().unwrap().proof, Proof::Token(_)));
}

#[tokio::test]
async fn of_one_person_s_session_and_token_the_token_counts() {
    let stage = Stage::open();
    let (cookie, token) = (stage.ada_at_notes(), bearer(&stage.token(&ada(), Scope::FULL)));
    let who = stage.who("notes", &[("cookie", &cookie), ("authorization", &token)]).await.unwrap().unwrap();
    assert!(matches!(who.proof, Proof::Token(_)));
    assert_eq!(who.carrier, Carrier::Bearer);
}

#[tokio::test]
async fn rule_07_what_is_not_ours_is_the_app_s_business() {
    let stage = Stage::open();
    let theirs = basic("hunter2");
    for headers in [
        [("authorization", "Bearer theirs"), ("x-api-key", "theirs")],
        [("authorization", &theirs), ("cookie", "session=theirs")],
        [("authorization", "Digest username=\"dwt_\""), ("cookie", "doorwards=1; my-doorward=2")],
        [("authorization", "Basic !!!"), ("cookie", "broken")],
    ] {
        assert!(stage.who("notes", &headers).await.unwrap().is_none(), "{headers:?}");
    }
    assert_eq!(stage.loads(), 0);
}

#[tokio::test]
async fn rule_07_basic_is_taken_only_where_the_app_has_it_switched_on() {
    let stage = Stage::open();
    let token = basic(&stage.token(&ada(), Scope::FULL));
    let refused = stage.who("notes", &[("authorization", &token)]).await;
    assert_eq!(refused.unwrap_err(), CredentialError::BasicRefused);
    let who = stage.who("dav", &[("authorization", &token)]).await.unwrap().unwrap();
    assert!(who.carrier == Carrier::Basic && who.carrier.is_ambient());
}
