//! Who may open an app: whoever it is open to, and nobody else.

use super::{admin, builtin, id, limited, member, shut};
use domain::{AppAccess, Role, Scope, Selection, Who};
use doorward_policy::{AppHost, Decision, Hint, Principal, Resource, actions::OpenApp};

fn closed() -> AppAccess {
    AppAccess::default()
}

fn everyone() -> AppAccess {
    AppAccess { everyone: true, ..closed() }
}

fn group() -> AppAccess {
    AppAccess { groups: vec![id(7), id(8)], ..closed() }
}

fn people() -> AppAccess {
    AppAccess { users: vec![id(1)], ..closed() }
}

fn admins() -> AppAccess {
    AppAccess { roles: vec![Role::Admin], ..closed() }
}

fn open(principal: &Principal, access: AppAccess) -> Decision {
    let app = AppHost { id: id(9), access };
    builtin().decide(principal, "app:open", &app.facts())
}

fn opens(principal: &Principal, access: AppAccess) -> bool {
    open(principal, access).is_allow()
}

fn in_group(mut principal: Principal) -> Principal {
    principal.account.as_mut().unwrap().groups = vec![id(6), id(8)];
    principal
}

fn with_apps(principal: Principal, apps: Vec<u8>) -> Principal {
    let apps = Selection::Only(apps.into_iter().map(id).collect());
    Principal { scope: Scope { apps, ..Scope::FULL }, ..principal }
}

#[test]
fn an_app_that_is_open_to_everyone_is_open_to_whoever_has_an_account() {
    assert!(opens(&member(), everyone()));
    for who in [Who::Anonymous, Who::LocalOperator, Who::System] {
        assert!(!opens(&Principal::without_account(who), everyone()));
    }
}

#[test]
fn an_app_is_open_to_the_members_of_its_groups() {
    assert!(opens(&in_group(member()), group()));
    assert!(!opens(&member(), group()));
}

#[test]
fn an_app_is_open_to_its_people() {
    assert!(opens(&member(), people()));
    assert!(!opens(&admin(), people()));
}

#[test]
fn an_app_is_open_to_whoever_has_one_of_its_roles() {
    assert!(opens(&admin(), admins()));
    assert!(!opens(&member(), admins()));
    let both = AppAccess { roles: vec![Role::Admin, Role::Member], ..closed() };
    assert!(opens(&admin(), both.clone()) && opens(&member(), both));
    assert!(!opens(&shut(admin()), admins()));
    for who in [Who::Anonymous, Who::LocalOperator, Who::System] {
        assert!(!opens(&Principal::without_account(who), admins()));
    }
    let decision = open(&admin(), admins());
    insta::assert_snapshot!(decision.reasons()[0], @"open to a role: the app is open to this account's role");
}

#[test]
fn administrators_open_only_what_is_open_to_them() {
    assert!(!opens(&admin(), closed()));
    assert!(opens(&admin(), everyone()));
}

#[test]
fn a_shut_account_opens_nothing() {
    assert!(!opens(&shut(member()), everyone()));
    assert!(!opens(&shut(in_group(member())), group()));
}

#[test]
fn an_account_that_nothing_is_known_of_opens_nothing() {
    assert!(!opens(&Principal { account: None, ..member() }, everyone()));
    assert!(!opens(&Principal { account: admin().account, ..member() }, everyone()));
}

#[test]
fn a_token_opens_only_the_apps_in_its_scope() {
    assert!(opens(&with_apps(member(), vec![5, 9]), everyone()));
    let refused = open(&with_apps(member(), vec![5]), everyone());
    assert!(matches!(refused, Decision::Deny(_, Hint::WiderScope)));
    assert!(!opens(&with_apps(member(), vec![9]), closed()));
}

#[test]
fn a_token_opens_apps_whatever_its_permissions() {
    assert!(opens(&limited(member(), &[]), everyone()));
    assert!(!opens(&with_apps(limited(member(), &["app:open"]), vec![]), everyone()));
}

#[test]
fn a_wider_scope_is_no_advice_where_it_would_not_help() {
    assert!(matches!(open(&with_apps(member(), vec![5]), closed()), Decision::Deny(_, Hint::Nothing)));
}

#[test]
fn a_refusal_says_what_the_app_is_open_to() {
    let strangers = AppAccess { users: vec![id(3)], ..closed() };
    let both = AppAccess { users: vec![id(3)], ..group() };
    let or_admins = |access| AppAccess { roles: vec![Role::Admin], ..access };
    let cases = [closed(), group(), strangers, both];
    let told = cases.clone().into_iter().chain(cases.map(or_admins)).map(|access| {
        let refused = open(&member(), access);
        refused.reasons().iter().map(ToString::to_string).collect::<String>()
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r"
    the app is open to nobody yet
    the app is open to certain groups, and this account is in none of them
    the app is open to certain people, and this account is none of them
    the app is open to certain groups and people, and this account is neither
    the app is open to certain roles, and this account has none of them
    the app is open to certain groups and roles, and this account has neither
    the app is open to certain people and roles, and this account is neither
    the app is open to certain groups, people and roles, and this account is none of these
    ");
}

#[test]
fn a_permit_names_the_app_and_the_reason() {
    let app = AppHost { id: id(9), access: people() };
    let permit = builtin().permit::<OpenApp>(&member(), &app).unwrap();
    assert_eq!(permit.id(), app.id);
    insta::assert_snapshot!(permit.reasons()[0], @"open to a person: the app is open to this account");
}
