//! What a refusal says, and what it says would help.

use super::{admin, builtin, id, limited, member, person, shut, stale};
use domain::{ApiToken, Role, Scope, Time, Who};
use doorward_policy::{
    Action, Denied, Installation, Policy, Principal,
    actions::{CreateUser, ListSessions, RevokeToken},
};

fn token() -> ApiToken {
    ApiToken {
        id: id(4),
        owner: id(1),
        name: "backup".parse().unwrap(),
        prefix: "dwt_abcd".to_owned(),
        scope: Scope::FULL,
        created_at: Time::from_micros(0),
        used_at: None,
        expires_at: None,
        revoked_at: None,
    }
}

fn refused<A: Action>(policy: &Policy, principal: &Principal, on: &A::On) -> Denied {
    policy.permit::<A>(principal, on).unwrap_err()
}

fn told(denied: &Denied) -> String {
    format!("{denied} ({:?})", denied.hint)
}

#[test]
fn who_has_not_signed_in_is_told_to() {
    let denied = refused::<RevokeToken>(&builtin(), &Principal::without_account(Who::Anonymous), &token());
    insta::assert_snapshot!(told(&denied), @"not allowed to token:revoke: signing in comes first (SignIn)");
}

#[test]
fn what_no_policy_allows_has_no_remedy() {
    let stranger = person(id(3), Role::Member);
    let denied = refused::<RevokeToken>(&builtin(), &stranger, &token());
    assert_eq!(denied.resource, Some(token().id.to_string()));
    insta::assert_snapshot!(told(&denied), @"not allowed to token:revoke: no policy allows it (Nothing)");
}

#[test]
fn rule_08_an_old_proof_is_renewed_before_something_sensitive() {
    let denied = refused::<CreateUser>(&builtin(), &stale(admin()), &Installation);
    insta::assert_snapshot!(told(&denied), @"not allowed to user:create: this takes a recent proof of who asks (ProveAgain)");
}

#[test]
fn nobody_proves_again_for_what_they_may_not_do_anyway() {
    let denied = refused::<CreateUser>(&builtin(), &stale(member()), &Installation);
    insta::assert_snapshot!(told(&denied), @"not allowed to user:create: this takes a recent proof of who asks (Nothing)");
}

#[test]
fn a_token_with_too_narrow_a_scope_is_told_so() {
    let denied = refused::<RevokeToken>(&builtin(), &limited(member(), &["token:list"]), &token());
    insta::assert_snapshot!(told(&denied), @"not allowed to token:revoke: the credential's scope leaves this permission out (WiderScope)");
}

#[test]
fn a_token_never_does_what_its_owner_may_not() {
    let denied = refused::<CreateUser>(&builtin(), &limited(member(), &["user:create"]), &Installation);
    insta::assert_snapshot!(told(&denied), @"not allowed to user:create: no policy allows it (Nothing)");
}

#[test]
fn a_shut_account_is_told_every_reason() {
    let denied = refused::<RevokeToken>(&builtin(), &shut(limited(member(), &[])), &token());
    insta::assert_snapshot!(told(&denied), @"not allowed to token:revoke: the credential's scope leaves this permission out; the account is shut (Nothing)");
}

#[test]
fn without_policies_lists_are_refused_too() {
    let denied = Policy::danger_nothing_allowed().visible::<ListSessions>(&admin()).unwrap_err();
    insta::assert_snapshot!(told(&denied), @"not allowed to session:list: no policy allows it (Nothing)");
}
