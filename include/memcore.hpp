/**
 * \file memcore.hpp
 * The heaps of libmemcore for C++17: handles that end themselves, exceptions, `std::pmr` resources, an allocator.
 *
 * A thin layer over memcore.h, which says what each call requires and costs; there is nothing else to link. What has no
 * class or member here is a call away: `get()` gives the handle.
 *
 * - A call that fails throws `memcore::error`, with the status and the numbers behind it, and leaves everything as it was;
 *   one that fails for want of memory throws `std::bad_alloc`.
 * - A class owns its handle: it can be moved and not copied. One that was moved from may only be assigned to or destroyed.
 * - Threads may share what memcore.h says they may.
 *
 *     memcore::heap heap(memcore_memory_own(1 << 30));
 *     memcore::heap_resource resource(heap);
 *     std::pmr::vector<int> numbers(&resource);
 */

#ifndef MEMCORE_HPP
#define MEMCORE_HPP

#include <memcore.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <limits>
#include <memory_resource>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace memcore {

/** Why a call failed. */
class error : public std::runtime_error {
public:
    /** The last failure of the calling thread. */
    error() : error(last_details()) {}

    /** What the call returned: a `memcore_status`. */
    std::int32_t status() const noexcept { return details_.status; }

    /** The numbers behind it. */
    const memcore_error_details &details() const noexcept { return details_; }

private:
    explicit error(const memcore_error_details &details) : std::runtime_error(last_message()), details_(details) {}

    static memcore_error_details last_details() {
        memcore_error_details details;
        memcore_last_error(&details);
        return details;
    }

    static std::string last_message() {
        std::string message(memcore_last_error_message(nullptr, 0) + 1, '\0');
        message.resize(memcore_last_error_message(&message[0], message.size()));
        return message;
    }

    memcore_error_details details_;
};

/** Throws unless a call succeeded: `std::bad_alloc` where the system had no memory, else `memcore::error`. */
inline void check(std::int32_t status) {
    if (status == MEMCORE_STATUS_OK) {
        return;
    }
    if (status == MEMCORE_STATUS_OUT_OF_MEMORY || status == MEMCORE_STATUS_OUT_OF_METADATA) {
        throw std::bad_alloc();
    }
    throw error();
}

/** As `check`, for calls that ask for memory: whatever refuses it is a `std::bad_alloc`. */
inline void check_allocation(std::int32_t status) {
    switch (status) {
    case MEMCORE_STATUS_TOO_LARGE:
    case MEMCORE_STATUS_OVERFLOW:
    case MEMCORE_STATUS_OUT_OF_SPACE:
    case MEMCORE_STATUS_LIMIT_EXCEEDED:
    case MEMCORE_STATUS_HEAP_MEMORY_LIMIT:
    case MEMCORE_STATUS_HEAP_SYSTEM:
        throw std::bad_alloc();
    default:
        check(status);
    }
}

