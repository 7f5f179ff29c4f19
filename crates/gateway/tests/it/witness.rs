//! A witness that writes down what it is told.

use crate::house::PATIENCE;
use doorward_gateway::{Open, Seen, Witness};
use std::sync::{Mutex, PoisonError};
use tokio::{sync::Notify, time::timeout};

/// A witness that writes down what it is told.
#[derive(Default)]
pub(crate) struct Notebook {
    pages: Mutex<Pages>,
    news: Notify,
}

#[derive(Default)]
struct Pages {
    seen: Vec<Seen>,
    connections: i64,
    tunnels: i64,
}

impl Notebook {
    /// The next request that is over.
    pub(crate) async fn next(&self) -> Seen {
        self.until(|pages| (!pages.seen.is_empty()).then(|| pages.seen.remove(0))).await
    }

    /// Requests that are over and were not asked for yet.
    pub(crate) fn waiting(&self) -> usize {
        self.with(|pages| pages.seen.len())
    }

    /// Waits until so many connections and tunnels are open.
    pub(crate) async fn open(&self, connections: i64, tunnels: i64) {
        self.until(|pages| ((pages.connections, pages.tunnels) == (connections, tunnels)).then_some(()))
            .await;
    }

    async fn until<T>(&self, look: impl Fn(&mut Pages) -> Option<T>) -> T {
        let come = async {
            loop {
                let news = self.news.notified();
                if let Some(found) = self.with(&look) {
                    return found;
                }
                news.await;
            }
        };
        timeout(PATIENCE, come).await.unwrap()
    }

    fn with<T>(&self, look: impl FnOnce(&mut Pages) -> T) -> T {
        look(&mut self.pages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, note: impl FnOnce(&mut Pages)) {
        self.with(note);
        self.news.notify_one();
    }

    fn count(&self, what: Open, change: i64) {
        self.write(|pages| match what {
            Open::Connection => pages.connections += change,
            Open::Tunnel => pages.tunnels += change,
        });
    }
}

impl Witness for Notebook {
    fn keeps_words(&self) -> bool {
        true
    }

    fn saw(&self, seen: Seen) {
        self.write(|pages| pages.seen.push(seen));
    }

    fn opened(&self, what: Open) {
        self.count(what, 1);
    }

    fn closed(&self, what: Open) {
        self.count(what, -1);
    }
}
