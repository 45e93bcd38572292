#!/usr/bin/env bats
# fio's job files: against the real fio where it is there, their errors, and what is told of them.
load lib

# The real fio's requests of each job file in tests/fio, in $F/NAME.log and the like, all made at once.
setup_file()
{
    command -v fio > /dev/null || return 0
    export SQTAIL F=$BATS_FILE_TMPDIR
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    local job
    for job in tests/fio/*.fio; do
        LOG=$F/$(basename "$job" .fio).log fio "$job" --output="$F/$(basename "$job" .fio).out" 3>&- 2> /dev/null &
    done
    wait
}

# agrees NAME MODE [OPTION...]: the requests of a job file, run here, are those that fio made of it.
agrees()
{
    LOG=x succeeds run tiny.yaml --fio "tests/fio/$1.fio" -q --no-plots --tail=off --log "$T/$1.csv" "${@:3}"
    python3 tests/fio/agree.py "$2" "$T/$1.csv" "$F/$1".log* || { echo "$1"; false; }
}

@test "requests of a job file are fio's own" {
    need fio
    [ "$(fio --version)" = fio-3.33 ] || skip "without randseed, the fixed seeds are those of fio 3.33"
    count=0
    for job in tests/fio/*.fio; do
        agrees "$(basename "$job" .fio)" "$(sed -n '1s/^# //p' "$job")"
        count=$((count + 1))
    done
    [ "$count" -ge 40 ]
}

@test "with another seed they are as fio's by chance" {
    need fio
    for name in randread-norandommap randrw randrw-sizes bsrange bsrange-write bssplit bssplit-each zoned zoned-abs; do
        agrees "$name" alike --seed 2
    done
    for name in zipf zipf-centre pareto normal; do
        cp "tests/fio/$name.fio" tests/fio/null.inc "$T"
        sed -i '/randseed\|randrepeat/d' "$T/$name.fio"
        LOG=x succeeds run tiny.yaml --fio "$T/$name.fio" --seed 2 -q --no-plots --tail=off --log "$T/$name.csv"
        python3 tests/fio/agree.py "skew 0.03" "$T/$name.csv" "$F/$name.log"
    done
}

# alike_by_own JOB NAME MODE: so are those of this program's own generator.
alike_by_own()
{
    succeeds run tiny.yaml --job "$1" -q --no-plots --tail=off --log "$T/own.csv"
    python3 tests/fio/agree.py "$3" "$T/own.csv" "$F/$2.log"
}

# Its zipf is exact, of which fio's formula is an approximation.
@test "a job's own generator has the distributions of fio" {
    need fio
    alike_by_own 'rw=randread bs=4k size=6000k number_ios=1500' randread-norandommap alike
    alike_by_own 'rw=randrw bs=4k size=8m rwmixread=70 number_ios=2048' randrw alike
    alike_by_own 'rw=randread bsrange=4k-64k size=16m norandommap=0' bsrange alike
    alike_by_own 'rw=randread bs=4k size=64m random_distribution=zoned:60/10:30/20:10/70 number_ios=6000' zoned alike
    alike_by_own 'rw=randread bs=4k size=64m random_distribution=zipf:1.2 number_ios=6144' zipf 'skew 0.05'
    alike_by_own 'rw=randread bs=4k size=63m random_distribution=zipf:0.8 number_ios=6000' zipf-centre 'skew 0.05'
    alike_by_own 'rw=randread bs=4k size=64m random_distribution=pareto:0.3 number_ios=6000' pareto 'skew 0.05'
}

# --- what is told ----------------------------------------------------------------------------------------------------

@test "sections are jobs, each with its words, those of global and of what is included" {
    printf 'direct=1\n' > "$T/more.inc"
    cat > "$T/job.fio" <<- 'END'
		; two phases
		[global]
		include more.inc
		ioengine = libaio   # as everywhere
		size=8m
		[fill it]
		rw=write
		bs=128k
		bs=64k
		[global]
		iodepth=4
		[read]
		stonewall
		rw=randread
		number_ios=${COUNT}
		verify=crc32c
		[read]
		rw=randrw
		number_ios=50
	END
    COUNT=200 succeeds run tiny.yaml --fio "$T/job.fio" --no-plots -o "$OUT"
    tells "$T/job.fio: note: without effect here: direct, ioengine, verify; see doc/fio.md"
    jq -e '.source.job == "fio name=fill_it size=8m rw=write bs=64k | " +
        "fio name=read size=8m iodepth=4 stonewall rw=randread number_ios=200 | " +
        "fio name=read-2 size=8m iodepth=4 rw=randrw number_ios=50"
        and .jobs.fill_it.commands.write.count == 128 and .jobs.read.commands.read.count == 200
        and .jobs["read-2"].total.count == 50' "$OUT/summary.json" || jq .source "$OUT/summary.json"
    jq -r .source.job "$OUT/summary.json" | sed 's/ | /\n/g' > "$T/texts"
    mapfile -t texts < "$T/texts"
    succeeds run tiny.yaml --job "${texts[0]}" --job "${texts[1]}" --job "${texts[2]}" --no-plots -o "$T/again"
    cmp "$OUT/summary.json" "$T/again/summary.json"
}

@test "exitall in one job ends all with the first, and a synchronous engine takes one request at a time" {
    cat > "$T/job.fio" <<- 'END'
		[short]
		ioengine=libaio
		rw=randread
		size=1m
		iodepth=2
		[long]
		rw=randread
		size=1g
		iodepth=8
		exitall
	END
    succeeds run tiny.yaml --fio "$T/job.fio" --no-plots -o "$OUT"
    tells "$T/job.fio:9:1: note: ioengine=psync, fio's own where none is given, has one request in flight at a time: iodepth=1" \
        "without effect here: ioengine, the page cache (as direct=1)"
    jq -e '.jobs.short.commands.read.count == 256 and .jobs.long.commands.read.count < 256
        and (.source.job | contains("iodepth=1 exitall"))' "$OUT/summary.json"
}

# fio_error LINES MESSAGE...: what a file of such lines is refused with.
fio_error()
{
    printf "$1" > "$T/bad.fio"
    sqtail run tiny.yaml --fio "$T/bad.fio"
    [ "$status" -eq 2 ] || show
    tells "${@:2}"
}

@test "errors of a job file name line, column and what works" {
    fio_error 'rw=read\n[a]\n' "bad.fio:1:1: error: 'rw' stands before the first section, such as [job1]"
    fio_error '[global]\nrw=read\n' "bad.fio: error: no job in it: a section such as [job1]"
    fio_error '[a\n' "bad.fio:1:1: error: a section is a name in brackets, such as [job1]"
    fio_error '[a]\n  bs = 4q\n' "bad.fio:2:8: error: '4q' is not a value of bs: expected a size, such as 4k or 1g"
    fio_error '[a]\nbs=4KiB\n' "bad.fio:2:4: error: '4KiB' counts in thousands in fio's job files; write 4k for 4096 bytes"
    fio_error '[a]\nrw=randraed\n[b]\niodpth=4\n' "bad.fio:2:4: error: unknown rw 'randraed'; did you mean 'randread'?" \
        "bad.fio:4:1: error: unknown word 'iodpth'; did you mean 'iodepth'?"
    fio_error '[a]\ndirect=0\n' "bad.fio:2:1: error: direct=0 is not how it is here: there is no page cache"
    fio_error '[a]\nzonemode=zbd\n' "bad.fio:2:10: error: zonemode=zbd needs a zoned drive; zonemode=strided visits"
    fio_error '[a]\nrate_min=1m\n' "bad.fio:2:1: error: rate_min=1m is not how it is here: a result that is too low"
    fio_error '[a]\nread_iolog=x\n' "bad.fio:2:1: error: read_iolog=x is not how it is here: a recording is replayed by --trace"
    fio_error '[a]\nrate=5\nrate_iops=6\n' "bad.fio:1: error: rate and rate_iops exclude each other"
    fio_error '[a]\nrunme=${NOT_THERE}\n' "bad.fio:2:7: error: the environment has no variable 'NOT_THERE'"
    fio_error '[a]\nrw read\n' "bad.fio:2:1: error: 'rw read' is not a word; a line has one"
    fio_error '[a]\ninclude nowhere.inc\n' "bad.fio:2:1: error: cannot read '$T/nowhere.inc': No such file"
    fio_error '[a]\ninclude bad.fio\n' "bad.fio:1:1: error: an included file has no sections of its own"
    fio_error '[a]\nsize=8g\n' "bad.fio:1: error: offset and size: the region of job 0 reaches beyond the drive's"
    fio_error '[a]\nzonesize=4k\nzonemode=none\n' "bad.fio:1: error: zonesize needs zonemode=strided"
    fio_error '[a]\nrandrepeat=0\n' "bad.fio:1: error: randrepeat=0 needs a randseed"
    fio_error '[a]\nrw=randread:x\n' "bad.fio:2:4: error: 'x' is not a value of rw: expected a number of requests, such as"
    fio_error '[a]\nbs=4k,8k,16k,32k\n' "'4k,8k,16k,32k' is not a value of bs: expected at most three values"
    fio_error '[a]\nbsrange=64k-4k\n' "'64k-4k' is not a value of bsrange: expected two sizes, such as 4k-64k"
    fio_error '[a]\nrandom_distribution=zoned_abs:50/1m\nrw=randread\n' "expected zoned_abs:A/S:A/S:... with A %"
    sqtail run tiny.yaml --fio "$T/none.fio"
    tells "none.fio: error: cannot read '$T/none.fio': No such file"
    sqtail run tiny.yaml --fio "$T/bad.fio" --job rw=read
    tells "--fio gives all jobs: give neither --trace nor --job with it"
    sqtail run tiny.yaml --fio "$T/bad.fio" --until steady
    tells "--until steady is for --job"
}

@test "every word of fio is known, and doc/fio.md has each" {
    succeeds list job
    printf '%s\n' "$output" > "$T/list"
    sed -n '/^<!-- words -->$/,$p' doc/fio.md | tail -n +2 > "$T/page"
    python3 tests/fio/words.py < "$T/list" | diff - "$T/page" || {
        echo "doc/fio.md: sqtail list job | tests/fio/words.py tells what belongs below its mark"
        false
    }
    need fio
    { fio --cmdhelp; fio --enghelp=libaio; fio --enghelp=io_uring; } | sed -n 's/^ *\([a-z][a-z0-9_-]*\)\b.*/\1/p' | sort -u > "$T/words"
    [ "$(wc -l < "$T/words")" -gt 150 ]
    while read -r word; do
        grep -q "^  $word=" "$T/list" || grep -q "^\(ba\|rwmixwrite\)$" <<< "$word" || { echo "unknown: $word"; false; }
    done < "$T/words"
}

@test "fio's layout has each job, and their sum where fio has that of its clients" {
    LOG=x succeeds run tiny.yaml --fio tests/fio/two-jobs.fio --format fio-json+ -o "$OUT" --no-plots
    printf '%s\n' "$output" > "$T/fio.json"
    jq -e '[.jobs[].jobname] == ["first", "second", "third"] and .jobs[0]["job options"].rw == "randrw"
        and .jobs[1].write.io_bytes == 4194304 and .jobs[2].read.total_ios == 1024
        and (.client_stats | length) == 1 and .client_stats[0].jobname == "All clients"
        and .client_stats[0].read.total_ios == ([.jobs[].read.total_ios] | add)
        and .client_stats[0].write.io_bytes == ([.jobs[].write.io_bytes] | add)' "$T/fio.json"
    need fio_jsonplus_clat2csv
    (cd "$T" && fio_jsonplus_clat2csv fio.json clat.csv)
    [ -s "$T/clat_job0.csv" ] && [ -s "$T/clat_job2.csv" ]
    succeeds calibrate --help # which reads the same layout
}
