//! Which rows of a list are shown to whom.

use super::{admin, builtin, id, limited, member};
use domain::Who;
use doorward_policy::{
    Hint, Principal,
    actions::{ListSessions, ListUsers},
};

#[test]
fn administrators_see_every_row_and_others_their_own() {
    let policy = builtin();
    assert_eq!(policy.visible::<ListSessions>(&admin()).unwrap().owner(), None);
    assert_eq!(policy.visible::<ListSessions>(&member()).unwrap().owner(), Some(id(1)));
}

#[test]
fn a_list_that_is_nobodys_own_is_shown_to_administrators_alone() {
    let policy = builtin();
    assert!(policy.visible::<ListUsers>(&admin()).is_ok());
    assert!(policy.visible::<ListUsers>(&member()).is_err());
    assert!(policy.visible::<ListUsers>(&Principal::without_account(Who::Anonymous)).is_err());
}

#[test]
fn a_token_shows_only_the_lists_in_its_scope() {
    let policy = builtin();
    assert!(policy.visible::<ListSessions>(&limited(member(), &["session:list"])).is_ok());
    let denied = policy.visible::<ListSessions>(&limited(member(), &["session:end"])).unwrap_err();
    assert_eq!((denied.resource, denied.hint), (None, Hint::WiderScope));
}
