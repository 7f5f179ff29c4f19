//! Where principals come from when they are not in the cache.

use domain::{ApiToken, App, Group, GroupName, Id, Session, Time, User};
use std::{future::Future, pin::Pin};
use vault::Digest;

/// Where credentials are looked up does not answer.
#[derive(Debug, thiserror::Error)]
#[error("where credentials are looked up does not answer")]
pub struct Unavailable;

/// A credential that is live, and whose it is.
#[derive(Debug, Clone)]
pub struct Found {
    /// Whose it is; the account is open.
    pub user: User,
    /// The groups they are in, by name.
    pub groups: Vec<(Id<Group>, GroupName)>,
    /// The credential.
    pub credential: FoundCredential,
}

/// A live credential.
#[derive(Debug, Clone)]
pub enum FoundCredential {
    /// A signed-in browser.
    Session(Session),
    /// An API token.
    Token(ApiToken),
    /// A cookie that is signed and kept nowhere.
    Signed {
        /// When it was signed.
        at: Time,
        /// Which of the app's secrets it was signed with.
        version: i64,
        /// When it ends.
        ends_at: Time,
    },
    /// The one token of an app with a single administrator, in this version.
    Shared(i64),
}

/// An answer that is on its way.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Option<Found>, Unavailable>> + Send + 'a>>;

/// The apps, on their way.
pub type Apps<'a> = Pin<Box<dyn Future<Output = Result<Vec<App>, Unavailable>> + Send + 'a>>;

/// Finds live credentials by the digests of their secrets: one for each key that may have made it.
pub trait Directory: Send + Sync {
    /// The live session with one of these digests.
    fn find_session(&self, digests: Vec<Digest>) -> Answer<'_>;
    /// The live token with one of these digests.
    fn find_token(&self, digests: Vec<Digest>) -> Answer<'_>;
    /// All apps, as they are now. Who is always told of changes is never asked.
    fn find_apps(&self) -> Apps<'_> {
        Box::pin(async { Err(Unavailable) })
    }
    /// Whether the gate has been told of everything that others changed more than a second ago. While it has not, what
    /// it knows for longer than that is asked for again.
    fn is_fed(&self) -> bool {
        true
    }
    /// The same of what sessions rest on besides: tokens go on without it.
    fn are_sessions_fed(&self) -> bool {
        true
    }
}
