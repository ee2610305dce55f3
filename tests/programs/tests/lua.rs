//! Lua with its memory in memcore's heaps: the same programs give the same output, and `lua_close` leaves no block.
//!
//! One function does all: it allocates, frees and changes sizes, and is told the size of the old block, which the heap
//! knows, too.

use memcore::heap::{Checked, Checks, Heap, MappedHeap, Mapping, MappingOptions, RawHeap};
use mlua_sys as lua;
use std::alloc::{Layout, System};
use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

/// Strings, tables, closures, coroutines, weak tables, finalizers, errors, collections in between.
const PROGRAMS: [&str; 4] = [
    r#"
        local parts = {}
        for i = 1, 20000 do parts[#parts + 1] = ("%d:%s"):format(i, ("x"):rep(i % 50)) end
        local all = table.concat(parts, ",")
        local count, sum = 0, 0
        for number, tail in all:gmatch("(%d+):(x*)") do count = count + 1; sum = sum + number + #tail end
        local reversed = all:reverse():upper():gsub("X+", function(xs) return tostring(#xs) end)
        return count .. " " .. sum .. " " .. #reversed .. " " .. reversed:sub(1, 60)
    "#,
    r#"
        local function tree(depth)
            if depth == 0 then return {} end
            return { tree(depth - 1), tree(depth - 1), depth = depth }
        end
        local function check(node) return node[1] and 1 + check(node[1]) + check(node[2]) or 1 end
        local out = {}
        for round = 1, 8 do
            out[#out + 1] = check(tree(10 + round % 4))
            if round % 3 == 0 then collectgarbage() end
        end
        local map = {}
        for i = 1, 30000 do map["key" .. i % 5000] = i; if i % 3 == 0 then map["key" .. i % 2500] = nil end end
        local keys = {}
        for key in pairs(map) do keys[#keys + 1] = key end
        table.sort(keys)
        return table.concat(out, " ") .. " " .. #keys .. " " .. keys[1] .. " " .. keys[#keys]
    "#,
    r#"
        local function numbers(from, to)
            return coroutine.wrap(function() for i = from, to do coroutine.yield(i) end end)
        end
        local sum, threads = 0, {}
        for i = 1, 300 do threads[i] = numbers(i, i + 50) end
        for step = 1, 40 do for i = 1, 300 do sum = sum + threads[i]() end end
        local caught = 0
        for i = 1, 500 do
            local ok, message = pcall(function() error({ code = i, text = ("e"):rep(i) }) end)
            if not ok then caught = caught + message.code + #message.text end
        end
        local closures = {}
        for i = 1, 5000 do local n = i; closures[i] = function(k) n = n + k; return n end end
        for i = 1, 5000 do sum = sum + closures[i](i) end
        return sum .. " " .. caught
    "#,
    r#"
        collectgarbage("generational")
        local closed, weak = 0, setmetatable({}, { __mode = "v" })
        for i = 1, 3000 do
            local object = setmetatable({ i }, { __gc = function() closed = closed + 1 end })
            weak[i] = object
        end
        collectgarbage(); collectgarbage()
        local left = 0
        for _ in pairs(weak) do left = left + 1 end
        collectgarbage("incremental")
        local buffer = ""
        for i = 1, 2000 do buffer = buffer .. i end
        return closed .. " " .. left .. " " .. #buffer .. " " .. utf8.char(0x1F600):rep(3)
    "#,
];

struct Served {
    heap: Box<dyn RawHeap>,
    calls: u64,
    refused: u64,
}

unsafe extern "C" fn in_heap(
    served: *mut c_void,
    block: *mut c_void,
    old: usize,
    size: usize,
) -> *mut c_void {
    // SAFETY: `run` gave it, and it outlives the state.
    let served = unsafe { &mut *served.cast::<Served>() };
    served.calls += 1;
    if !block.is_null() && served.heap.usable_size(block.cast()).is_ok_and(|usable| usable < old) {
        served.refused += 1;
    }
    let answer = match (block.is_null(), size) {
        (true, 0) => return null_mut(),
        (true, _) => served.heap.allocate(size, 16),
        (false, 0) => {
            served.refused += u64::from(served.heap.free(block.cast()).is_err());
            return null_mut();
        }
        (false, _) => served.heap.reallocate(block.cast(), size, 16),
    };
    served.refused += u64::from(answer.is_err());
    answer.map_or(null_mut(), |block| block.as_ptr().cast())
}

unsafe extern "C" fn in_system(_: *mut c_void, block: *mut c_void, old: usize, size: usize) -> *mut c_void {
    use std::alloc::GlobalAlloc;
    let layout = |size| Layout::from_size_align(size, 16).unwrap();
    // SAFETY: blocks are asked for with these layouts, and given back with the size that Lua has kept.
    unsafe {
        match (block.is_null(), size) {
            (true, 0) => null_mut(),
            (true, _) => System.alloc(layout(size)).cast(),
            (false, 0) => {
                System.dealloc(block.cast(), layout(old));
                null_mut()
            }
            (false, _) => System.realloc(block.cast(), layout(old), size).cast(),
        }
    }
}

/// What the programs give, in one state.
fn run(allocate: lua::lua_Alloc, with: *mut c_void) -> Vec<String> {
    // SAFETY: the state is used by this thread alone, and closed at the end; what is on its stack is looked at while it
    // is there. Errors stay within `lua_pcall`.
    unsafe {
        let state = lua::lua_newstate(allocate, with);
        assert!(!state.is_null());
        lua::luaL_openlibs(state);
        let mut results = vec![];
        for program in PROGRAMS {
            let loaded =
                lua::luaL_loadbuffer(state, program.as_ptr().cast(), program.len(), c"program".as_ptr());
            let done: c_int = if loaded == lua::LUA_OK { lua::lua_pcall(state, 0, 1, 0) } else { loaded };
            let mut length = 0;
            let text = lua::lua_tolstring(state, -1, &raw mut length);
            let text = std::slice::from_raw_parts(text.cast::<u8>(), length);
            let text = String::from_utf8_lossy(text).into_owned();
            assert_eq!(done, lua::LUA_OK, "{text}");
            results.push(text);
            lua::lua_settop(state, 0);
        }
        lua::lua_close(state);
        results
    }
}

fn check(name: &str, heap: impl RawHeap + 'static, expected: &[String]) {
    let mut served = Served { heap: Box::new(heap), calls: 0, refused: 0 };
    let found = run(in_heap, (&raw mut served).cast());
    assert_eq!(found, expected, "{name}");
    served.heap.validate().unwrap();
    assert_eq!((served.refused, served.heap.stats().blocks), (0, 0), "{name}");
    assert!(served.calls > 200_000, "{name}: {} calls", served.calls);
}

#[test]
fn lua_gives_the_same_from_every_heap() {
    let options = MappingOptions::new(1 << 30);
    let expected = run(in_system, null_mut());
    assert!(expected[1].starts_with("4095 8191 16383 2047"), "{expected:?}");
    assert!(expected[3].starts_with("3000 0 6893 "), "{expected:?}");
    let mapping = || Mapping::reserve(options).unwrap();
    check("size classes", MappedHeap::reserve(options).unwrap(), &expected);
    check("tlsf", Heap::new(&"tlsf".parse().unwrap(), mapping()).unwrap(), &expected);
    let inner = Heap::new(&"best-fit".parse().unwrap(), mapping()).unwrap();
    check("checked best fit", Checked::new(inner, Checks::FULL).unwrap(), &expected);
}
