#!/bin/sh
# Installs what is missing, builds, and replays a real recording on a simulated drive: prints the summary and leaves the
# result folder with its plots in results/demo.
set -eu
cd "$(dirname "$0")/.."
sh tests/packages.sh
if [ ! -x build/demo/sqtail ]; then
    echo "building in build/demo ..." >&2
    [ -x configure ] || autoreconf -i > /dev/null 2>&1
    mkdir -p build/demo
    (cd build/demo && ../../configure -q && make -s -j"$(nproc)" all > make.log 2>&1) ||
        { tail -n 30 build/demo/make.log; exit 1; }
fi
build/demo/sqtail run configs/wd-black-sn750-1tb.yaml --trace traces/fio-randrw70-16k-qd16-uring -o results/demo
echo "the result folder: results/demo; its plots:"
ls results/demo/plots/*.svg
