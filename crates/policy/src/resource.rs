//! What things are to a policy: their type, their id, and the few facts that rules look at.

use crate::{Fact, Facts};
use domain::{ApiToken, App, AppAccess, Event, Group, Id, Session, User};

/// Something that an action can be done to.
pub trait Resource {
    /// What names it.
    type Id: Copy + Send + std::fmt::Debug + 'static;
    /// The entity type in policies.
    const TYPE: &'static str;
    /// The attributes of the type, as Cedar's schema writes them: those that [`facts`](Self::facts) gives. Doorward's
    /// own types stand in its own schema.
    const SHAPE: &'static str = "{ owner?: User }";

    /// What names it.
    fn id(&self) -> Self::Id;

    /// The name as the audit log writes it: its id, unless it says otherwise; `None` where there is only one.
    fn key(&self) -> Option<String> {
        Some(format!("{:?}", self.id()))
    }

    /// What rules may look at.
    fn facts(&self) -> Facts;

    /// What a list of all of them is to a policy: one of the type, owned by nobody.
    fn any() -> Facts {
        Facts::new(Self::TYPE, "*")
    }

    /// What a list of `owner`'s own is to a policy.
    fn any_of(owner: Id<User>) -> Facts {
        Facts::new(Self::TYPE, "*").with("owner", Fact::User(owner))
    }
}

/// The installation as a whole: what there is only one of.
#[derive(Debug, Clone, Copy)]
pub struct Installation;

/// An app as its visitors meet it: only who may open it.
#[derive(Debug, Clone)]
pub struct AppHost {
    /// The app.
    pub id: Id<App>,
    /// Who may open it.
    pub access: AppAccess,
}

/// What all have in common that are named by their `id`.
macro_rules! named_by_id {
    ($id:ty, $type:literal) => {
        type Id = $id;
        const TYPE: &'static str = $type;

        fn id(&self) -> $id {
            self.id
        }

        fn key(&self) -> Option<String> {
            Some(self.id.to_string())
        }
    };
}

impl Resource for Installation {
    type Id = ();
    const TYPE: &'static str = "Installation";

    fn id(&self) {}

    fn key(&self) -> Option<String> {
        None
    }

    fn facts(&self) -> Facts {
        Facts::new(Self::TYPE, "this")
    }
}

impl Resource for AppHost {
    named_by_id!(Id<App>, "App");

    fn facts(&self) -> Facts {
        app(&self.id.to_string(), &self.access)
    }

    fn any() -> Facts {
        app("*", &AppAccess::default())
    }
}

impl Resource for App {
    named_by_id!(Id<App>, "App");

    fn facts(&self) -> Facts {
        app(&self.id.to_string(), &self.access)
    }

    fn any() -> Facts {
        app("*", &AppAccess::default())
    }
}

impl Resource for User {
    named_by_id!(Id<Self>, "User");

    fn facts(&self) -> Facts {
        Facts::owned(Self::TYPE, &self.id, self.id)
    }
}

impl Resource for Session {
    named_by_id!(Id<Self>, "Session");

    fn facts(&self) -> Facts {
        Facts::owned(Self::TYPE, &self.id, self.user)
    }
}

impl Resource for ApiToken {
    named_by_id!(Id<Self>, "Token");

    fn facts(&self) -> Facts {
        Facts::owned(Self::TYPE, &self.id, self.owner)
    }
}

impl Resource for Group {
    named_by_id!(Id<Self>, "Group");

    fn facts(&self) -> Facts {
        Facts::new(Self::TYPE, &self.id.to_string())
    }
}

impl Resource for Event {
    named_by_id!(Id<Self>, "Event");

    fn facts(&self) -> Facts {
        Facts::new(Self::TYPE, &self.id.to_string())
    }
}

fn app(id: &str, access: &AppAccess) -> Facts {
    Facts::new(AppHost::TYPE, id)
        .with("everyone", Fact::Bool(access.everyone))
        .with("groups", Fact::Groups(access.groups.clone()))
        .with("users", Fact::Users(access.users.clone()))
        .with("roles", Fact::Roles(access.roles.clone()))
}
