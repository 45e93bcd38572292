#!/bin/sh
# Runs every test of sqtail: installs what is missing; builds with gcc, with sanitizers, and with clang without SystemC;
# tests each build and that both compilers' builds agree; prints last `N passed, N failed`. The builds stay in build/.
set -u
cd "$(dirname "$0")/.." || exit 1
sh tests/packages.sh --tests || exit 1
jobs=$(nproc)
[ -x configure ] || autoreconf -i > /dev/null 2>&1 || { echo "autoreconf failed"; exit 1; }

# check NAME CONFIGURE-ARGUMENTS...: builds in build/NAME and runs its tests. A build that fails is a failed test; how the
# tests went is counted afterwards.
broken=0
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
    (cd "build/$name" && make -s -k -j"$jobs" check) >> "build/$name.log" 2>&1 || tail -n 40 "build/$name.log"
    grep -E '^# (TOTAL|PASS|SKIP|FAIL|ERROR):' "build/$name.log" | tr '\n' ' '
    echo
}

mkdir -p build
check gcc
check sanitizers --enable-asan --enable-ubsan CFLAGS='-O1 -g' CXXFLAGS='-O1 -g'
check clang --without-systemc CC=clang CXX=clang++

# agree: the builds by gcc and clang give the same bytes; its log is counted like a test's of a build.
agree() {
    mkdir -p build/agree/tests
    echo "== gcc against clang"
    if sh tests/compilers.sh "$PWD/build/gcc/sqtail" "$PWD/build/clang/sqtail" > build/agree/tests/compilers.log 2>&1; then
        result=PASS
    else
        result=FAIL
        cat build/agree/tests/compilers.log
    fi
    echo ":test-result: $result" > build/agree/tests/compilers.trs
}
agree
BROKEN=$broken sh tests/count.sh build/gcc build/sanitizers build/clang build/agree
