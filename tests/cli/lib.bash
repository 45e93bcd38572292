# What the command-line tests share. They run in the source folder, so that configurations are found by name and
# messages show short paths; the program comes from the build folder, in which `make check` starts them.
bats_require_minimum_version 1.5.0

SQTAIL=${SQTAIL:-$PWD/sqtail}
SOURCE=${srcdir:-.}
LIMIT=${SQTAIL_TEST_LIMIT:-120} # seconds after which a command counts as hung
JOB='rw=randrw bs=4k iodepth=8 number_ios=300'
RECORDING=traces/fio-randrw70-16k-qd16-uring

setup()
{
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    T=$BATS_TEST_TMPDIR
    OUT=$T/out
    unset SQTAIL_CONFIGS
    export LC_ALL=C
    ulimit -t "$LIMIT"
}

# For all tests of a file: in $R a result, what comes of a slower array, and a curve.
results_of_a_change()
{
    local job='rw=randrw bs=4k iodepth=8 number_ios=400'
    export SQTAIL
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    export R=$BATS_FILE_TMPDIR
    "$SQTAIL" run tiny.yaml --job "$job" -q --no-plots -o "$R/base"
    "$SQTAIL" run tiny.yaml --job "$job" --set nand.t_r=+30% -q --no-plots -o "$R/new"
    "$SQTAIL" curve tiny.yaml --job 'rw=randread bs=4k number_ios=200' --iodepth 1,4 -q --no-plots -o "$R/curve"
}

# However a test ends, nothing that it started goes on: what it has in the background ends here, and where the test is
# killed itself, at the limit of processor time.
teardown()
{
    local job
    for job in $(jobs -p); do
        kill -KILL "$job" 2> /dev/null || true
    done
}

# in_background COMMAND...: its process is $pid. A hangup is not ignored, though those who started the tests may have
# done so with nohup.
in_background()
{
    local default=(env --default-signal=HUP)
    "${default[@]}" true 2> /dev/null || default=()
    "${default[@]}" "$@" 3>&- &
    pid=$!
}

# Runs sqtail; standard output goes to $output and standard error to $stderr.
sqtail()
{
    run --separate-stderr timeout -k 5 "$LIMIT" "$SQTAIL" "$@"
}

show()
{
    echo "exit code $status"
    echo "standard output: $output"
    echo "standard error: $stderr"
    return 1
}

# succeeds ARGUMENTS...: exit code 0.
succeeds()
{
    sqtail "$@"
    [ "$status" -eq 0 ] || show
}

# refuses FRAGMENT ARGUMENTS...: the user's error, exit code 2, told on standard error and nowhere else; nothing is
# left behind under the name of the result folder or beside it.
refuses()
{
    local fragment=$1
    shift
    sqtail "$@"
    [ "$status" -eq 2 ] || show
    [ -z "$output" ] || show
    tells "$fragment"
    [ ! -e "$OUT" ] || show
    [ -z "$(find "$T" -name '.out.*')" ] || show
}

# The fragment stands in what was told; of several only some are of interest.
tells()
{
    local fragment
    for fragment in "$@"; do
        [[ $stderr == *"$fragment"* ]] || { echo "missing: $fragment"; show; }
    done
}

shows()
{
    local fragment
    for fragment in "$@"; do
        [[ $output == *"$fragment"* ]] || { echo "missing: $fragment"; show; }
    done
}

# number FILE FILTER: a number of a result.
number()
{
    jq -e "$2" "$1"
}

# Whether two result folders are the same but for what depends on the machine.
same_results()
{
    diff -r --exclude=host.json "$1" "$2"
}

need()
{
    command -v "$1" > /dev/null || skip "$1 is not installed"
}
