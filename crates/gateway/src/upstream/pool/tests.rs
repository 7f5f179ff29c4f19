use super::*;
use tokio::net::TcpListener;

fn place() -> Arc<Place> {
    Arc::new(Place::new(1, "127.0.0.1", 1))
}

fn pool(idle_connections: usize, shutdown: &CancellationToken) -> Arc<Pool> {
    let never = Duration::from_hours(1);
    let limits = Limits { idle_connections, idle_time: never, ..Limits::default() };
    Pool::start(limits, TaskTracker::new(), shutdown.clone())
}

/// A connection that was used and is ready again.
async fn used(pool: &Arc<Pool>, listener: &TcpListener) -> (Lease, TcpStream) {
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let mut connection = pool.adopt(stream).await.unwrap();
    connection.sender.ready().await.unwrap();
    (lease(pool, connection), listener.accept().await.unwrap().0)
}

fn lease(pool: &Arc<Pool>, connection: Connection) -> Lease {
    Lease { connection, turn: place().enter(), may_linger: true, is_spent: false, pool: Arc::clone(pool) }
}

#[tokio::test]
async fn two_sweeps_end_a_connection_that_nobody_used_between_them() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pool = pool(2, &CancellationToken::new());
    tokio::task::yield_now().await; // the first sweep of the pool's own task
    let (used, _app) = used(&pool, &listener).await;
    used.give_back();
    pool.sweep();
    lease(&pool, pool.find(&place()).unwrap()).give_back();
    pool.sweep();
    pool.sweep();
    assert!(pool.find(&place()).is_none());
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
    let kept = pool.find(&place()).unwrap();
    assert!(pool.find(&place()).is_none());
    shutdown.cancel();
    lease(&pool, kept).give_back();
    assert!(pool.find(&place()).is_none());
}
