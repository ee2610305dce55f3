// Containers of the standard library in heaps: each heap is one object, and ends as such.

#include <memcore.hpp>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

int main() {
    memcore::heap heap(memcore_memory_own(1 << 30), "tlsf", "light");
    memcore::heap_resource resource(heap);
    {
        std::pmr::map<int, std::pmr::string> names(&resource);
        names[1] = "a name that is too long to be kept in the object itself";
        std::printf("%d blocks\n", static_cast<int>(heap.stats().blocks));
    }
    std::printf("%d blocks\n", static_cast<int>(heap.stats().blocks));

    void *block = heap.allocate(100);
    heap.free(block);
    try {
        heap.free(block);
    } catch (const memcore::error &error) {
        std::printf("status %d\n", static_cast<int>(error.status()));
    }

    memcore::arena arena(memcore_memory_own(1 << 30));
    {
        memcore::arena::scope scope(arena);
        memcore::arena_resource scratch(arena);
        std::pmr::vector<int> numbers(1000, 7, &scratch);
        std::printf("%d bytes\n", static_cast<int>(arena.look().used));
    }
    std::printf("%d bytes\n", static_cast<int>(arena.look().used));

    std::vector<int, memcore::allocator<int>> numbers = {1, 2, 3}; // by memcore_malloc
    return numbers.size() != 3;
}
