//! How statements are bound, what they may do, and what they see.

use crate::stage::{START, Wrong, operator, stages, system};
use domain::{Group, Id, Role, Time, User};
use doorward_store::{
    Ending, StoreError,
    tables::{groups, users},
};
use policy::{
    Installation,
    actions::{CreateGroup, CreateUser},
};

#[tokio::test]
async fn parameters_are_bound_by_number_and_not_by_order() {
    for stage in stages() {
        let pair = stage.see(|tx| {
            let [one, two] = [1_i64, 2].map(Into::into);
            tx.find::<(i64, i64, i64)>("SELECT $2::bigint, $1::bigint, $2::bigint", &[one, two])
        });
        assert_eq!(pair.await, Some((2, 1, 2)), "{}", stage.engine);
        let values = (0..12_i64).map(Into::into).collect::<Vec<_>>();
        let tenth = stage.see(move |tx| tx.find::<(i64, i64)>("SELECT $12, $1", &values));
        assert_eq!(tenth.await, Some((11, 0)), "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_parameter_that_is_not_given_is_an_error() {
    for stage in stages() {
        let read = stage.door.read(operator(), (), |look, ()| look.find::<i64>("SELECT $2", &[1_i64.into()]));
        assert!(
            matches!(read.await, Err(StoreError::Sqlite(_) | StoreError::Postgres(_))),
            "{}",
            stage.engine
        );
    }
}

#[tokio::test]
async fn a_column_that_holds_something_else_is_named() {
    for stage in stages() {
        let read = stage.door.read(operator(), (), |look, ()| look.find::<i64>("SELECT 'text' AS age", &[]));
        let error = read.await.unwrap_err();
        assert_eq!(error.to_string(), "column `age` holds something unexpected", "{}", stage.engine);
    }
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went() {
    for stage in stages() {
        let id = stage.id::<Group>();
        let row = stage.see(move |tx| {
            tx.find::<(Id<Group>, Time, String, Option<bool>)>(
                "SELECT $1, $2, $3, $4",
                &[id.into(), START.into(), "\u{e4}'\u{1f600}".into(), None::<bool>.into()],
            )
        });
        assert_eq!(row.await, Some((id, START, "\u{e4}'\u{1f600}".to_owned(), None)), "{}", stage.engine);
    }
}

/// SECURITY: reading functions are open to everyone who holds a transaction; a change must need a permit.
#[tokio::test]
async fn a_statement_that_writes_is_refused_where_a_reading_one_is_wanted() {
    const SWEEPS: [&str; 2] =
        ["DELETE FROM groups RETURNING id", "UPDATE groups SET name = 'none' RETURNING id"];
    for stage in stages() {
        let family = stage.group("family").await;
        for sweep in SWEEPS {
            let write = stage.door.write(operator(), (), move |work, ()| -> Result<_, Wrong> {
                Ok(Ending::Housekeeping(work.list::<Id<Group>>(sweep, &[])?))
            });
            assert!(matches!(write.await, Err(Wrong::Store(StoreError::NotReading))), "{}", stage.engine);
            let read = stage.door.read(operator(), (), move |look, ()| look.list::<Id<Group>>(sweep, &[]));
            assert!(read.await.is_err(), "{}", stage.engine);
        }
        assert_eq!(stage.see(move |tx| groups::find(tx, family.id)).await, Some(family), "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_reading_transaction_sees_what_was_committed_and_one_moment_alone() {
    for stage in stages() {
        let id = stage.id();
        let group = Group { id, name: "family".parse().unwrap(), created_at: START };
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let look = stage.door.read(operator(), id, move |look, id| -> Result<_, StoreError> {
            let before = groups::find(look, id)?;
            begun.send(()).unwrap();
            gone.recv().unwrap();
            Ok((before, groups::find(look, id)?))
        });
        let change = async {
            has_begun.await.unwrap();
            let row = group.clone();
            let made = stage.deed::<CreateGroup, _>(operator(), Installation, move |work, permit| {
                groups::insert(work, permit, &row)
            });
            made.await.unwrap();
            go.send(()).unwrap();
        };
        let (seen, ()) = tokio::join!(look, change);
        assert_eq!(seen.unwrap(), (None, None), "{}", stage.engine);
        assert_eq!(stage.see(move |tx| groups::find(tx, id)).await, Some(group), "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_panic_in_a_reading_transaction_leaves_the_others_alone() {
    for stage in stages() {
        for _ in 0..5 {
            let read = stage
                .door
                .read(system(), (), |_, ()| -> Result<(), StoreError> { panic!("a reading function broke") });
            assert!(matches!(read.await, Err(StoreError::Panicked)), "{}", stage.engine);
        }
        assert_eq!(stage.see(|tx| tx.find::<i64>("SELECT 1", &[])).await, Some(1), "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_text_with_a_nul_is_refused_by_every_engine() {
    for stage in stages() {
        let values = ["a\0b".into()];
        let read = stage.door.read(operator(), (), move |look, ()| look.find::<String>("SELECT $1", &values));
        assert!(matches!(read.await, Err(StoreError::Nul)), "{}", stage.engine);
    }
}

#[tokio::test]
async fn texts_are_compared_byte_by_byte_and_ascii_alone_has_cases() {
    for stage in stages() {
        for (number, name) in (0..).zip(["Zoe", "ada", "\u{e9}mile", "Ada", "\u{c9}mile"]) {
            let user = stage.user(&format!("user-{number}"), Role::Member);
            let user = User { name: name.parse().unwrap(), ..user };
            let made = stage.deed::<CreateUser, _>(operator(), Installation, move |work, permit| {
                users::insert(work, permit, &user, "hash")
            });
            made.await.unwrap();
        }
        let names = stage.see(|tx| tx.list::<String>("SELECT name FROM users ORDER BY name", &[])).await;
        assert_eq!(names, ["Ada", "Zoe", "ada", "\u{c9}mile", "\u{e9}mile"], "{}", stage.engine);
        let lower =
            stage.see(|tx| tx.list::<String>("SELECT lower(name) FROM users ORDER BY name", &[])).await;
        assert_eq!(lower, ["ada", "zoe", "ada", "\u{c9}mile", "\u{e9}mile"], "{}", stage.engine);
    }
}

#[tokio::test]
async fn what_engines_count_and_compare_in_types_of_their_own_comes_back_as_one() {
    for stage in stages() {
        let row = stage.see(|tx| tx.find::<(i64, bool, i64)>("SELECT 1, 2 > 1, count(*) FROM users", &[]));
        assert_eq!(row.await, Some((1, true, 0)), "{}", stage.engine);
    }
}