/** A handle that ends itself. */
template <typename Handle, std::int32_t (*Destroy)(Handle *)>
class owner {
public:
    owner(const owner &) = delete;
    owner &operator=(const owner &) = delete;
    owner(owner &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    owner &operator=(owner &&other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~owner() { Destroy(handle_); }

    /** The handle, for calls of memcore.h. It stays owned. */
    Handle *get() const noexcept { return handle_; }

protected:
    owner() noexcept = default;

    /** Gives up the handle. */
    Handle *release() noexcept { return std::exchange(handle_, nullptr); }

    Handle *handle_ = nullptr;
};

/** Calls that heaps share: malloc's, with every address checked. */
template <typename Handle, std::int32_t (*Destroy)(Handle *),
          std::int32_t (*Allocate)(Handle *, std::size_t, std::size_t, void **),
          std::int32_t (*AllocateZeroed)(Handle *, std::size_t, std::size_t, void **),
          std::int32_t (*Reallocate)(Handle *, void *, std::size_t, std::size_t, void **),
          std::int32_t (*Free)(Handle *, void *),
          std::int32_t (*UsableSize)(const Handle *, const void *, std::size_t *),
          std::int32_t (*Contains)(const Handle *, const void *, bool *),
          std::int32_t (*Stats)(const Handle *, memcore_stats *), std::int32_t (*Trim)(Handle *, std::size_t *)>
class basic_heap : public owner<Handle, Destroy> {
public:
    /** A block of `size` bytes at a multiple of `alignment`. */
    void *allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
        void *block = nullptr;
        check_allocation(Allocate(this->handle_, size, alignment, &block));
        return block;
    }

    /** The same, every byte zero. */
    void *allocate_zeroed(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
        void *block = nullptr;
        check_allocation(AllocateZeroed(this->handle_, size, alignment, &block));
        return block;
    }

    /** Changes the size of a block, which may move. */
    void *reallocate(void *block, std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
        void *moved = nullptr;
        check_allocation(Reallocate(this->handle_, block, size, alignment, &moved));
        return moved;
    }

    /** Takes a block back. An address that is no live block's is an error. */
    void free(void *block) { check(Free(this->handle_, block)); }

    /** Takes a block back, or tells why not: a `memcore_status`. */
    std::int32_t try_free(void *block) noexcept { return Free(this->handle_, block); }

    /** Bytes of a block that can be used. */
    std::size_t usable_size(const void *block) const {
        std::size_t usable = 0;
        check(UsableSize(this->handle_, block, &usable));
        return usable;
    }

    /** True for an address in the heap's memory, whatever is there. */
    bool contains(const void *address) const {
        bool contained = false;
        check(Contains(this->handle_, address, &contained));
        return contained;
    }

    /** The figures, in bytes. */
    memcore_stats stats() const {
        memcore_stats stats;
        check(Stats(this->handle_, &stats));
        return stats;
    }

    /** Gives free pages back to the system, and tells how many bytes. */
    std::size_t trim() {
        std::size_t bytes = 0;
        check(Trim(this->handle_, &bytes));
        return bytes;
    }
};

/** A heap of any strategy over real bytes; see `memcore_heap_create`. */
class heap
    : public basic_heap<memcore_heap, memcore_heap_destroy, memcore_heap_allocate, memcore_heap_allocate_zeroed,
                        memcore_heap_reallocate, memcore_heap_free, memcore_heap_usable_size, memcore_heap_contains,
                        memcore_heap_stats, memcore_heap_trim> {
public:
    explicit heap(const memcore_heap_options &options) { check(memcore_heap_create(&options, &handle_)); }

    /** A heap in this memory: `memcore_memory_own(limit)`, `memcore_memory_of(start, bytes)`, a file. */
    explicit heap(const memcore_memory &memory, const char *strategy = nullptr, const char *checks = nullptr,
                  bool locked = false)
        : heap(options(memory, strategy, checks, locked)) {}

    /** A block that keeps two numbers, for the leak report of a heap that tracks. */
    void *allocate_tagged(std::size_t size, std::size_t alignment, std::uint32_t tag, std::uint64_t site = 0) {
        void *block = nullptr;
        check_allocation(memcore_heap_allocate_tagged(handle_, size, alignment, tag, site, &block));
        return block;
    }

    /** Changes the size of a block where it is; false when it cannot. */
    bool resize_in_place(void *block, std::size_t size) {
        const std::int32_t status = memcore_heap_resize_in_place(handle_, block, size, nullptr);
        if (status != MEMCORE_STATUS_NO_ROOM_IN_PLACE) {
            check_allocation(status);
        }
        return status == MEMCORE_STATUS_OK;
    }

    /** Looks at every redzone and at the quarantine: the first mistake is an error. */
    void look() const { check(memcore_heap_check(handle_, nullptr)); }

    /** Checks every invariant: the first that is broken is an error. */
    void validate() const { check(memcore_heap_validate(handle_, nullptr)); }

    /** Calls `visit(const memcore_leak &)` with each live block, in the order of their allocation. */
    template <typename Visit>
    void leaks(Visit visit) const {
        struct state {
            Visit &visit;
            std::exception_ptr thrown;
        } state{visit, nullptr};
        const auto call = [](const memcore_leak *leak, void *user) -> std::int32_t {
            auto &inside = *static_cast<struct state *>(user);
            try {
                inside.visit(*leak);
                return 0;
            } catch (...) {
                inside.thrown = std::current_exception();
                return 1;
            }
        };
        const std::int32_t status = memcore_heap_leaks(handle_, call, &state);
        if (state.thrown) {
            std::rethrow_exception(state.thrown);
        }
        check(status);
    }

private:
    static memcore_heap_options options(const memcore_memory &memory, const char *strategy, const char *checks,
                                        bool locked) {
        memcore_heap_options options = memcore_heap_options_for(memory);
        options.strategy = strategy;
        options.checks = checks;
        options.locked = locked;
        return options;
    }
};

/** A heap for all threads; see `memcore_threaded_heap_create`. */
class threaded_heap
    : public basic_heap<memcore_threaded_heap, memcore_threaded_heap_destroy, memcore_threaded_heap_allocate,
                        memcore_threaded_heap_allocate_zeroed, memcore_threaded_heap_reallocate,
                        memcore_threaded_heap_free, memcore_threaded_heap_usable_size, memcore_threaded_heap_contains,
                        memcore_threaded_heap_stats, memcore_threaded_heap_trim> {
public:
    explicit threaded_heap(std::size_t limit, std::int32_t huge_pages = MEMCORE_HUGE_PAGES_SYSTEM) {
        check(memcore_threaded_heap_create(limit, huge_pages, &handle_));
    }
};

/** An arena of bytes; see `memcore_arena_create`. */
class arena : public owner<memcore_arena, memcore_arena_destroy> {
public:
    explicit arena(const memcore_memory &memory) { check(memcore_arena_create(&memory, &handle_)); }

