use super::*;
use crate::{
    Account, Fact,
    actions::KNOWN,
    builtin::{POLICIES, schema},
};
use cedar_policy::{Entities, Request, Schema};
use domain::{App, AppAccess, Group, Id, Permission, Role, Selection, User};

fn id<K>(number: u8) -> Id<K> {
    Id::from_bytes([number; 16])
}

/// Someone with everything that can be known of who asks.
fn someone() -> Principal {
    let account = Account { id: id(1), role: Role::Member, groups: vec![id(2)], disabled: false };
    let permissions = Selection::Only(vec![Permission::known("user:show"), Permission::known("app:open")]);
    let scope = Scope { apps: Selection::Only(vec![id::<App>(5)]), permissions };
    Principal { who: Who::User(id(1)), account: Some(account), scope, recent_proof: true }
}

fn things(kind: &'static str) -> Vec<Facts> {
    let owned = |owner: Id<User>| Facts::new(kind, &owner.to_string()).with("owner", Fact::User(owner));
    let app = |everyone| {
        let groups = vec![id::<Group>(2)];
        crate::AppHost {
            id: id(5),
            access: AppAccess { everyone, groups, users: vec![id(3)], roles: vec![] },
        }
        .facts()
    };
    match kind {
        "App" => vec![app(false), app(true)],
        "User" | "Session" | "Token" => vec![owned(id(1)), owned(id(3))],
        _ => vec![Facts::new(kind, "one")],
    }
}

fn with(more: &str) -> Result<Policy, PolicyError> {
    Policy::load(&format!("{POLICIES}\n{more}"), &schema(&Additions::default()).unwrap())
}

fn fault(more: &str) -> String {
    with(more).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn slicing_changes_no_decision() {
    let policy = Policy::builtin().unwrap();
    let whole = |action: &str, principal: &Principal, on: &Facts| {
        let question = Question::new(&policy.names, principal, action, on).unwrap();
        let entities = policy.slices[action].action.clone().add_entities(question.entities, None).unwrap();
        policy.authorizer.is_authorized(&question.request, &policy.all, &entities)
    };
    let unlimited = Principal { scope: Scope::FULL, ..someone() };
    let stale = Principal { recent_proof: false, ..someone() };
    let operator = Principal::without_account(Who::LocalOperator);
    for known in KNOWN {
        for principal in [&unlimited, &stale, &someone(), &operator] {
            for on in things(known.on) {
                let told = Answer::read(&whole(known.name, principal, &on), &policy.all);
                // The second answer is the one that was remembered.
                for _ in 0..2 {
                    assert_eq!(*policy.ask(principal, known.name, &on), told, "{} {on:?}", known.name);
                }
            }
        }
        assert!(policy.slices[known.name].policies.num_of_policies() < policy.all.num_of_policies());
    }
}

#[test]
fn questions_fit_the_schema_that_the_policies_are_checked_against() {
    let policy = Policy::builtin().unwrap();
    let (schema, _) = Schema::from_cedarschema_str(&schema(&Additions::default()).unwrap()).unwrap();
    for known in KNOWN {
        for principal in [someone(), Principal::without_account(Who::System)] {
            for on in things(known.on) {
                let Question { request, entities } =
                    Question::new(&policy.names, &principal, known.name, &on).unwrap();
                Entities::from_entities(entities, Some(&schema)).unwrap();
                let part = |uid: Option<&cedar_policy::EntityUid>| uid.unwrap().clone();
                let context = request.context().unwrap().clone();
                let (who, what) = (part(request.principal()), part(request.resource()));
                Request::new(who, part(request.action()), what, context, Some(&schema)).unwrap();
            }
        }
    }
}

#[test]
fn a_policy_that_cannot_be_evaluated_denies() {
    let broken = r#"@id("broken") @reason("never") EFFECT (principal, action, resource) when { resource.owner == 1 };"#;
    let app = &things("App")[1];
    for effect in ["forbid", "permit"] {
        let text = format!("{POLICIES}\n{}", broken.replace("EFFECT", effect));
        let mut policy = Policy::builtin().unwrap();
        assert!(policy.decide(&someone(), "app:open", app).is_allow());
        policy.slices.clear();
        policy.memo = Memo::new();
        policy.all = load::named(&text.parse().unwrap()).unwrap();
        let Decision::Deny(reasons, Hint::Nothing) = policy.decide(&someone(), "app:open", app) else {
            panic!("a broken {effect} let someone in");
        };
        assert!(reasons.iter().any(|reason| reason.text == "the policy `broken` could not be evaluated"));
    }
}

#[test]
fn a_policy_that_speaks_of_what_there_is_not_does_not_load() {
    let policy = |body: &str| format!(r#"@id("more") @reason("more") {body};"#);
    assert!(
        with(&policy(r#"permit (principal in Role::"admin", action in Action::"own", resource)"#)).is_ok()
    );
    for body in [
        r#"permit (principal in Role::"admn", action in Action::"own", resource)"#,
        r#"permit (principal, action in Action::"administre", resource)"#,
        r#"permit (principal == Builtin::"operator", action, resource)"#,
        r"forbid (principal, action, resource) when { context.recent_prof }",
        r"forbid (principal, action, resource) when { resource.owner == principal }",
        r#"forbid (principal, action == Action::"app:open", resource is Group)"#,
    ] {
        assert!(fault(&policy(body)).starts_with("the policies do not fit the schema: "), "{body}");
    }
}

#[test]
fn a_policy_without_a_name_of_its_own_or_a_reason_does_not_load() {
    for annotations in [r#"@id("more")"#, r#"@reason("more")"#, r#"@id("own") @reason("again")"#] {
        let fault = fault(&format!("{annotations} forbid (principal, action, resource);"));
        assert!(fault.contains("needs an `@id` of its own and a `@reason`"), "{annotations}: {fault}");
    }
    assert_eq!(fault("permit (principal"), "the policies could not be read");
}

#[test]
fn an_action_that_is_not_known_is_decided_by_all_policies_and_has_no_reach() {
    let operator = Principal::without_account(Who::LocalOperator);
    let note = Facts::new("Note", "1");
    let policy = Policy::builtin().unwrap();
    assert!(!policy.decide(&operator, "note:read", &note).is_allow());
    let named =
        r#"@id("notes") @reason("notes") permit (principal, action == Action::"note:read", resource);"#;
    let mut policy = Policy { memo: Memo::new(), ..policy };
    policy.all = load::named(&format!("{POLICIES}\n{named}").parse().unwrap()).unwrap();
    assert!(policy.decide(&operator, "note:read", &note).is_allow());
    assert!(!policy.decide(&someone(), "note:read", &note).is_allow(), "the token's scope holds here, too");
}

#[test]
fn facts_that_cannot_be_read_deny() {
    let decision = Policy::builtin().unwrap().decide(&someone(), "user:show", &Facts::new("no kind", "1"));
    assert!(decision.reasons()[0].text.starts_with("the facts could not be read: "));
    assert!(!decision.is_allow());
}

#[test]
fn what_is_claimed_of_a_thing_does_not_open_a_shut_account() {
    let mut shut = Principal { scope: Scope::FULL, ..someone() };
    shut.account.as_mut().unwrap().disabled = true;
    let unknown = Principal { account: None, ..shut.clone() };
    let own = things("User").remove(0).with("disabled", Fact::Bool(false));
    for principal in [shut, unknown] {
        assert!(!Policy::builtin().unwrap().decide(&principal, "user:show", &own).is_allow());
    }
}
