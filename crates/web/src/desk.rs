//! What every handler needs.

use crate::Figures;
use access::Access;
use domain::{Origin, Time};
use identity::House;
use std::sync::{Arc, atomic::AtomicBool};

/// What every handler needs: the use cases and the gate.
#[derive(Clone)]
pub struct Desk {
    /// The use cases.
    pub house: Arc<House>,
    /// Credentials, decisions and routes.
    pub access: Arc<Access>,
    /// What is measured.
    pub figures: Arc<dyn Figures>,
    /// Set when the program is about to stop, and nobody is to be sent here any more.
    pub leaving: Arc<AtomicBool>,
}

impl Desk {
    /// Where the home host is.
    pub fn home(&self) -> &Origin {
        self.access.home()
    }

    /// The path of something of Doorward's own, under where it is mounted.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.house.settings().mount)
    }

    /// The name of the cookie of a session at the home host.
    pub fn session_cookie(&self) -> &str {
        self.access.session_cookie()
    }

    /// The present moment.
    pub fn now(&self) -> Time {
        self.house.door().clock().now()
    }
}
