//! SQLite with its memory in memcore's heaps: the same statements give the same rows, and no block is left.
//!
//! `sqlite3_config(SQLITE_CONFIG_MALLOC)` takes six functions; sizes are asked of the heap, which knows them exactly.

use libsqlite3_sys as sqlite;
use memcore::heap::{Checked, Checks, Heap, MappedHeap, Mapping, MappingOptions, RawHeap};
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::null_mut;

/// SQLite's memory is the whole process'; this process has one thread that uses it.
struct Served {
    heap: Box<dyn RawHeap>,
    calls: u64,
    refused: u64,
}

thread_local! {
    static SERVED: RefCell<Option<Served>> = const { RefCell::new(None) };
}

fn with<T>(call: impl FnOnce(&mut dyn RawHeap) -> memcore::heap::Result<T>) -> Option<T> {
    SERVED.with_borrow_mut(|served| {
        let served = served.as_mut()?;
        served.calls += 1;
        let answer = call(&mut *served.heap);
        served.refused += u64::from(answer.is_err());
        answer.ok()
    })
}

unsafe extern "C" fn allocate(size: c_int) -> *mut c_void {
    with(|heap| heap.allocate(size as usize, 16)).map_or(null_mut(), |block| block.as_ptr().cast())
}

unsafe extern "C" fn free(block: *mut c_void) {
    with(|heap| heap.free(block.cast()));
}

unsafe extern "C" fn reallocate(block: *mut c_void, size: c_int) -> *mut c_void {
    with(|heap| heap.reallocate(block.cast(), size as usize, 16))
        .map_or(null_mut(), |block| block.as_ptr().cast())
}

unsafe extern "C" fn size_of(block: *mut c_void) -> c_int {
    with(|heap| heap.usable_size(block.cast())).map_or(0, |size| size as c_int)
}

unsafe extern "C" fn round_up(size: c_int) -> c_int {
    (size + 7) & !7
}

unsafe extern "C" fn start(_: *mut c_void) -> c_int {
    sqlite::SQLITE_OK
}

unsafe extern "C" fn end(_: *mut c_void) {}

unsafe extern "C" fn row(
    rows: *mut c_void,
    columns: c_int,
    values: *mut *mut c_char,
    _: *mut *mut c_char,
) -> c_int {
    // SAFETY: `run` gave the list, which outlives the statement.
    let rows = unsafe { &mut *rows.cast::<Vec<String>>() };
    let value = |column: usize| {
        // SAFETY: there are so many values.
        let value = unsafe { *values.add(column) };
        // SAFETY: one that is not null is a text that ends in 0.
        let text = || unsafe { CStr::from_ptr(value) }.to_string_lossy().into_owned();
        if value.is_null() { String::from("NULL") } else { text() }
    };
    rows.push((0..columns as usize).map(value).collect::<Vec<_>>().join("|"));
    0
}

/// A database in memory, closed when it goes.
struct Database(*mut sqlite::sqlite3);

impl Database {
    fn open() -> Self {
        let mut database = null_mut();
        // SAFETY: the name is a text, and the place for the answer is valid.
        let done = unsafe { sqlite::sqlite3_open(c":memory:".as_ptr(), &raw mut database) };
        assert_eq!(done, sqlite::SQLITE_OK);
        Database(database)
    }

    fn run(&self, statement: &str) -> Vec<String> {
        let mut rows = Vec::<String>::new();
        let text = CString::new(statement).unwrap();
        let list = (&raw mut rows).cast();
        // SAFETY: the database is open, the text ends in 0, and the list outlives the call.
        let done = unsafe { sqlite::sqlite3_exec(self.0, text.as_ptr(), Some(row), list, null_mut()) };
        assert_eq!(done, sqlite::SQLITE_OK, "{statement}");
        rows
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // SAFETY: it is open, and no statement is.
        assert_eq!(unsafe { sqlite::sqlite3_close(self.0) }, sqlite::SQLITE_OK);
    }
}