    /** A block of `size` bytes at a multiple of `alignment`. */
    void *allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
        void *block = nullptr;
        check_allocation(memcore_arena_allocate(handle_, size, alignment, &block));
        return block;
    }

    /** A value that nobody destroys: its type must not need it. */
    template <typename T, typename... Arguments>
    T *make(Arguments &&...arguments) {
        static_assert(std::is_trivially_destructible<T>::value, "an arena destroys nothing");
        return ::new (allocate(sizeof(T), alignof(T))) T(std::forward<Arguments>(arguments)...);
    }

    /** A copy of a text, which ends in a zero byte behind the view. */
    std::string_view copy(std::string_view text) {
        char *bytes = static_cast<char *>(allocate(text.size() + 1, 1));
        if (!text.empty()) {
            std::memcpy(bytes, text.data(), text.size());
        }
        bytes[text.size()] = '\0';
        return {bytes, text.size()};
    }

    /** This state, to rewind to. */
    std::uint64_t checkpoint() const {
        std::uint64_t checkpoint = 0;
        check(memcore_arena_checkpoint(handle_, &checkpoint));
        return checkpoint;
    }

    /** Takes back everything after a checkpoint. */
    void rewind(std::uint64_t checkpoint) { check(memcore_arena_rewind(handle_, checkpoint)); }

    /** Takes back everything. */
    void reset() { check(memcore_arena_reset(handle_)); }

    /** The figures, in bytes. */
    memcore_arena_figures look() const {
        memcore_arena_figures figures;
        check(memcore_arena_look(handle_, &figures));
        return figures;
    }

    /** Takes back, at its end, everything that was handed out since its beginning. */
    class scope {
    public:
        explicit scope(arena &of) : arena_(of.get()), checkpoint_(of.checkpoint()) {}
        scope(const scope &) = delete;
        scope &operator=(const scope &) = delete;
        ~scope() { memcore_arena_rewind(arena_, checkpoint_); }

    private:
        memcore_arena *arena_;
        std::uint64_t checkpoint_;
    };
};

/** A pool of equal slots; see `memcore_pool_create`. */
class pool : public owner<memcore_pool, memcore_pool_destroy> {
public:
    pool(const memcore_memory &memory, std::size_t slot, std::size_t alignment = alignof(std::max_align_t)) {
        check(memcore_pool_create(&memory, slot, alignment, &handle_));
    }

    /** A slot. */
    void *allocate() {
        void *slot = nullptr;
        check_allocation(memcore_pool_allocate(handle_, &slot));
        return slot;
    }

    /** Takes a slot back. An address that is no live slot's is an error. */
    void free(void *slot) { check(memcore_pool_free(handle_, slot)); }

    /** Takes every slot back. */
    void reset() { check(memcore_pool_reset(handle_)); }

    /** What it is made of. */
    memcore_pool_figures look() const {
        memcore_pool_figures figures;
        check(memcore_pool_look(handle_, &figures));
        return figures;
    }
};

/** Two stacks in one range of bytes; see `memcore_double_stack_create`. */
class double_stack : public owner<memcore_double_stack, memcore_double_stack_destroy> {
public:
    explicit double_stack(const memcore_memory &memory) { check(memcore_double_stack_create(&memory, &handle_)); }

    /** A block above the low stack. */
    void *push_low(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
        void *block = nullptr;
        check_allocation(memcore_double_stack_push_low(handle_, size, alignment, &block));
        return block;
    }

    /** A block below the high stack. */
    void *push_high(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
        void *block = nullptr;
        check_allocation(memcore_double_stack_push_high(handle_, size, alignment, &block));
        return block;
    }

    /** Takes back what was pushed low after `look().low` was `mark`. */
    void rewind_low(std::uint64_t mark) { check(memcore_double_stack_rewind_low(handle_, mark)); }

    /** Takes back what was pushed high after `look().high` was `mark`. */
    void rewind_high(std::uint64_t mark) { check(memcore_double_stack_rewind_high(handle_, mark)); }

