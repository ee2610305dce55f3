/**
 * \file test_pmr.cpp
 * memcore.hpp: containers of the standard library in heaps, arenas and pools, and what its classes throw.
 */

#include <memcore.hpp>

#include <cstdlib>
#include <list>
#include <map>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "check.h"

namespace {

/* Fails unless the call throws this. */
template <typename Thrown, typename Call>
bool throws(Call call) {
    try {
        call();
    } catch (const Thrown &) {
        return true;
    }
    return false;
}

/* Uses every kind of container, and checks what they hold. */
void use_containers(std::pmr::memory_resource *resource, int count) {
    std::pmr::vector<std::pmr::string> texts(resource);
    std::pmr::map<int, std::pmr::string> sorted(resource);
    std::pmr::unordered_map<std::pmr::string, int> hashed(resource);
    std::pmr::list<int> listed(resource);
    for (int i = 0; i < count; i += 1) {
        const std::string text = "a text that is too long for the object itself: " + std::to_string(i);
        texts.emplace_back(text);
        sorted.emplace(i * 7919 % count, text);
        hashed.emplace(text, i);
        listed.push_front(i);
        if (i % 3 == 0) {
            listed.pop_back();
        }
    }
    for (int i = 0; i < count; i += 1) {
        const std::pmr::string text(("a text that is too long for the object itself: " + std::to_string(i)).c_str());
        CHECK(texts[static_cast<std::size_t>(i)] == text);
        CHECK(sorted.count(i) == 1);
        CHECK(hashed.at(text) == i);
        CHECK(texts[static_cast<std::size_t>(i)].get_allocator().resource() == resource);
    }
    CHECK(listed.size() == static_cast<std::size_t>(count - (count + 2) / 3));
    texts.erase(texts.begin(), texts.begin() + count / 2);
    sorted.erase(sorted.begin());
    hashed.clear();

    /* A monotonic buffer takes its memory from the resource, and gives it back as a whole. */
    std::pmr::monotonic_buffer_resource monotonic(1024, resource);
    std::pmr::vector<double> numbers(&monotonic);
    for (int i = 0; i < count; i += 1) {
        numbers.push_back(i * 0.5);
    }
    CHECK(numbers.back() == (count - 1) * 0.5);
}

struct alignas(256) aligned {
    char bytes[300];
};

void test_heap(const char *strategy, const char *checks) {
    memcore::heap heap(memcore_memory_own(std::size_t{1} << 28), strategy, checks);
    memcore::heap_resource resource(heap), twin(heap);
    memcore::heap other(memcore_memory_own(1 << 20));
    memcore::heap_resource another(other);
    CHECK(resource == twin);
    CHECK(resource != another);
    CHECK(resource != *std::pmr::new_delete_resource());
    use_containers(&resource, 500);
    {
        std::pmr::vector<aligned> values(20, aligned{}, &resource);
        CHECK(reinterpret_cast<std::uintptr_t>(values.data()) % 256 == 0);
        CHECK(heap.stats().blocks == 1);
    }
    CHECK(heap.stats().blocks == 0);
    CHECK(resource.refused() == 0);
    heap.validate();
    heap.look();

    /* What a container must not do is found out. */
    void *block = resource.allocate(100, 8);
    resource.deallocate(block, 100, 8);
    resource.deallocate(block, 100, 8);
    CHECK(resource.refused() == 1);
}

void test_what_is_thrown() {
    static unsigned char bytes[4096];
    memcore::heap heap(memcore_memory_of(bytes, sizeof bytes), "best-fit", "none:redzone=16,track=yes");
    CHECK(throws<std::bad_alloc>([&] { heap.allocate(5000); }));
    CHECK(throws<std::bad_alloc>([&] { heap.allocate(SIZE_MAX); }));
    CHECK(throws<memcore::error>([&] { heap.allocate(10, 3); }));
    unsigned char *block = static_cast<unsigned char *>(heap.allocate_tagged(10, 1, 7));
    block[10] = 0;
    try {
        heap.free(block);
        CHECK(false);
    } catch (const memcore::error &error) {
        CHECK(error.status() == MEMCORE_STATUS_HEAP_REDZONE_SMASHED);
        CHECK(error.details().address == reinterpret_cast<std::uintptr_t>(block));
        CHECK(error.details().offset == 10);
        CHECK(std::string(error.what()).find("byte 10 is 0x00") != std::string::npos);
    }
    CHECK(throws<memcore::error>([&] { heap.look(); }));
    block[10] = 0xFD;
    unsigned seen = 0;
    heap.leaks([&](const memcore_leak &leak) { seen += leak.tag; });
    CHECK(seen == 7);
    CHECK(throws<int>([&] { heap.leaks([](const memcore_leak &) { throw 1; }); }));
    CHECK(heap.contains(block) && !heap.contains(&heap));
    CHECK(heap.usable_size(block) == 10);
    CHECK(heap.resize_in_place(block, 20));
    CHECK(!heap.resize_in_place(block, 4000));
    block = static_cast<unsigned char *>(heap.reallocate(block, 100));
    heap.free(block);
    CHECK(throws<memcore::error>([&] { heap.free(block); }));
    CHECK(throws<memcore::error>([] { memcore::heap bad(memcore_memory_own(0)); }));
    CHECK(throws<memcore::error>([] { memcore::heap bad(memcore_memory_own(4096), "no-such-fit"); }));

    memcore::heap moved = std::move(heap);
    CHECK(moved.stats().blocks == 0);
    CHECK(throws<memcore::error>([&] { heap.allocate(1); }));
    heap = std::move(moved);
    heap.free(heap.allocate_zeroed(1));
    CHECK(heap.trim() == 0);
}

void test_arena() {
    memcore::arena arena(memcore_memory_own(1 << 24));
    memcore::arena_resource resource(arena);
    CHECK(resource == resource);
    use_containers(&resource, 200);
    const std::size_t used = arena.look().used;
    {
        memcore::arena::scope scope(arena);
        const double *number = arena.make<double>(2.5);
        CHECK(*number == 2.5);
        const std::string_view text = arena.copy("hello");
        CHECK(text == "hello" && text.data()[5] == '\0');
        CHECK(arena.copy("").empty());
        CHECK(arena.look().used > used);
    }
    CHECK(arena.look().used == used);
    arena.reset();
    CHECK(arena.look().used == 0);
    CHECK(throws<memcore::error>([&] { arena.rewind(1); }));
    CHECK(throws<std::bad_alloc>([&] { arena.allocate(1 << 25); }));
}

void test_pool() {
    memcore::pool pool(memcore_memory_own(1 << 22), 128);
    {
        memcore::pool_resource resource(pool);
        use_containers(&resource, 200);
        std::pmr::list<int> numbers({1, 2, 3}, &resource);
        CHECK(pool.look().live == 3);
        void *slot = pool.allocate();
        resource.deallocate(slot, 128, 8);
        resource.deallocate(slot, 128, 8);
        CHECK(resource.refused() == 1);
    }
    CHECK(pool.look().live == 0);
    static unsigned char bytes[64];
    memcore::pool small(memcore_memory_of(bytes, sizeof bytes), 32, 1);
    void *slot = small.allocate();
    small.allocate();
    CHECK(throws<std::bad_alloc>([&] { small.allocate(); }));
    small.free(slot);
    CHECK(throws<memcore::error>([&] { small.free(slot); }));
    small.reset();
}

void test_threads() {
    memcore::threaded_heap heap(std::size_t{1} << 28);
    memcore::threaded_resource resource(heap);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; i += 1) {
        threads.emplace_back([&] { use_containers(&resource, 200); });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    CHECK(resource.refused() == 0);
    CHECK(heap.stats().blocks == 0);
}

void test_allocator() {
    {
        std::vector<int, memcore::allocator<int>> numbers;
        for (int i = 0; i < 1000; i += 1) {
            numbers.push_back(i);
        }
        const auto copy = numbers;
        CHECK(copy[999] == 999);
        std::map<int, aligned, std::less<int>, memcore::allocator<std::pair<const int, aligned>>> map;
        for (int i = 0; i < 20; i += 1) {
            CHECK(reinterpret_cast<std::uintptr_t>(&map[i]) % 256 == 0);
        }
        CHECK(memcore::allocator<int>() == memcore::allocator<char>());
    }
    memcore::allocator<int> numbers;
    CHECK(throws<std::bad_array_new_length>([&] { numbers.allocate(SIZE_MAX / 2); }));
    CHECK(throws<std::bad_alloc>([&] { numbers.allocate(SIZE_MAX / 8); }));
    CHECK(memcore_malloc_refused() == 0);
}

void test_the_rest() {
    memcore::double_stack stack(memcore_memory_own(4096));
    stack.push_low(100);
    const auto mark = stack.look();
    stack.push_high(100);
    stack.rewind_high(mark.high);
    stack.rewind_low(0);
    CHECK(stack.look().free == 4096);

    memcore::ring ring(memcore_memory_own(4096));
    void *first = ring.allocate(100);
    void *second = ring.allocate(100);
    CHECK(throws<memcore::error>([&] { ring.release(second); }));
    ring.release(first);
    CHECK(ring.look().records == 1);

    memcore::handle_heap handles(memcore_memory_own(1 << 16));
    const std::uint64_t gone = handles.allocate(1000);
    const std::uint64_t kept = handles.allocate(1000);
    handles.free(gone);
    {
        memcore::handle_heap::pin pin(handles, kept);
        std::memset(pin.get(), 1, 1000);
        CHECK(throws<memcore::error>([&] { handles.free(kept); }));
        CHECK(handles.compact().moves == 0);
    }
    CHECK(handles.compact().moves == 1);
    handles.free(kept);

    alignas(16) static unsigned char bytes[1 << 13];
    auto image = memcore::persistent_heap::create(memcore_memory_of(bytes, sizeof bytes));
    const std::uint64_t block = image.allocate(6);
    std::memcpy(image.bytes(block), "hello", 6);
    image.set_root(2, block);
    image.close();
    memcore_recovery recovery;
    auto again = memcore::persistent_heap::open(memcore_memory_of(bytes, sizeof bytes), &recovery);
    CHECK(recovery.clean && recovery.blocks == 1);
    CHECK(std::strcmp(static_cast<char *>(again.bytes(again.root(2))), "hello") == 0);
    again.free(block);
    CHECK(again.root(2) == 0);
}

} // namespace

int main() {
    test_heap(nullptr, nullptr);
    test_heap("tlsf", "light");
    test_heap("best-fit", "full");
    test_what_is_thrown();
    test_arena();
    test_pool();
    test_threads();
    test_allocator();
    test_the_rest();
    return checked();
}