/// Tables, indices, transactions, joins, deletions, text and blobs; what they give.
fn workload() -> Vec<String> {
    let database = Database::open();
    let mut rows = vec![];
    let mut run = |statement: &str| rows.extend(database.run(statement));
    run("CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT, year INT, photo BLOB)");
    run("CREATE TABLE letter(sender INT REFERENCES person, receiver INT, text TEXT)");
    run("CREATE INDEX by_year ON person(year, name)");
    run("BEGIN");
    for id in 0..3000 {
        let (year, size) = (1900 + id * 37 % 120, id * 13 % 700);
        run(&format!(
            "INSERT INTO person VALUES({id}, 'name {} of {id}', {year}, zeroblob({size}))",
            id * 7919 % 1000
        ));
    }
    run("COMMIT");
    run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
         INSERT INTO letter SELECT i * 17 % 3000, i * 31 % 3000, printf('%.*c', i % 300, 'x') FROM n");
    run("CREATE INDEX by_receiver ON letter(receiver)");
    run("SELECT year, count(*), sum(length(photo)), min(name) FROM person GROUP BY year ORDER BY year");
    run("SELECT p.name, count(*), group_concat(length(text)) FROM letter JOIN person p ON p.id = receiver
         WHERE p.year BETWEEN 1950 AND 1960 GROUP BY p.id ORDER BY 2 DESC, 1 LIMIT 50");
    run("DELETE FROM letter WHERE sender % 3 = 0 OR receiver % 3 = 0");
    run("DELETE FROM person WHERE id % 3 = 0");
    run("UPDATE letter SET text = text || hex(zeroblob(50)) WHERE rowid % 5 = 0");
    run("BEGIN; DELETE FROM letter; ROLLBACK");
    run("VACUUM");
    run("PRAGMA integrity_check");
    run("SELECT count(*), sum(length(text)) FROM letter");
    run("ALTER TABLE person ADD COLUMN note TEXT DEFAULT 'none'");
    run("SELECT DISTINCT note, year % 7 FROM person ORDER BY 2");
    run("DROP TABLE letter; REINDEX; VACUUM");
    run("SELECT name FROM sqlite_master ORDER BY name");
    rows
}

/// The same workload with SQLite's memory in a heap, which is empty afterwards.
fn in_heap(name: &str, heap: Box<dyn RawHeap>) -> Vec<String> {
    SERVED.set(Some(Served { heap, calls: 0, refused: 0 }));
    let methods = sqlite::sqlite3_mem_methods {
        xMalloc: Some(allocate),
        xFree: Some(free),
        xRealloc: Some(reallocate),
        xSize: Some(size_of),
        xRoundup: Some(round_up),
        xInit: Some(start),
        xShutdown: Some(end),
        pAppData: null_mut(),
    };
    // SAFETY: SQLite is shut down, so that it may be configured, and copies the functions.
    let done = unsafe { sqlite::sqlite3_config(sqlite::SQLITE_CONFIG_MALLOC, &raw const methods) };
    assert_eq!(done, sqlite::SQLITE_OK);
    let rows = workload();
    // SAFETY: no database is open.
    assert_eq!(unsafe { sqlite::sqlite3_shutdown() }, sqlite::SQLITE_OK);
    let served = SERVED.take().unwrap();
    served.heap.validate().unwrap();
    assert_eq!((served.refused, served.heap.stats().blocks), (0, 0), "{name}");
    assert!(served.calls > 20_000, "{name}: {} calls", served.calls);
    rows
}

#[test]
fn sqlite_gives_the_same_rows_from_every_heap() {
    let options = MappingOptions::new(1 << 30);
    let expected = workload();
    assert!(expected.contains(&String::from("ok")) && expected.len() > 150);
    // SAFETY: no database is open.
    assert_eq!(unsafe { sqlite::sqlite3_shutdown() }, sqlite::SQLITE_OK);
    let tlsf = || Heap::new(&"tlsf".parse().unwrap(), Mapping::reserve(options).unwrap()).unwrap();
    let size_classes = || MappedHeap::reserve(options).unwrap();
    assert!(in_heap("size classes", Box::new(size_classes())) == expected);
    assert!(in_heap("tlsf", Box::new(tlsf())) == expected);
    assert!(
        in_heap("checked size classes", Box::new(Checked::new(size_classes(), Checks::FULL).unwrap()))
            == expected
    );
}
