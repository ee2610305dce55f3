// Four requests and a free, first fit: where everything goes, and what is left.

#include <memcore.h>

#include <array>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

std::string last_error() {
    std::string message(memcore_last_error_message(nullptr, 0) + 1, '\0');
    message.resize(memcore_last_error_message(message.data(), message.size()));
    return message;
}

void check(std::int32_t status) {
    if (status != MEMCORE_STATUS_OK) {
        throw std::runtime_error(last_error());
    }
}

struct Destroy {
    void operator()(memcore_allocator *space) const { memcore_allocator_destroy(space); }
};

using Space = std::unique_ptr<memcore_allocator, Destroy>;

Space first_fit(std::uint64_t capacity) {
    const memcore_options options = memcore_options_for(capacity);
    memcore_allocator *space = nullptr;
    check(memcore_allocator_create("first-fit", &options, &space));
    return Space(space);
}

memcore_block allocate(const Space &space, std::uint64_t size) {
    memcore_block block;
    check(memcore_allocator_allocate(space.get(), size, &block));
    return block;
}

} // namespace

int main() {
    const Space space = first_fit(1024);
    const std::array<memcore_block, 3> blocks = {allocate(space, 100), allocate(space, 200), allocate(space, 150)};
    for (const memcore_block &block : blocks) {
        std::cout << block.size << " bytes at " << block.start << '\n';
    }

    const memcore_block &second = blocks[1];
    check(memcore_allocator_free(space.get(), second.id, nullptr));
    std::cout << second.size << " bytes at " << second.start << " freed\n";
    // The hole at 100 has 200 bytes: 300 do not fit.
    const memcore_block fourth = allocate(space, 300);
    std::cout << fourth.size << " bytes at " << fourth.start << '\n';

    std::array<char, 1000> text;
    std::size_t length;
    check(memcore_allocator_bar(space.get(), 64, text.data(), text.size(), &length));
    std::cout << text.data() << '\n';
    check(memcore_allocator_table(space.get(), 20, text.data(), text.size(), &length));
    std::cout << text.data() << '\n';
    memcore_stats stats;
    check(memcore_allocator_stats(space.get(), &stats));
    std::cout << "used " << stats.used << ", free " << stats.free << ", capacity " << stats.capacity << '\n'
              << "largest hole " << stats.largest_hole << " of " << stats.holes << " holes\n"
              << "external fragmentation " << std::fixed << std::setprecision(2)
              << 100 * stats.external_fragmentation << " %\n";

    try {
        check(memcore_allocator_free(space.get(), second.id, nullptr));
    } catch (const std::runtime_error &error) {
        std::cout << "refused: " << error.what() << '\n';
    }
    try {
        allocate(space, 400);
    } catch (const std::runtime_error &error) {
        std::cout << "refused: " << error.what() << '\n';
    }
}
