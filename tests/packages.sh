#!/bin/sh
# Installs what sqtail needs on Debian 12: to build and run it, and with `--tests` also what its tests use.
set -eu
build='autoconf automake make gcc g++ pkg-config libsystemc-dev libyaml-dev libjansson-dev libarchive-dev libnlopt-dev
    libsqlite3-dev gnuplot-nox'
tests='libcmocka-dev bats blktrace fio valgrind clang xz-utils zstd jq groff-base procps sqlite3 python3 python3-jsonschema
    python3-yaml python3-pandas python3-six gtkwave zsh nvme-cli'
packages=$build
[ "${1-}" = --tests ] && packages="$build $tests"
missing=
for package in $packages; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
echo "installing:$missing" >&2
root=
[ "$(id -u)" -eq 0 ] || root=sudo
$root apt-get update -qq >&2
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $missing >&2
