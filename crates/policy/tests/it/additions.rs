//! What an embedding app adds: actions and policies beside the sealed ones.

use crate::{admin, id, member, shut};
use domain::{Permission, Selection};
use doorward_policy::{Action, Additions, Facts, Known, Policy, PolicyError, Reach, Resource};

struct Note;

impl Resource for Note {
    type Id = u8;
    const TYPE: &'static str = "Note";

    fn id(&self) -> u8 {
        1
    }

    fn facts(&self) -> Facts {
        Facts::owned(Self::TYPE, &1, id(1))
    }
}

struct ReadNote;

impl Action for ReadNote {
    const NAME: &'static str = "note:read";
    const REACH: &'static [Reach] = &[Reach::Own];
    type On = Note;
}

struct Misnamed;

impl Action for Misnamed {
    const NAME: &'static str = "user:list";
    type On = Note;
}

fn with(actions: &[Known], policies: &str) -> Result<Policy, PolicyError> {
    Policy::with(&Additions { actions: actions.to_vec(), policies: policies.to_owned() })
}

#[test]
fn an_action_of_the_app_reaches_whom_it_says() {
    let policy = with(&[Known::of::<ReadNote>()], "").unwrap();
    assert!(policy.permit::<ReadNote>(&member(), &Note).is_ok());
    assert!(policy.permit::<ReadNote>(&admin(), &Note).is_err());
    assert!(policy.known().iter().any(|known| known.name == "note:read"));
    assert!(Policy::builtin().unwrap().permit::<ReadNote>(&member(), &Note).is_err(), "unlisted");
}

#[test]
fn what_is_sealed_binds_the_actions_of_the_app() {
    let open = r#"@id("all") @reason("all") permit (principal, action == Action::"note:read", resource);"#;
    let policy = with(&[Known::of::<ReadNote>()], open).unwrap();
    assert!(policy.permit::<ReadNote>(&admin(), &Note).is_ok());
    assert!(policy.permit::<ReadNote>(&shut(admin()), &Note).is_err());
    let mut narrow = admin();
    narrow.scope.permissions = Selection::Only(vec![Permission::known("user:list")]);
    assert!(policy.permit::<ReadNote>(&narrow, &Note).is_err());
}

#[test]
fn two_actions_of_one_name_and_names_that_are_none_are_refused() {
    let twice = [Known::of::<ReadNote>(), Known::of::<ReadNote>()];
    let odd = [Known { name: "note read", ..Known::of::<ReadNote>() }];
    let two_ways =
        [Known::of::<ReadNote>(), Known { name: "note:write", shape: "{}", ..Known::of::<ReadNote>() }];
    for actions in [&twice[..], &[Known::of::<Misnamed>()], &odd, &two_ways] {
        assert!(matches!(with(actions, ""), Err(PolicyError::Unfit(_))), "{actions:?}");
    }
}
