//! Who is told of a commit, and when.

use crate::stage::{Stage, Wrong, operator, stages};
use domain::{Group, Role, User};
use doorward_store::{
    Committed, Door, Ending, ReadTx, Touch,
    tables::{groups, users, users::UserState},
};
use policy::actions::{DeleteGroup, UpdateGroup, UpdateUser};
use std::sync::{Arc, Mutex, Weak};
use tokio::runtime::Handle;

/// What was touched, and the name that the listener's transaction and another one read.
type Heard = (Vec<Touch>, String, String);

/// Writes down what it is told, and what the rest of the house reads at that moment.
struct Witness {
    door: Weak<Door>,
    runtime: Handle,
    user: User,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Committed for Witness {
    fn committed(&self, touched: &[Touch], tx: &mut ReadTx<'_>) {
        let name = |user: Option<User>| user.unwrap().name.to_string();
        let own = name(users::find(tx, self.user.id).unwrap());
        let door = self.door.upgrade().unwrap();
        let id = self.user.id;
        let others = self.runtime.block_on(door.read(operator(), id, |look, id| users::find(look, id)));
        self.heard.lock().unwrap().push((touched.to_vec(), own, name(others.unwrap())));
    }
}

async fn change(
    stage: &Stage,
    user: &User,
    name: &str,
    ending: fn() -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    let row = UserState { name: name.parse().unwrap(), role: user.role, disabled_at: None };
    let write = stage.door.write(operator(), (user.clone(), row), move |work, (user, row)| {
        let permit = work.permit::<UpdateUser>(user)?;
        users::update(work, &permit, row)?;
        ending()?;
        Ok::<_, Wrong>(Ending::Done((), work.deed(permit)))
    });
    write.await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_is_told_after_the_commit_and_before_the_answer() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Admin).await;
        let heard = Arc::new(Mutex::new(Vec::new()));
        stage.door.listen(Box::new(Witness {
            door: Arc::downgrade(&stage.door),
            runtime: Handle::current(),
            user: ada.clone(),
            heard: Arc::clone(&heard),
        }));
        change(&stage, &ada, "Countess", || Ok(())).await.unwrap();
        let told = std::mem::take(&mut *heard.lock().unwrap());
        let expected = (vec![Touch::User(ada.id)], "Countess".to_owned(), "Countess".to_owned());
        assert_eq!(told, [expected], "{}", stage.engine);
        change(&stage, &ada, "Nobody", || Err(Wrong::Itself)).await.unwrap_err();
        assert!(heard.lock().unwrap().is_empty(), "told of what was rolled back on {}", stage.engine);
    }
}

#[tokio::test]
async fn removing_a_group_concerns_everyone_and_the_apps() {
    struct Told(Arc<Mutex<Vec<Touch>>>);
    impl Committed for Told {
        fn committed(&self, touched: &[Touch], _: &mut ReadTx<'_>) {
            self.0.lock().unwrap().extend(touched);
        }
    }
    for stage in stages() {
        let family: Group = stage.group("family").await;
        let told = Arc::new(Mutex::new(Vec::new()));
        stage.door.listen(Box::new(Told(Arc::clone(&told))));
        let renamed = stage.deed::<UpdateGroup, _>(operator(), family.clone(), |work, permit| {
            groups::rename(work, permit, &"kin".parse().unwrap())
        });
        renamed.await.unwrap();
        assert_eq!(*told.lock().unwrap(), [Touch::Everyone], "{}", stage.engine);
        stage
            .deed::<DeleteGroup, _>(operator(), family, |work, permit| groups::delete(work, permit))
            .await
            .unwrap();
        assert_eq!(
            *told.lock().unwrap(),
            [Touch::Everyone, Touch::Everyone, Touch::Apps],
            "{}",
            stage.engine
        );
    }
}
