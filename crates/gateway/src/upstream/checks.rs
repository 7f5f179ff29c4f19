//! Asks places whether they are well, where an app wants that, and follows the apps as they change.

use super::{SendError, choice::Places, connect, place::Place};
use access::{Access, AppRoute};
use bytes::Bytes;
use domain::HealthCheck;
use futures_util::{
    StreamExt as _,
    future::{BoxFuture, Either, FutureExt as _, select},
    stream::FuturesUnordered,
};
use http::{Request, StatusCode, header};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::{collections::HashMap, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::TcpStream,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

/// How soon a change of the apps is seen, and how finely checks are timed.
const TICK: Duration = Duration::from_secs(1);
/// How long a check may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Every place that is checked: when it is next due, which is never while a check is under way.
#[derive(Default)]
struct Round {
    due: HashMap<u64, (Arc<Place>, Option<Instant>)>,
}

/// A check that has ended, and when the next is due.
struct Checked {
    place: u64,
    is_well: bool,
    next: Instant,
}

/// Works until it is dropped.
pub(super) async fn follow(access: Arc<Access>, places: Arc<Places>, own: Arc<[SocketAddr]>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut round = Round::default();
    let mut under_way = FuturesUnordered::new();
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                let routes = access.routes();
                places.follow(&routes);
                under_way.extend(round.begin(&places, &routes, &own));
            }
            Some(checked) = under_way.next() => round.end(checked),
        }
    }
}

impl Round {
    /// The checks that are due now. A place that two apps are at is checked as the first of them wants it.
    fn begin(
        &mut self,
        places: &Places,
        routes: &[Arc<AppRoute>],
        own: &Arc<[SocketAddr]>,
    ) -> Vec<BoxFuture<'static, Checked>> {
        let wanted = wanted(places, routes);
        self.due.retain(|id, (place, _)| {
            let is_wanted = wanted.contains_key(id);
            if !is_wanted {
                place.forget_checks();
            }
            is_wanted
        });
        let now = Instant::now();
        let mut begun = Vec::new();
        for (id, (place, route, check)) in wanted {
            let (_, due) = self.due.entry(id).or_insert_with(|| (Arc::clone(&place), Some(now)));
            if due.is_some_and(|due| due <= now) {
                *due = None;
                begun.push(make(place, Arc::clone(route), check.clone(), Arc::clone(own)).boxed());
            }
        }
        begun
    }

    /// What a check has found counts only if it is still wanted.
    fn end(&mut self, checked: Checked) {
        if let Some((place, due)) = self.due.get_mut(&checked.place) {
            place.checked(checked.is_well);
            *due = Some(checked.next);
        }
    }
}

type Wanted<'r> = HashMap<u64, (Arc<Place>, &'r Arc<AppRoute>, &'r HealthCheck)>;

fn wanted<'r>(places: &Places, routes: &'r [Arc<AppRoute>]) -> Wanted<'r> {
    let mut checked: Vec<_> =
        routes.iter().filter_map(|route| Some((route, route.app.gate.health.as_ref()?))).collect();
    checked.sort_by_key(|(route, _)| (route.app.id, route.origin.host()));
    let mut wanted = HashMap::new();
    for (route, check) in checked {
        for place in places.of(route).map_or(&[][..], |choice| choice.places()) {
            wanted.entry(place.id).or_insert_with(|| (Arc::clone(place), route, check));
        }
    }
    wanted
}

async fn make(
    place: Arc<Place>,
    route: Arc<AppRoute>,
    check: HealthCheck,
    own: Arc<[SocketAddr]>,
) -> Checked {
    let next = Instant::now() + Duration::from_secs(check.every_seconds.max(1).into());
    let found = timeout(LIMIT, ask(&place, &route, &check, &own)).await.unwrap_or(Err(SendError::Timeout));
    if let Err(error) = &found {
        tracing::debug!(%place, %error, "a check found nobody");
    }
    Checked { place: place.id, is_well: found.is_ok_and(|status| status.as_u16() < 500), next }
}

/// Asks over a connection of its own, in the app's name. A redirect is an answer like any other.
async fn ask(
    place: &Place,
    route: &AppRoute,
    check: &HealthCheck,
    own: &[SocketAddr],
) -> Result<StatusCode, SendError> {
    let stream: TcpStream = connect::open(place, LIMIT, own).await?;
    let request = Request::get(&*check.path)
        .header(header::HOST, route.origin.authority())
        .header(header::USER_AGENT, "Doorward")
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| SendError::Connect(io::Error::other(error)))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let asked = pin!(sender.send_request(request));
    match select(asked, connection).await {
        Either::Left((answered, _)) => Ok(answered?.status()),
        Either::Right((ended, asked)) => {
            ended?;
            Ok(asked.await?.status())
        }
    }
}
