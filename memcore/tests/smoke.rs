#![allow(missing_docs)]
use memcore::alloc::*;
#[test]
fn smoke() {
    for name in [
        "first-fit",
        "next-fit",
        "best-fit",
        "best-fit:tie=recent",
        "worst-fit",
        "tlsf",
        "tlsf:tie=lowest,probe=3",
        "buddy",
        "size-classes",
        "pool:slot=4096",
        "bump",
        "stack",
    ] {
        for index in [false, true] {
            let strategy: Strategy = name.parse().unwrap();
            let cap = if name == "bump" { 1 << 30 } else { 200_000 };
            let mut a = AnyAllocator::new(
                &strategy,
                Options::new(cap).granularity(8).address_index(index).tags(true),
            )
            .unwrap();
            let mut live: Vec<Block> = vec![];
            let mut x = 12345u64;
            let mut r = || {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                x
            };
            let mut oos = 0;
            for i in 0..20000 {
                let c = r() % 10;
                if c < 5 {
                    let size = 1 + r() % 700;
                    let al = 1 << (r() % 6);
                    match a.allocate(Request::new(size).align(al).tag(i as u32)) {
                        Ok(b) => {
                            assert_eq!(b.start % al, 0);
                            live.push(b)
                        }
                        Err(AllocError::OutOfSpace { .. }) => oos += 1,
                        Err(e) => panic!("{name} {e}"),
                    }
                } else if c < 9 && !live.is_empty() {
                    let k = if name == "stack" { live.len() - 1 } else { r() as usize % live.len() };
                    let b = live.swap_remove(k);
                    a.free(b.id).unwrap();
                    assert!(matches!(a.free(b.id), Err(AllocError::DoubleFree { .. })));
                } else if !live.is_empty() {
                    let k = if name == "stack" { live.len() - 1 } else { r() as usize % live.len() };
                    if let Ok(b) = a.resize(live[k].id, 1 + r() % 900) {
                        live[k] = b;
                    }
                }
                if i % 97 == 0 {
                    if let Err(e) = a.validate() {
                        panic!("{name} at {i}: {e}")
                    }
                    let s = a.stats();
                    assert_eq!(s.used + s.free + s.dead, s.capacity);
                    let c = a.capabilities();
                    if c.compaction && i % 970 == 0 {
                        let p = a.plan_compaction(Budget { bytes: 5000, moves: 40 }, &[]).unwrap();
                        a.commit(&p).unwrap();
                        a.validate().unwrap();
                        for b in &mut live {
                            *b = a.block(b.id).unwrap();
                        }
                    }
                    if c.find_by_address {
                        for b in &live {
                            assert_eq!(a.containing(b.end() - 1).unwrap(), a.block(b.id).unwrap());
                        }
                    }
                }
            }
            println!(
                "{name}: {:?} oos {oos} meta {} opt {}",
                a.stats(),
                a.metadata_bytes(),
                a.optional_bytes()
            );
            a.reset().unwrap();
            a.validate().unwrap();
            assert_eq!(a.stats().used, 0);
        }
    }
}
