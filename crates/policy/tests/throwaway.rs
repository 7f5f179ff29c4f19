use doorward_policy::*;
use domain::*;
fn id<K>(n: u8) -> Id<K> { Id::from_bytes([n; 16]) }
fn cpu() -> std::time::Duration { let s = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap(); std::time::Duration::from_nanos(s.split(' ').next().unwrap().parse().unwrap()) }
#[test]
fn speed() {
    let t = cpu();
    let policy = Policy::builtin().unwrap();
    println!("load {:?}", (cpu() - t));
    let p = |scope| Principal { who: Who::User(id(1)), account: Some(Account { id: id(1), role: Role::Member, groups: vec![id(2), id(3), id(4)], disabled: false }), scope, recent_proof: true };
    let full = p(Scope::FULL);
    let scoped = p(Scope { apps: Selection::Only(vec![id(9), id(8)]), permissions: Selection::Only(vec![]) });
    let host = |access| Resource::facts(&AppHost { id: id(9), access });
    let everyone = host(AppAccess { everyone: true, ..Default::default() });
    let groups = host(AppAccess { everyone: false, groups: vec![id(4), id(7)], users: vec![id(5)] });
    let closed = host(AppAccess::default());
    for (name, principal, on, action) in [("everyone", &full, &everyone, "app:open"), ("groups", &full, &groups, "app:open"), ("token", &scoped, &groups, "app:open"), ("denied", &full, &closed, "app:open"), ("user:list", &full, &Facts::new("User", "*"), "user:list"), ("unknown", &full, &Facts::new("User", "*"), "note:read")] {
        for round in 0..2 {
            let t = cpu();
            let n = 20000;
            for _ in 0..n { std::hint::black_box(policy.decide(std::hint::black_box(principal), action, on)); }
            if round == 1 { println!("{name}: {:?}", (cpu() - t) / n); }
        }
    }
}