    /** Marks to rewind to, and figures in bytes. */
    memcore_double_stack_figures look() const {
        memcore_double_stack_figures figures;
        check(memcore_double_stack_look(handle_, &figures));
        return figures;
    }
};

/** Records of any size, first in, first out; see `memcore_ring_create`. */
class ring : public owner<memcore_ring, memcore_ring_destroy> {
public:
    explicit ring(const memcore_memory &memory) { check(memcore_ring_create(&memory, &handle_)); }

    /** A record behind the newest. */
    void *allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
        void *record = nullptr;
        check_allocation(memcore_ring_allocate(handle_, size, alignment, &record));
        return record;
    }

    /** Takes the oldest record back. */
    void release(void *record) { check(memcore_ring_release(handle_, record)); }

    /** The figures, in bytes. */
    memcore_ring_figures look() const {
        memcore_ring_figures figures;
        check(memcore_ring_look(handle_, &figures));
        return figures;
    }
};

/** A heap whose blocks move while their ids stay; see `memcore_handle_heap_create`. */
class handle_heap : public owner<memcore_handle_heap, memcore_handle_heap_destroy> {
public:
    explicit handle_heap(const memcore_memory &memory, const char *strategy = "first-fit") {
        check(memcore_handle_heap_create(&memory, strategy, &handle_));
    }

    /** The id of a block of `size` bytes. */
    std::uint64_t allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
        std::uint64_t block = 0;
        check_allocation(memcore_handle_heap_allocate(handle_, size, alignment, &block));
        return block;
    }

    /** Takes a block back. */
    void free(std::uint64_t block) { check(memcore_handle_heap_free(handle_, block)); }

    /** Moves blocks together, as many as the budget allows. */
    memcore_compaction compact(const memcore_budget *budget = nullptr) {
        memcore_compaction done;
        check(memcore_handle_heap_compact(handle_, budget, &done));
        return done;
    }

    /** Keeps a block where it is as long as it lives. */
    class pin {
    public:
        pin(handle_heap &heap, std::uint64_t block) : heap_(heap.get()), block_(block) {
            check(memcore_handle_heap_pin(heap_, block_, &bytes_));
        }
        pin(const pin &) = delete;
        pin &operator=(const pin &) = delete;
        ~pin() { memcore_handle_heap_unpin(heap_, block_); }

        /** The block's first byte. */
        void *get() const noexcept { return bytes_; }

    private:
        memcore_handle_heap *heap_;
        std::uint64_t block_;
        void *bytes_ = nullptr;
    };
};

/** A heap of offsets, which survives its process; see `memcore_persistent_create`. */
class persistent_heap : public owner<memcore_persistent_heap, memcore_persistent_destroy> {
public:
    /** Makes an image. */
    static persistent_heap create(const memcore_memory &memory, const char *strategy = nullptr) {
        persistent_heap heap;
        check(memcore_persistent_create(&memory, strategy, &heap.handle_));
        return heap;
    }

    /** Opens the image in a memory. */
    static persistent_heap open(const memcore_memory &memory, memcore_recovery *recovery = nullptr) {
        persistent_heap heap;
        check(memcore_persistent_open(&memory, recovery, &heap.handle_));
        return heap;
    }

    /** The offset of a block of `size` bytes. */
    std::uint64_t allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
        std::uint64_t block = 0;
        check_allocation(memcore_persistent_allocate(handle_, size, alignment, &block));
        return block;
    }

    /** Takes a block back. */
    void free(std::uint64_t block) { check(memcore_persistent_free(handle_, block)); }

    /** Where the bytes of a block are in this process, until it is freed or resized. */
    void *bytes(std::uint64_t block) {
        void *bytes = nullptr;
        check(memcore_persistent_bytes(handle_, block, &bytes, nullptr));
        return bytes;
    }

    /** Where a root leads; 0: nowhere. */
    std::uint64_t root(std::uint32_t number) const {
        std::uint64_t block = 0;
        check(memcore_persistent_root(handle_, number, &block));
        return block;
    }

    /** Sets a root. */
    void set_root(std::uint32_t number, std::uint64_t block) {
        check(memcore_persistent_set_root(handle_, number, block));
    }

    /** Ends the heap, and returns when a file would survive a failure of the power. */
    void close() { check(memcore_persistent_close(release())); }

private:
    persistent_heap() noexcept = default;
};

/**
 * A `std::pmr` resource over a heap, which must outlive it. Its `deallocate` never throws: what the heap refuses to take
 * back, a double free say, is counted, and a heap with `memcore_heap_on_failure` tells of it.
 */
