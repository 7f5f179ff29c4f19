//! Who may do what, on one screen: a change of rights is seen in review.

use super::{admin, builtin, id, limited, member, shut, stale};
use domain::{Id, User, Who};
use doorward_policy::{Fact, Facts, Policy, Principal, actions::KNOWN};
use std::fmt::Write as _;

fn columns() -> Vec<(&'static str, Principal, u8)> {
    vec![
        ("anonymous", Principal::without_account(Who::Anonymous), 3),
        ("own", member(), 1),
        ("other's", member(), 3),
        ("admin", admin(), 3),
        ("stale", stale(admin()), 3),
        ("token", limited(admin(), &["user:list", "session:end"]), 3),
        ("operator", Principal::without_account(Who::LocalOperator), 3),
        ("system", Principal::without_account(Who::System), 3),
        ("shut", shut(admin()), 2),
    ]
}

/// One of a kind: owned by `owner` where such things have owners, open to everyone where they are opened.
fn thing(kind: &'static str, owner: Id<User>) -> Facts {
    match kind {
        "User" => Facts::new(kind, &owner.to_string()).with("owner", Fact::User(owner)),
        "Session" | "Token" => Facts::new(kind, "one").with("owner", Fact::User(owner)),
        "App" => Facts::new(kind, "one")
            .with("everyone", Fact::Bool(true))
            .with("groups", Fact::Groups(Vec::new()))
            .with("roles", Fact::Roles(Vec::new()))
            .with("users", Fact::Users(Vec::new())),
        _ => Facts::new(kind, "one"),
    }
}

fn matrix(policy: &Policy) -> String {
    let mut text = format!("{:24}", "");
    for (heading, ..) in columns() {
        write!(text, "{heading:10}").unwrap();
    }
    for known in KNOWN {
        write!(text, "\n{:24}", known.name).unwrap();
        for (_, principal, owner) in columns() {
            let allowed = policy.decide(&principal, known.name, &thing(known.on, id(owner))).is_allow();
            write!(text, "{:10}", if allowed { "yes" } else { "-" }).unwrap();
        }
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// `own` and `other's`: a member. `admin` and after: another's thing. `stale`: an administrator without a recent
/// proof. `token`: an administrator's, for `user:list` and `session:end`. `shut`: an administrator's, on their own.
#[test]
fn the_builtin_policies_give_these_rights() {
    insta::assert_snapshot!(matrix(&builtin()), @r"
                            anonymous own       other's   admin     stale     token     operator  system    shut
    setup:complete          yes       -         -         -         -         -         -         yes       -
    setup:create_link       -         -         -         yes       yes       -         yes       yes       -
    signing_key:create      -         -         -         -         -         -         -         yes       -
    session:create          yes       -         -         -         -         -         -         -         -
    session:list            -         yes       -         yes       yes       -         yes       -         -
    session:end             -         yes       -         yes       yes       yes       yes       -         -
    session:end_others      -         yes       -         -         -         -         -         -         -
    session:prove           -         yes       -         -         -         -         -         -         -
    account:rename          -         yes       -         -         -         -         -         -         -
    account:change_password -         yes       -         -         -         -         -         -         -
    user:list               -         -         -         yes       yes       yes       yes       -         -
    user:show               -         yes       -         yes       yes       -         yes       -         -
    user:create             -         -         -         yes       -         -         yes       -         -
    user:update             -         -         -         yes       -         -         yes       -         -
    group:list              -         -         -         yes       yes       -         yes       -         -
    group:show              -         -         -         yes       yes       -         yes       -         -
    group:create            -         -         -         yes       yes       -         yes       -         -
    group:update            -         -         -         yes       yes       -         yes       -         -
    group:delete            -         -         -         yes       yes       -         yes       -         -
    app:list                -         -         -         yes       yes       -         yes       -         -
    app:show                -         -         -         yes       yes       -         yes       -         -
    app:create              -         -         -         yes       yes       -         yes       yes       -
    app:update              -         -         -         yes       yes       -         yes       yes       -
    app:delete              -         -         -         yes       yes       -         yes       -         -
    app:open                -         yes       yes       yes       yes       yes       -         -         -
    token:list              -         yes       -         yes       yes       -         yes       -         -
    token:create            -         yes       -         -         -         -         yes       -         -
    token:revoke            -         yes       -         yes       yes       -         yes       -         -
    audit:list              -         -         -         yes       yes       -         yes       -         -
    audit:show              -         -         -         yes       yes       -         yes       -         -
    metrics:read            -         -         -         yes       yes       -         yes       -         -
    installation:move       -         -         -         -         -         -         yes       -         -
    installation:cancel_move-         -         -         -         -         -         yes       -         -
    ");
}

#[test]
fn without_policies_nothing_is_allowed() {
    assert!(!matrix(&Policy::danger_nothing_allowed()).contains("yes"));
}
