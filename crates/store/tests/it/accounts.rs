//! Accounts, groups, and what there is only one of.

use crate::{
    people::everyone,
    stage::{START, Stage, operator, pages, stages, stranger, system},
};
use domain::{AppAccess, Clock, Group, Role, User};
use doorward_store::tables::{
    apps, groups, installation, signing_keys, signing_keys::SigningKeyRow, users, users::UserState,
};
use policy::{
    Installation,
    actions::{
        ChangePassword, CompleteSetup, CreateSigningKey, DeleteGroup, ListGroups, ListUsers, RenameSelf,
        ShowGroup, UpdateGroup, UpdateUser,
    },
};

async fn user(stage: &Stage, user: &User) -> User {
    let id = user.id;
    stage.see(move |tx| users::find(tx, id)).await.unwrap()
}

#[tokio::test]
async fn an_account_is_found_by_everything_that_names_it() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Admin).await;
        stage.account("ben", Role::Member).await;
        let (id, email, handle) = (ada.id, ada.email.clone(), ada.handle.clone());
        let found = stage.see(move |tx| {
            Ok([users::find(tx, id)?, users::find_by_email(tx, &email)?, users::find_by_handle(tx, &handle)?])
        });
        assert_eq!(
            found.await,
            [Some(ada.clone()), Some(ada.clone()), Some(ada.clone())],
            "{}",
            stage.engine
        );
        let email = ada.email.clone();
        let passwords =
            stage.see(move |tx| Ok([users::find_password(tx, &email)?, users::find_own_password(tx, id)?]));
        for row in passwords.await.map(Option::unwrap) {
            assert_eq!((row.user, row.hash.as_str(), row.version), (ada.id, "hash", 1), "{}", stage.engine);
        }
    }
}

#[tokio::test]
async fn an_address_and_a_handle_belong_to_one_account() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Member).await;
        for twin in [
            User { email: ada.email.clone(), ..stage.user("ben", Role::Member) },
            User { handle: ada.handle.clone(), ..stage.user("ben", Role::Member) },
        ] {
            let made = stage.deed::<CompleteSetup, _>(system(), Installation, move |work, permit| {
                users::insert(work, permit, &twin, "hash")
            });
            made.await.unwrap_err();
        }
    }
}

#[tokio::test]
async fn accounts_are_listed_page_by_page_in_the_order_they_were_made() {
    for stage in stages() {
        let mut made = Vec::new();
        for name in ["ada", "ben", "cas", "dot", "eve"] {
            made.push(stage.account(name, Role::Member).await);
        }
        let pages = pages(async |after| {
            let page =
                stage.list::<ListUsers, _>(operator(), move |tx, visible| users::list(tx, visible, after, 2));
            page.await.unwrap()
        });
        assert_eq!(pages.await, made.chunks(2).map(<[User]>::to_vec).collect::<Vec<_>>(), "{}", stage.engine);
    }
}

#[tokio::test]
async fn an_account_changes_only_in_what_is_changed() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Admin).await;
        let ben = stage.account("ben", Role::Member).await;
        let session = stage.sign_in(&ada).await;
        let renamed = stage.deed::<RenameSelf, _>(&session.actor, ada.clone(), |work, permit| {
            users::rename(work, permit, &"Countess".parse().unwrap())
        });
        renamed.await.unwrap();
        let ada = User { name: "Countess".parse().unwrap(), ..ada };
        assert_eq!(user(&stage, &ada).await, ada, "{}", stage.engine);
        let shut = Some(stage.clock.now());
        let updated = stage.deed::<UpdateUser, _>(&session.actor, ben.clone(), move |work, permit| {
            let state = UserState { name: "Ben".parse().unwrap(), role: Role::Admin, disabled_at: shut };
            users::update(work, permit, &state)
        });
        updated.await.unwrap();
        let ben = User { name: "Ben".parse().unwrap(), role: Role::Admin, disabled_at: shut, ..ben };
        assert_eq!(user(&stage, &ben).await, ben, "{}", stage.engine);
        assert_eq!(user(&stage, &ada).await, ada, "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_shut_administrator_is_none() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Admin).await;
        let ben = stage.account("ben", Role::Admin).await;
        stage.account("cas", Role::Member).await;
        let others = |id| stage.see(move |tx| users::has_other_administrator(tx, id));
        let names = || stage.see(users::administrators);
        assert!(others(ada.id).await, "{}", stage.engine);
        assert_eq!(names().await, [ada.name.clone(), ben.name.clone()], "{}", stage.engine);
        let shut = stage.deed::<UpdateUser, _>(operator(), ben.clone(), move |work, permit| {
            let state = UserState { name: ben.name.clone(), role: Role::Admin, disabled_at: Some(START) };
            users::update(work, permit, &state)
        });
        shut.await.unwrap();
        assert!(!others(ada.id).await, "{}", stage.engine);
        assert_eq!(names().await, [ada.name], "{}", stage.engine);
    }
}

/// `security.md` 13: what is hashed before the transaction is compared with the version inside it.
#[tokio::test]
async fn rule_13_a_password_that_was_changed_meanwhile_is_not_overwritten() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Member).await;
        let actor = stage.sign_in(&ada).await.actor;
        let change = |version, hash: &'static str| {
            stage.deed::<ChangePassword, _>(&actor, ada.clone(), move |work, permit| {
                users::set_password(work, permit, version, hash)
            })
        };
        assert!(change(1, "second").await.unwrap(), "{}", stage.engine);
        assert!(!change(1, "third").await.unwrap(), "{}", stage.engine);
        let id = ada.id;
        let row = stage.see(move |tx| users::find_own_password(tx, id)).await.unwrap();
        assert_eq!((row.hash.as_str(), row.version), ("second", 2), "{}", stage.engine);
        let old = users::PasswordRow { version: 1, ..row.clone() };
        stage.keep_house(move |work| users::rehash(work, &old, "stale")).await;
        stage.keep_house(move |work| users::rehash(work, &row, "dearer")).await;
        let row = stage.see(move |tx| users::find_own_password(tx, id)).await.unwrap();
        assert_eq!((row.hash.as_str(), row.version), ("dearer", 2), "{}", stage.engine);
    }
}

