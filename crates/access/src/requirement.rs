//! Who may pass somewhere, made ready for the policy once and for all requests.

use domain::{App, AppAccess, Id};
use policy::{AppHost, Facts, Resource as _};
use std::sync::Arc;

/// Who may pass: an app's own access, or that of one of its rules.
#[derive(Debug)]
pub struct Requirement {
    /// The app as the policy sees it, were this its access.
    pub(crate) facts: Facts,
}

impl Requirement {
    pub(crate) fn new(app: Id<App>, access: AppAccess) -> Arc<Self> {
        Arc::new(Self { facts: AppHost { id: app, access }.facts() })
    }
}

/// What one request must fulfil.
#[derive(Debug, Clone, Copy)]
pub enum Demand<'r> {
    /// Nothing: whoever comes may pass, signed in or not.
    Nothing,
    /// Each of these; never none.
    All(&'r [Arc<Requirement>]),
}
