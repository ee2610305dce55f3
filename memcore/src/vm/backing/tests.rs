//! The objects against a vector of bytes.

use super::*;
use std_alloc::vec;

/// Reads, writes and cuts at random; a page of the model past its end is zeros.
fn drive(file: &mut dyn Backing, keeps: bool) {
    let mut model = vec![0u8; file.len() as usize];
    let mut state = 5u64;
    for _ in 0..3000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (offset, length) = ((state >> 40) % 400, (state >> 20) as usize % 100);
        let end = model.len() as u64;
        let past = (length > 0 && offset >= end).then_some(BackingError::PastEnd { offset, length: end });
        let outcome = past.map_or(Ok(()), Err);
        match state >> 60 {
            0..=6 => {
                let mut bytes = vec![9; length];
                assert_eq!(file.read(offset, &mut bytes), outcome);
                let expected = (offset..).map(|at| model.get(at as usize).copied().unwrap_or(0));
                assert!(outcome.is_err() || expected.take(length).eq(bytes));
            }
            7..=14 => {
                let bytes: Vec<u8> = (0..length).map(|at| (state >> (at % 50)) as u8).collect();
                assert_eq!(file.write(offset, &bytes), outcome);
                for (at, byte) in (offset as usize..model.len()).zip(bytes) {
                    model[at] = if keeps { byte } else { 0 };
                }
            }
            _ => {
                file.truncate(offset).unwrap();
                model.resize(offset as usize, 0);
            }
        }
        assert_eq!(file.len(), model.len() as u64);
    }
}

#[test]
fn objects_do_as_a_vector_of_bytes() {
    drive(&mut MemoryFile::new(vec![0; 200]), true);
    drive(&mut ZeroFile::new(200), false);
    drive(&mut FaultyFile::new(MemoryFile::default()), true);
    assert!(matches!(MemoryFile::default().truncate(u64::MAX), Err(BackingError::Io { .. })));
    assert_eq!(
        MemoryFile::new([1]).read(u64::MAX, &mut [0]),
        Err(BackingError::PastEnd { offset: u64::MAX, length: 1 })
    );
}

#[test]
fn what_is_read_only_is_not_written() {
    let mut file = MemoryFile::read_only([1, 2, 3]);
    assert!(!file.is_writable());
    assert_eq!(file.write(0, &[9]), Err(BackingError::ReadOnly));
    assert_eq!(file.truncate(1), Err(BackingError::ReadOnly));
    assert_eq!(file.bytes(), [1, 2, 3]);
}

#[test]
fn faults_are_where_they_were_put() {
    let mut file = FaultyFile::new(MemoryFile::new([7; 100]));
    file.fail_reads(50..60);
    file.fail_reads(20..30);
    file.fail_writes(0..1);
    let mut bytes = [0; 40];
    let at = |result: Result<(), BackingError>| match result {
        Err(BackingError::Io { offset, .. }) => Some(offset),
        _ => None,
    };
    assert_eq!(at(file.read(0, &mut bytes[..20])), None);
    assert_eq!(at(file.read(0, &mut bytes[..21])), Some(20));
    assert_eq!(at(file.read(29, &mut bytes)), Some(29));
    assert_eq!(at(file.read(30, &mut bytes)), Some(50));
    assert_eq!(at(file.read(60, &mut bytes)), None);
    assert_eq!(at(file.write(0, &[1, 2])), Some(0));
    assert_eq!(file.inner().bytes(), [7; 100]);
    file.write(1, &[2]).unwrap();
    file.heal();
    file.read(0, &mut bytes).unwrap();
    assert_eq!(bytes[..3], [7, 2, 7]);
}

#[test]
fn saved_objects_come_back() {
    let back = |file: &dyn Backing| {
        let bytes = postcard::to_allocvec(&file.save().unwrap()).unwrap();
        postcard::from_bytes::<SavedBacking>(&bytes).unwrap().open().unwrap()
    };
    let mut file = back(&MemoryFile::read_only(*b"abc"));
    let mut bytes = [0; 3];
    file.read(0, &mut bytes).unwrap();
    assert_eq!((&bytes, file.is_writable()), (b"abc", false));
    assert_eq!(back(&ZeroFile::new(77)).len(), 77);
}

#[test]
#[cfg(feature = "std")]
fn a_file_of_the_host_does_as_memory_does() {
    let path = std::env::temp_dir().join(format!("memcore-backing-{}", std::process::id()));
    std::fs::write(&path, [0; 200]).unwrap();
    let mut file = RealFile::open(&path).unwrap();
    drive(&mut file, true);
    std::fs::write(&path, b"hello").unwrap();
    let mut saved = file.save().unwrap().open().unwrap();
    let mut bytes = [9; 6];
    saved.read(0, &mut bytes).unwrap();
    assert_eq!(&bytes, b"hello\0");
    let mut reader = RealFile::read_only(&path).unwrap();
    assert_eq!(reader.write(0, b"x"), Err(BackingError::ReadOnly));
    assert_eq!(reader.truncate(0), Err(BackingError::ReadOnly));
    // Others cut it meanwhile.
    file.truncate(2).unwrap();
    assert_eq!(reader.read(2, &mut bytes), Err(BackingError::PastEnd { offset: 2, length: 2 }));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(RealFile::open(&path), Err(BackingError::Io { .. })));
}
