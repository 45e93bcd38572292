#!/bin/sh
# Runs every test of sqtail: installs what is missing; builds with gcc, with sanitizers, and with clang without SystemC;
# tests each build and the distribution; prints last `N passed, N failed`. That all builds give the same results,
# tests/same_results.sh tells in each. The builds stay in build/.
set -u
cd "$(dirname "$0")/.." || exit 1
sh tests/packages.sh --tests || exit 1
jobs=$(nproc)
[ -x configure ] || autoreconf -i > /dev/null 2>&1 || { echo "autoreconf failed"; exit 1; }

# check NAME CONFIGURE-ARGUMENTS...: builds in build/NAME and runs its tests, with $words for make. A build that fails
# is a failed test; how the tests went is counted afterwards.
broken=0
words=
check() {
    name=$1
    shift
    mkdir -p "build/$name"
    rm -rf "build/$name/tests"
    echo "== $name: configure $*"
    if ! (cd "build/$name" && ../../configure -q "$@" && make -s -j"$jobs" all) > "build/$name.log" 2>&1; then
        tail -n 40 "build/$name.log"
        broken=$((broken + 1))
        return
    fi
    (cd "build/$name" && make -s -k -j"$jobs" check $words) >> "build/$name.log" 2>&1 || tail -n 40 "build/$name.log"
    grep -E '^# (TOTAL|PASS|SKIP|FAIL|ERROR):' "build/$name.log" | tr '\n' ' '
    echo
}

mkdir -p build
check gcc
check sanitizers --enable-asan --enable-ubsan CFLAGS='-O1 -g' CXXFLAGS='-O1 -g'
words=ONCE= # the two before have tried what this leaves out
# valgrind 3.19 cannot read the DWARF 5 that clang 14 writes.
check clang --without-systemc CC=clang CXX=clang++ CFLAGS='-O2 -gdwarf-4'

# case_of NAME COMMAND...: one more test case, whose log is counted like that of a build's test.
case_of() {
    name=$1
    shift
    mkdir -p build/whole/tests
    echo "== $name"
    if "$@" > "build/whole/tests/$name.log" 2>&1; then
        result=PASS
        echo "[       OK ] $name" >> "build/whole/tests/$name.log"
    else
        result=FAIL
        tail -n 40 "build/whole/tests/$name.log"
    fi
    echo ":test-result: $result" > "build/whole/tests/$name.trs"
}

pack() {
    make -s -C build/gcc distcheck TESTS=tests/layers.sh
}

case_of the_distribution_builds_and_installs_and_leaves_nothing_behind pack
case_of drives_are_as_near_the_measured_ones_as_told env SQTAIL="$PWD/build/gcc/sqtail" bash tests/real_drives.sh
BROKEN=$broken sh tests/count.sh build/gcc build/sanitizers build/clang build/whole
