//! The apps as they are now, also while nobody tells of changes.
//!
//! SECURITY: an app that was closed to anyone on another replica must not stay open on one that does not hear of it
//! (`security.md` 17). INVARIANT: what was read before others told of a newer state never replaces it.

use crate::{Access, AppRoute, Unavailable, route::Routes};
use domain::{App, Time};
use std::sync::Arc;

impl Access {
    /// The app that a host leads to, as [`Access::find_app`] knows it; while others' changes are not heard of, the apps are
    /// read again before that where they were last read more than a second ago.
    pub async fn find_current_app(&self, host: &str) -> Result<Option<Arc<AppRoute>>, Unavailable> {
        let came = self.now();
        if !self.knows_apps(came) {
            Box::pin(self.read_apps(came)).await?;
        }
        Ok(self.find_app(host))
    }

    fn knows_apps(&self, now: Time) -> bool {
        let routes = self.routes.load();
        routes.are_known() && (self.parts.directory.is_fed() || routes.is_young(now))
    }

    /// Reads the apps, unless somebody has done so, or has tried, since `came`: one reads for all who wait.
    async fn read_apps(&self, came: Time) -> Result<(), Unavailable> {
        let mut failed = self.reading_failed.lock().await;
        let now = self.now();
        if self.routes.load().is_read_since(came, now) {
            return Ok(());
        }
        if failed.is_some_and(|at| came < at && at <= now) {
            return Err(Unavailable);
        }
        let (known, read_at) = (self.routes.load_full(), now);
        let apps = self.parts.directory.find_apps().await.inspect_err(|_| *failed = Some(self.now()))?;
        self.renew(&known, &apps, read_at);
        Ok(())
    }

    /// Puts what was read in the place of what was known before. Whatever came between was told, and is newer.
    fn renew(&self, known: &Arc<Routes>, apps: &[App], read_at: Time) {
        if known.are_of(apps) {
            known.read_again(read_at);
            return;
        }
        let new = Arc::new(Routes::new(apps, &self.parts.home, read_at));
        let before = self.routes.compare_and_swap(known, new);
        if Arc::ptr_eq(&before, known) {
            self.touch_everyone();
        }
    }
}
