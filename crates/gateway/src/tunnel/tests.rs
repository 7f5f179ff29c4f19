use super::*;
use futures_util::FutureExt as _;
use std::pin::pin;
use tokio::sync::Notify;

#[test]
fn a_tunnel_is_idle_when_nothing_moves_for_a_while_and_not_before() {
    let (moved, while_is_over) = (AtomicU64::new(0), Notify::new());
    let mut idle = pin!(idle(&moved, || while_is_over.notified()));
    for _ in 0..3 {
        assert!(idle.as_mut().now_or_never().is_none());
        moved.fetch_add(1, Ordering::Relaxed);
        while_is_over.notify_one();
    }
    assert!(idle.as_mut().now_or_never().is_none());
    while_is_over.notify_one();
    assert!(idle.as_mut().now_or_never().is_some());
}