#[tokio::test]
async fn people_come_into_groups_and_leave_them() {
    for stage in stages() {
        let (ada, ben) = (stage.account("ada", Role::Member).await, stage.account("ben", Role::Member).await);
        let family = stage.group("family").await;
        let join = |user| {
            stage.deed::<UpdateGroup, _>(operator(), family.clone(), move |work, permit| {
                groups::add_member(work, permit, user)
            })
        };
        let leave = |user| {
            stage.deed::<UpdateGroup, _>(operator(), family.clone(), move |work, permit| {
                groups::remove_member(work, permit, user)
            })
        };
        let members = |limit| {
            let members = stage.show::<ShowGroup, _>(operator(), family.clone(), move |look, permit| {
                groups::members(look, permit, limit)
            });
            async { members.await.unwrap() }
        };
        assert!(join(ada.id).await.unwrap() && join(ben.id).await.unwrap(), "{}", stage.engine);
        assert!(!join(ada.id).await.unwrap(), "{}", stage.engine);
        assert_eq!(members(9).await, [ada.id, ben.id], "{}", stage.engine);
        assert_eq!(members(1).await, [ada.id], "{}", stage.engine);
        assert!(leave(ada.id).await.unwrap(), "{}", stage.engine);
        assert!(!leave(ada.id).await.unwrap(), "{}", stage.engine);
        assert_eq!(members(9).await, [ben.id], "{}", stage.engine);
    }
}

#[tokio::test]
async fn groups_are_found_listed_and_renamed() {
    for stage in stages() {
        let mut made = Vec::new();
        for name in ["one", "two", "three", "four", "five"] {
            made.push(stage.group(name).await);
        }
        let pages = pages(async |after| {
            let page = stage
                .list::<ListGroups, _>(operator(), move |tx, visible| groups::list(tx, visible, after, 2));
            page.await.unwrap()
        });
        assert_eq!(
            pages.await,
            made.chunks(2).map(<[Group]>::to_vec).collect::<Vec<_>>(),
            "{}",
            stage.engine
        );
        let group = made.swap_remove(0);
        let renamed = stage.deed::<UpdateGroup, _>(operator(), group.clone(), |work, permit| {
            groups::rename(work, permit, &"uno".parse().unwrap())
        });
        renamed.await.unwrap();
        let found = stage.see(|tx| {
            let names = ["uno", "one"].map(|name| name.parse().unwrap());
            Ok([groups::find_by_name(tx, &names[0])?, groups::find_by_name(tx, &names[1])?])
        });
        assert_eq!(found.await, [Some(Group { name: "uno".parse().unwrap(), ..group }), None]);
    }
}

#[tokio::test]
async fn removing_a_group_closes_the_apps_that_were_open_to_it() {
    for stage in stages() {
        let family = stage.group("family").await;
        let access = AppAccess { groups: vec![family.id], ..AppAccess::default() };
        let notes = stage.app("notes", access.clone()).await;
        let wiki = stage.app("wiki", AppAccess { groups: vec![family.id], ..everyone() }).await;
        let deleted =
            stage.deed::<DeleteGroup, _>(operator(), family, |work, permit| groups::delete(work, permit));
        deleted.await.unwrap();
        let open = stage.see(move |tx| Ok([apps::find(tx, notes.id)?, apps::find(tx, wiki.id)?])).await;
        assert_eq!(
            open.map(|app| app.unwrap().access),
            [AppAccess::default(), everyone()],
            "{}",
            stage.engine
        );
    }
}

#[tokio::test]
async fn rule_19_the_setup_closes_for_good_and_voids_its_codes() {
    for stage in stages() {
        assert!(!stage.see(installation::is_set_up).await, "{}", stage.engine);
        let old = stage.setup_code().await;
        let new = stage.setup_code().await;
        let is_code = |code| stage.see(move |tx| installation::is_setup_code(tx, &[code]));
        assert_eq!((is_code(old).await, is_code(new).await), (false, true), "{}", stage.engine);
        for _ in 0..2 {
            let closed = stage.deed::<CompleteSetup, _>(stranger(), Installation, |work, permit| {
                installation::close_setup(work, permit)
            });
            closed.await.unwrap();
            assert!(stage.see(installation::is_set_up).await, "{}", stage.engine);
            assert!(!is_code(new).await, "{}", stage.engine);
        }
    }
}

#[tokio::test]
async fn the_newest_signing_key_comes_first() {
    for stage in stages() {
        for id in ["old", "new"] {
            stage.tick();
            let key = SigningKeyRow {
                id: id.to_owned(),
                sealed: vec![1, 2, 3],
                public_jwk: "{}".to_owned(),
                created_at: stage.clock.now(),
            };
            let kept = stage.deed::<CreateSigningKey, _>(system(), Installation, move |work, permit| {
                signing_keys::insert(work, permit, &key)
            });
            kept.await.unwrap();
        }
        let keys = stage.see(signing_keys::live).await;
        assert_eq!(keys.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["new", "old"]);
        assert_eq!(keys.first().unwrap().sealed, [1, 2, 3], "{}", stage.engine);
    }
}
