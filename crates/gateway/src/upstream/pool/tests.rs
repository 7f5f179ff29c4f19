use super::*;
use domain::{App, AppAccess, Id, Time};
use tokio::net::TcpListener;

fn route() -> Arc<AppRoute> {
    let host = "notes.localhost".parse().unwrap();
    let app = App {
        id: Id::from_bytes([1; 16]),
        name: "notes".parse().unwrap(),
        hosts: vec![],
        upstreams: vec!["http://127.0.0.1:1".parse().unwrap()],
        gate: domain::GateSettings::default(),
        access: AppAccess::default(),
        basic: false,
        created_at: Time::from_micros(0),
    };
    Arc::new(AppRoute::new(app, &host, &"http://localhost".parse().unwrap()))
}

fn pool(idle_connections: usize, shutdown: &CancellationToken) -> Arc<Pool> {
    let never = Duration::from_hours(1);
    let limits = Limits { idle_connections, idle_time: never, ..Limits::default() };
    Pool::start(limits, TaskTracker::new(), shutdown.clone())
}

/// A connection that was used and is ready again.
async fn used(pool: &Arc<Pool>, listener: &TcpListener) -> (Lease, TcpStream) {
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let mut lease = pool.adopt(&route(), stream).await.unwrap();
    lease.sender.ready().await.unwrap();
    (lease, listener.accept().await.unwrap().0)
}

#[tokio::test]
async fn two_sweeps_end_a_connection_that_nobody_used_between_them() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pool = pool(2, &CancellationToken::new());
    tokio::task::yield_now().await; // the first sweep of the pool's own task
    let (lease, _app) = used(&pool, &listener).await;
    lease.give_back();
    pool.sweep();
    pool.find(&route()).unwrap().give_back();
    pool.sweep();
    pool.sweep();
    assert!(pool.find(&route()).is_none());
}

#[tokio::test]
async fn no_more_than_the_limit_are_kept_and_none_after_the_shutdown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shutdown = CancellationToken::new();
    let pool = pool(1, &shutdown);
    let (one, _app) = used(&pool, &listener).await;
    let (two, _app) = used(&pool, &listener).await;
    one.give_back();
    two.give_back();
    let kept = pool.find(&route()).unwrap();
    assert!(pool.find(&route()).is_none());
    shutdown.cancel();
    kept.give_back();
    assert!(pool.find(&route()).is_none());
}
