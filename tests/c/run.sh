#!/usr/bin/env bash
# Builds and runs the C tests, and everything that is about the C library as a whole.
#
# Each tests/c/test_*.c is built as C11 and as C++17 against the static library, and run plainly, under the
# sanitizers and under valgrind, and so are the examples of header and guide; each tests/c/test_*.cpp as C++17 and C++20.
# tests/c/mistake.c must be caught by valgrind and by AddressSanitizer. Then the exported names are compared with the list that is checked in, and the
# library is installed into a scratch folder and used from there as a stranger would: through pkg-config and CMake.
#
# Under valgrind, which is some fifty times slower, MEMCORE_TEST_SHORT is set: a test may then leave its longest input out.
#
# A check that needs a tool which this machine lacks is written to the file of skipped checks, and only that: what is
# there must pass.
#
# Called by the Makefile, which gives: LIBRARY_DIR (where libmemcore.a and libmemcore.so are), SYSTEM_LIBS (what the
# static library needs), SCRATCH (a folder for what is built here), SKIPPED (the file of skipped checks).

set -euo pipefail

cd "$(dirname "$0")/../.."
: "${LIBRARY_DIR:?}" "${SYSTEM_LIBS:?}" "${SCRATCH:?}" "${SKIPPED:?}"
CC=${CC:-cc}
CXX=${CXX:-c++}
WARNINGS=(-Wall -Wextra -Wpedantic -Werror -g -O1)
SANITIZERS=(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
read -ra system_libs <<<"$SYSTEM_LIBS"

passed=0
failed=0

# check NAME COMMAND...: runs the command, silent when it succeeds.
check() {
    local name=$1 log
    shift
    if log=$("$@" 2>&1); then
        passed=$((passed + 1))
        echo "ok      $name"
    else
        failed=$((failed + 1))
        echo "FAILED  $name"
        sed 's/^/        /' <<<"$log"
        return 1
    fi
}

skip() {
    echo "skipped $1"
    echo "$1" >>"$SKIPPED"
}

have() {
    command -v "$1" >/dev/null
}

can_sanitize() {
    echo 'int main(void) { return 0; }' >"$SCRATCH/probe.c"
    "$CC" "${SANITIZERS[@]}" "$SCRATCH/probe.c" -o "$SCRATCH/probe" 2>/dev/null && "$SCRATCH/probe" 2>/dev/null
}

# compile OUTPUT SOURCE COMPILER FLAGS...
compile() {
    local output=$1 source=$2
    shift 2
    # A language given by -x holds for the files that follow: it ends before the library.
    "$@" "${WARNINGS[@]}" -Iinclude "$source" -x none -o "$output" "$LIBRARY_DIR/libmemcore.a" "${system_libs[@]}"
}

# Looking for leaks, valgrind reads every byte that a program may: a heap that reserves all the addresses it gets would keep
# it busy, so they are limited.
under_valgrind() (
    ulimit -v $((8 << 20))
    MEMCORE_TEST_SHORT=1 exec valgrind --quiet --error-exitcode=9 "$@"
)

test_program() {
    local source=$1 label=$2 program
    shift 2
    program=$SCRATCH/$(basename "${source%.*}").$label
    check "$source, $label: builds" compile "$program" "$source" "$@" || return 0
    check "$source, $label: runs" "$program" || true
    if $with_valgrind; then
        check "$source, $label: runs under valgrind" under_valgrind \
            --leak-check=full --show-leak-kinds=all "$program" || true
    fi
    if $with_sanitizers; then
        check "$source, $label: builds with sanitizers" \
            compile "$program.sanitized" "$source" "$@" "${SANITIZERS[@]}" || return 0
        check "$source, $label: runs with sanitizers" "$program.sanitized" || true
    fi
}

test_programs() {
    with_valgrind=false with_sanitizers=false with_cxx=false
    if have valgrind; then with_valgrind=true; else skip "C tests under valgrind: valgrind is missing"; fi
    if can_sanitize; then with_sanitizers=true; else skip "C tests under ASan and UBSan: $CC cannot link them"; fi
    if have "$CXX"; then with_cxx=true; else skip "C tests as C++17: $CXX is missing"; fi

    local source
    for source in tests/c/test_*.c; do
        test_program "$source" c11 "$CC" -std=c11
        if $with_cxx; then
            test_program "$source" cxx17 "$CXX" -std=c++17 -x c++
        fi
    done
    if $with_cxx; then
        for source in tests/c/test_*.cpp; do
            test_program "$source" cxx17 "$CXX" -std=c++17
            # The same code again, which valgrind and the sanitizers need not see twice.
            with_valgrind=false with_sanitizers=false test_program "$source" cxx20 "$CXX" -std=c++20
        done
    fi
}

# A heap tells valgrind and AddressSanitizer of its blocks: a mistake must be reported as such.
test_tools() {
    local source=tests/c/mistake.c program=$SCRATCH/mistake mistake
    check "$source: builds" compile "$program" "$source" "$CC" -std=c11 || return 0
    if $with_valgrind; then
        check "$source: valgrind has nothing to say without a mistake" under_valgrind "$program" none || true
        for mistake in use-after-free overrun; do
            check "$source: valgrind reports: $mistake" \
                reported "Invalid read of size 1" under_valgrind "$program" "$mistake" || true
        done
    fi
    if $with_sanitizers; then
        check "$source: builds with sanitizers" \
            compile "$program.sanitized" "$source" "$CC" -std=c11 "${SANITIZERS[@]}" || return 0
        check "$source: AddressSanitizer has nothing to say without a mistake" "$program.sanitized" none || true
        for mistake in use-after-free overrun; do
            check "$source: AddressSanitizer reports: $mistake" \
                reported "AddressSanitizer: use-after-poison" "$program.sanitized" "$mistake" || true
        done
    fi
}

# reported WORDS COMMAND...: the command must fail, and say the words.
reported() {
    local words=$1 log
    shift
    if log=$("$@" 2>&1); then
        echo "nothing was reported"
        return 1
    fi
    grep -F "$words" <<<"$log"
}

# The code between \code and \endcode of the header's comments, each as a function of its own.
header_examples() {
    echo '#include <memcore.h>'
    printf '#include <%s>\n' inttypes.h stdio.h string.h
    awk '
        /\\endcode/ { print "    }\n}"; inside = 0 }
        inside { sub(/^ \* ?/, "    "); print }
        /\\code/ && !/\\endcode/ {
            inside = 1
            count += 1
            print "static void example_" count "(memcore_allocator *allocator, unsigned char *bytes) {"
            print "    (void)allocator;\n    (void)bytes;\n    {"
        }
        END {
            print "int main(void) {"
            print "    static unsigned char bytes[1024];"
            for (i = 1; i <= count; i += 1) {
                print "    { memcore_options options = memcore_options_for(sizeof bytes);"
                print "      memcore_allocator *allocator = NULL; memcore_block block;"
                print "      memcore_allocator_create(\"first-fit\", &options, &allocator);"
                print "      memcore_allocator_allocate(allocator, 100, &block);"
                print "      memcore_allocator_allocate(allocator, 100, &block);"
                print "      example_" i "(allocator, bytes);"
                print "      memcore_allocator_destroy(allocator); }"
            }
            print "    return " (count > 0 ? 0 : 1) ";\n}"
        }' include/memcore.h
}

# The examples that people copy: those of the header's comments, of the guide, and the files it includes.
test_examples() {
    local source
    header_examples >"$SCRATCH/header_examples.c"
    sed -n '/^```c$/,/^```$/ { /^```/d; p }' docs/c.md >"$SCRATCH/guide.c"
    sed -n '/^It prints$/,/^## / { /^```text$/,/^```$/ { /^```/d; p } }' docs/c.md >"$SCRATCH/guide.txt"
    for source in "$SCRATCH/header_examples.c" "$SCRATCH/guide.c" tests/c/example_*.c; do
        test_program "$source" c11 "$CC" -std=c11
    done
    if $with_cxx; then
        for source in tests/c/example_*.cpp; do
            test_program "$source" cxx17 "$CXX" -std=c++17
        done
    fi
    check "the guide's program prints what the guide says" prints_as_the_guide_says || true
    for source in tests/c/example_*.txt; do
        local program=${source%.txt}.c label=c11
        if [[ ! -e $program ]]; then program=${source%.txt}.cpp label=cxx17; fi
        if [[ $label = c11 ]] || $with_cxx; then
            check "$program prints what the guide says" prints_as "$source" $label || true
        fi
    done
}

prints_as() {
    "$SCRATCH/$(basename "$1" .txt).$2" 2>&1 | diff "$1" -
}

prints_as_the_guide_says() {
    "$SCRATCH/guide.c11" 2>&1 | diff "$SCRATCH/guide.txt" -
}

exported_names() {
    nm -D --defined-only "$LIBRARY_DIR/libmemcore.so" | awk '{ print $3 }' | LC_ALL=C sort
}

declared_names() {
    grep -oE '\bmemcore_[a-z0-9_]+\(' include/memcore.h | tr -d '(' | LC_ALL=C sort -u
}

# The names are the binary interface: a name that disappears breaks programs that were built before.
test_exported_names() {
    exported_names >"$SCRATCH/exported-names.txt"
    declared_names >"$SCRATCH/declared-names.txt"
    check "every exported name begins with memcore_" no_other_name || true
    check "the exported names are those in tests/c/exported-names.txt (make header rewrites it)" \
        diff tests/c/exported-names.txt "$SCRATCH/exported-names.txt" || true
    check "the exported functions are those that the header declares" \
        diff "$SCRATCH/declared-names.txt" "$SCRATCH/exported-names.txt" || true
}

no_other_name() {
    ! grep -v '^memcore_' "$SCRATCH/exported-names.txt"
}

test_installed_library() {
    local prefix=$SCRATCH/installed source=tests/c/test_version.c
    rm -rf "$prefix" "$SCRATCH/staged"
    check "make install" "${MAKE:-make}" --no-print-directory install PREFIX="$prefix" || return 0
    check "make install with DESTDIR" \
        "${MAKE:-make}" --no-print-directory install PREFIX=/usr DESTDIR="$SCRATCH/staged" || return 0
    check "DESTDIR leaves no trace in the installed files" no_trace_of_staging || true

    if have pkg-config; then
        check "builds through pkg-config, shared" through_pkg_config "$prefix" "$source" "" || true
        check "builds through pkg-config, static" through_pkg_config "$prefix" "$source" --static || true
    else
        skip "an installed library through pkg-config: pkg-config is missing"
    fi
    if have cmake; then
        check "builds through CMake" through_cmake "$prefix" || true
    else
        skip "an installed library through CMake: cmake is missing"
    fi

    check "make uninstall" "${MAKE:-make}" --no-print-directory uninstall PREFIX="$prefix" || return 0
    check "make uninstall leaves no file" no_file_in "$prefix" || true
}

no_trace_of_staging() {
    ! grep -rlF "$SCRATCH" "$SCRATCH/staged" --include='*.pc' --include='*.cmake'
}

no_file_in() {
    [[ -z $(find "$1" -not -type d) ]]
}

# A program linked with the shared library must ask for it by its SONAME, and run with nothing but the installed files.
through_pkg_config() {
    local prefix=$1 source=$2 static=$3 flags program=$SCRATCH/pkg-config$3
    export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
    read -ra flags <<<"$(pkg-config --cflags --libs $static memcore)"
    if [[ -n $static ]]; then
        flags=(-Wl,-Bstatic "${flags[@]/#-lmemcore/-lmemcore -Wl,-Bdynamic}")
        read -ra flags <<<"${flags[*]}"
    fi
    "$CC" -std=c11 "$source" "${flags[@]}" -o "$program"
    LD_LIBRARY_PATH=$prefix/lib "$program"
    if [[ -n $static ]]; then
        ! readelf -d "$program" | grep -F libmemcore
    else
        readelf -d "$program" | grep -E 'NEEDED.*\[libmemcore\.so\.[0-9.]+\]'
    fi
}

# The project moves to another folder once it is installed: its files may not hold the path.
through_cmake() {
    local prefix=$1 moved=$SCRATCH/moved build=$SCRATCH/cmake
    rm -rf "$moved" "$build"
    cp -a "$prefix" "$moved"
    cmake -S tests/c/cmake -B "$build" -DCMAKE_PREFIX_PATH="$moved"
    cmake --build "$build"
    "$build/with_static"
    LD_LIBRARY_PATH=$moved/lib "$build/with_shared"
}

mkdir -p "$SCRATCH"
SCRATCH=$(cd "$SCRATCH" && pwd)
test_programs
test_tools
test_examples
test_exported_names
test_installed_library
echo "C: $passed passed, $failed failed"
((failed == 0))
