//! The 16 bytes of an operation, and the builder that fills them.

use memcore::trace::{AllocTrace, AllocTraceBuilder, Event, EventKind, Format, MAX_THREAD, Reason};

use super::aligned;

#[test]
fn every_field_comes_back_whatever_the_others_hold() {
    for thread in [0, 1, 0x2a_aaaa, MAX_THREAD] {
        for (id, size) in [(0, 0), (u32::MAX, u64::MAX), (7, 1 << 40)] {
            for log2 in 0..64 {
                let event = aligned(id, size, 1 << log2).on_thread(1).unwrap().on_thread(thread).unwrap();
                assert_eq!((event.kind(), event.id(), event.size()), (EventKind::Aligned, id, size));
                assert_eq!((event.log2_alignment(), event.thread()), (log2, thread));
                assert_eq!(event.alignment(), Some(1 << log2));
            }
            for (event, kind) in [
                (Event::malloc(id, size), EventKind::Malloc),
                (Event::calloc(id, size), EventKind::Calloc),
                (Event::realloc(id, size), EventKind::Realloc),
            ] {
                let event = event.on_thread(thread).unwrap();
                assert_eq!((event.kind(), event.id(), event.size()), (kind, id, size));
                assert_eq!((event.alignment(), event.thread()), (None, thread));
            }
        }
    }
    assert_eq!(Event::free(3).size(), 0);
    assert_eq!(Event::free(3).on_thread(1 << 23), Err(Reason::ThreadOutOfRange { thread: 1 << 23 }));
    assert_eq!(Event::aligned(0, 1, 48), Err(Reason::BadAlignment { alignment: 48 }));
    for kind in EventKind::ALL {
        assert_eq!(EventKind::from_number(kind as u8), Some(kind));
    }
    assert_eq!(EventKind::from_number(5), None);
}

#[test]
fn the_builder_refuses_without_changing_and_stops_at_its_limit() {
    let mut builder = AllocTraceBuilder::with_limit(3);
    assert_eq!(builder.malloc(8), Ok(0));
    let unknown = Reason::UnknownReference { what: "block", number: 1, defined: 1 };
    assert_eq!(builder.free(1), Err(unknown.clone()));
    assert_eq!(builder.realloc(1, 5), Err(unknown));
    assert_eq!(builder.aligned(8, 3), Err(Reason::BadAlignment { alignment: 3 }));
    assert_eq!(builder.set_thread(1 << 40), Err(Reason::ThreadOutOfRange { thread: 1 << 40 }));
    assert_eq!(builder.next_id(), 1);
    assert_eq!(builder.realloc(0, 0), Ok(()));
    assert_eq!(builder.orphan_free(), Ok(1));
    assert_eq!(builder.malloc(1), Err(Reason::TooManyEvents { limit: 3 }));
    assert_eq!(builder.next_id(), 2);
    let trace = builder.finish();
    assert_eq!(trace.events(), [Event::malloc(0, 8), Event::free(0), Event::free(1)]);
    assert_eq!((trace.ids(), trace.orphans(), trace.format()), (2, 1, Format::Built));
}

#[test]
fn a_trace_can_go_to_another_thread() {
    fn movable<T: Send + Sync + 'static>() {}
    movable::<AllocTrace>();
    movable::<AllocTraceBuilder>();
    movable::<memcore::trace::TraceError>();
}