template <typename Heap>
class basic_heap_resource : public std::pmr::memory_resource {
public:
    explicit basic_heap_resource(Heap &of) noexcept : heap_(&of) {}

    /** How many addresses the heap has refused to take back. */
    std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

protected:
    void *do_allocate(std::size_t bytes, std::size_t alignment) override { return heap_->allocate(bytes, alignment); }

    void do_deallocate(void *block, std::size_t, std::size_t) override {
        if (heap_->try_free(block) != MEMCORE_STATUS_OK) {
            refused_.fetch_add(1, std::memory_order_relaxed);
        }
    }

    bool do_is_equal(const std::pmr::memory_resource &other) const noexcept override {
        const auto *same = dynamic_cast<const basic_heap_resource *>(&other);
        return same != nullptr && same->heap_ == heap_;
    }

private:
    Heap *heap_;
    std::atomic<std::uint64_t> refused_{0};
};

/** A resource over a heap. Threads may share it when the heap is locked. */
using heap_resource = basic_heap_resource<heap>;

/** A resource over a heap for all threads, which may share it. */
using threaded_resource = basic_heap_resource<threaded_heap>;

/** A resource over an arena, which must outlive it. Nothing goes back but by rewind or reset of the arena. */
class arena_resource : public std::pmr::memory_resource {
public:
    explicit arena_resource(arena &of) noexcept : arena_(&of) {}

protected:
    void *do_allocate(std::size_t bytes, std::size_t alignment) override { return arena_->allocate(bytes, alignment); }

    void do_deallocate(void *, std::size_t, std::size_t) override {}

    bool do_is_equal(const std::pmr::memory_resource &other) const noexcept override {
        const auto *same = dynamic_cast<const arena_resource *>(&other);
        return same != nullptr && same->arena_ == arena_;
    }

private:
    arena *arena_;
};

/** A resource over a pool, which must outlive it. What does not fit a slot goes to another resource. */
class pool_resource : public std::pmr::memory_resource {
public:
    explicit pool_resource(pool &of, std::pmr::memory_resource *upstream = std::pmr::get_default_resource())
        : pool_(&of), upstream_(upstream) {
        const memcore_pool_figures figures = of.look();
        slot_ = figures.slot;
        alignment_ = figures.alignment;
    }

    /** How many addresses the pool has refused to take back. */
    std::uint64_t refused() const noexcept { return refused_; }

protected:
    void *do_allocate(std::size_t bytes, std::size_t alignment) override {
        return fits(bytes, alignment) ? pool_->allocate() : upstream_->allocate(bytes, alignment);
    }

    void do_deallocate(void *block, std::size_t bytes, std::size_t alignment) override {
        if (!fits(bytes, alignment)) {
            upstream_->deallocate(block, bytes, alignment);
        } else if (memcore_pool_free(pool_->get(), block) != MEMCORE_STATUS_OK) {
            refused_ += 1;
        }
    }

    bool do_is_equal(const std::pmr::memory_resource &other) const noexcept override {
        const auto *same = dynamic_cast<const pool_resource *>(&other);
        return same != nullptr && same->pool_ == pool_ && *same->upstream_ == *upstream_;
    }

private:
    bool fits(std::size_t bytes, std::size_t alignment) const noexcept {
        return bytes <= slot_ && alignment <= alignment_;
    }

    pool *pool_;
    std::pmr::memory_resource *upstream_;
    std::size_t slot_ = 0;
    std::size_t alignment_ = 0;
    std::uint64_t refused_ = 0;
};

/** The allocator of `memcore_malloc` for containers: one heap for the whole process. */
template <typename T>
class allocator {
public:
    using value_type = T;
    using is_always_equal = std::true_type;
    using propagate_on_container_move_assignment = std::true_type;

    allocator() noexcept = default;
    template <typename U>
    allocator(const allocator<U> &) noexcept {}

    T *allocate(std::size_t count) {
        if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) {
            throw std::bad_array_new_length();
        }
        void *block = memcore_aligned_alloc(alignof(T), count * sizeof(T));
        if (block == nullptr) {
            throw std::bad_alloc();
        }
        return static_cast<T *>(block);
    }

    void deallocate(T *block, std::size_t) noexcept { memcore_free(block); }
};

template <typename T, typename U>
bool operator==(const allocator<T> &, const allocator<U> &) noexcept {
    return true;
}

template <typename T, typename U>
bool operator!=(const allocator<T> &, const allocator<U> &) noexcept {
    return false;
}

} // namespace memcore

#endif
