#!/bin/bash
# Shipped drives against measurements of the real ones: tests/real/DRIVE.csv, one figure a row.
#
#   bash tests/real_drives.sh [DRIVE...]            prints each figure measured, simulated, and how far off; ends with 1
#                                                   when one is farther off than its row allows
#   bash tests/real_drives.sh --renew [DRIVE...]    puts tables and curves into doc/real-drives.md and doc/images as well
#
# A row: series, x (a depth, or writes offered a second), jobs and keys that differ (joined by " ++ "), figure (as read.p99, in us; read.mb_s;
# write.iops; fill:write.mb_s of a job; amplification, or with parity physical_amplification), measured, within (percent; "<" and ">": a bound; nothing: shown, not held). SQTAIL names the
# program, SETS more "--set KEY=VALUE" for experiments.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
sqtail=$(realpath "${SQTAIL:-./sqtail}")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
command -v jq > /dev/null || { echo "jq is missing"; exit 77; }
renew=
[ "${1-}" = --renew ] && renew=1 && shift

rows() {
    grep -v -e '^#' -e '^series' "$here/tests/real/$1.csv"
}

# Simulates the jobs, all of them in one run; its summary goes to $out/sum.NUMBER.
simulate() {
    local drive=$1 number=$2 jobs=$3 words=() word
    while [ -n "$jobs" ]; do
        word=${jobs%% ++ *}
        case $word in rw=* | name=*) words+=(--job "$word") ;; *) words+=(--set "$word") ;; esac
        case $jobs in *" ++ "*) jobs=${jobs#* ++ } ;; *) jobs= ;; esac
    done
    # shellcheck disable=SC2086
    "$sqtail" run "$here/configs/$drive.yaml" --kernel native -q --no-plots ${SETS-} "${words[@]}" -o "$out/run.$number" \
        > "$out/log.$number" 2>&1 || { cat "$out/log.$number" >&2; return 1; }
    mv "$out/run.$number/summary.json" "$out/sum.$number"
    rm -r "$out/run.$number"
}

figure='def figure($f): ($f / ".") as $p | if $f == "amplification" then .ftl.write_amplification
    elif $f == "physical_amplification" then
        .ftl.write_amplification * .nand.programs / (.nand.programs - .ftl.parity_programs)
    else (if $p[0] == "total" then .total elif $p[0] | contains(":") then ($p[0] / ":") as $j
            | .jobs[$j[0]].commands[$j[1]] else .commands[$p[0]] end) as $c | ($p[1:] | join(".")) as $q
        | if $q == "iops" then $c.iops elif $q == "mb_s" then $c.bandwidth_mb_s else $c.latency_us[$q] end end;'

# Every run once, two at a time; then a line a row: series|x|figure|measured|simulated|off|within|verdict.
measure() {
    local drive=$1 number=0
    rows "$drive" | cut -d'|' -f3 | awk '!seen[$0]++' > "$out/jobs"
    while IFS= read -r jobs; do
        number=$((number + 1))
        simulate "$drive" $number "$jobs" < /dev/null &
        [ $((number % 2)) -eq 1 ] || wait
    done < "$out/jobs"
    wait
    rows "$drive" | while IFS='|' read -r series x jobs name measured within; do
        number=$(grep -nxF -e "$jobs" "$out/jobs" | cut -d: -f1)
        value=$(jq -r --arg f "$name" "$figure figure(\$f)" "$out/sum.$number")
        awk -v m="$measured" -v v="$value" -v w="$within" -v head="$series|$x|$name" '
            function abs(a) { return a < 0 ? -a : a }
            function verdict(off, part, n) {
                if (w == "") return ""
                if (w == "<") return v < m ? "met" : "WRONG"
                if (w == ">") return v > m ? "met" : "WRONG"
                if (w == ">?") return v > m ? "met" : "missed"
                n = split(w, part, "/")
                return abs(off) <= part[1] ? "met" : n == 2 && abs(off) <= part[2] ? "missed" : "WRONG"
            }
            BEGIN { off = 100 * (v / m - 1)
                    printf "%s|%.6g|%.5g|%+.1f|%s|%s\n", head, m, v, off, w, verdict(off) }'
    done > "$out/$drive.lines"
}

text() {
    awk -F'|' '$1 != last { print "  " $1; last = $1 }
        { printf "    %-8s %-12s measured %9s  simulated %9s  %7s %%  %s\n", $2, $3, $4, $5, $6,
                 $7 == "" ? "" : $7 ~ /[<>]/ ? $8 : $8 " (within " $7 + 0 ")" }' "$out/$1.lines"
}

# A table a series: a row an x, a column a figure, each "simulated (off)"; what is held and missed in bold.
tables() {
    awk -F'|' '
        function flush_series(    i, j, line, rule) {
            if (nx == 0) return
            line = "| " (series ~ /under steady writes/ ? "writes/s" : "depth") " |"; rule = "|---|"
            for (j = 1; j <= nf; j++) { line = line " " fs[j] " |"; rule = rule "---|" }
            print "\n" series "\n\n" line "\n" rule
            for (i = 1; i <= nx; i++) {
                line = "| " xs[i] " |"
                for (j = 1; j <= nf; j++) line = line " " cell[xs[i], fs[j]] " |"
                print line
            }
        }
        $1 != series { flush_series(); series = $1; nx = nf = 0; split("", xs); split("", fs); split("", seenx); split("", seenf) }
        !($2 in seenx) { seenx[$2] = 1; xs[++nx] = $2 }
        !($3 in seenf) { seenf[$3] = 1; fs[++nf] = $3 }
        { text = $4 " → " $5 " (" $6 " %)"; cell[$2, $3] = $8 == "missed" || $8 == "WRONG" ? "**" text "**" : text }
        END { flush_series() }' "$out/$1.lines"
}

# Measured as points, simulated as lines, of the first series of reads that has three places or more.
draw() {
    awk -F'|' '$3 ~ /^read/ && !seen[$1, $2]++ { if (++n[$1] == 3 && name == "") name = $1 } END { print name }' \
        "$out/$1.lines" > "$out/series"
    [ -n "$(cat "$out/series")" ] || return 0
    local series figures plot= f
    series=$(cat "$out/series")
    figures=$(awk -F'|' -v s="$series" '$1 == s && !seen[$3]++ { print $3 }' "$out/$1.lines" | grep -e '^read' | head -5)
    local colour=0
    for f in $figures; do
        colour=$((colour + 1))
        awk -F'|' -v s="$series" -v f="$f" '$1 == s && $3 == f { print $2, $4, $5 }' "$out/$1.lines" > "$out/$1.$f.dat"
        plot="$plot, '$out/$1.$f.dat' using 1:3 with lines lw 2 lc $colour title '$f', '' using 1:2 with points pt 7 ps 0.6 lc $colour notitle"
    done
    gnuplot -e "set terminal svg size 800,480 dynamic background '#ffffff' font 'sans,13'; set output '$here/doc/images/$1.svg';
        set title '$1: $series (points measured, lines simulated)' noenhanced; set key outside right; set grid;
        set logscale y; set ylabel 'us'; set xlabel '$(case $series in *writes*) echo 'writes offered a second' ;; *) echo depth ;; esac)';
        $(case $series in *writes*) ;; *) echo 'set logscale x 2;' ;; esac) set termoption noenhanced; plot ${plot#, }"
}

publish() {
    { echo; sed -n 's/^# //p' "$here/tests/real/$1.csv"; tables "$1"; echo; } > "$out/$1.md"
    awk -v drive="$1" -v now="$out/$1.md" '
        $0 == "<!-- end " drive " -->" { inside = 0 }
        !inside
        $0 == "<!-- " drive " -->" { inside = 1; while ((getline line < now) > 0) print line }
    ' "$here/doc/real-drives.md" > "$out/page"
    cat "$out/page" > "$here/doc/real-drives.md"
    draw "$1"
}

[ $# -gt 0 ] || set -- $(cd "$here/tests/real" && ls ./*.csv | sed 's,.*/,,; s,\.csv$,,')
for drive in "$@"; do
    echo "$drive"
    measure "$drive"
    text "$drive"
    [ -z "$renew" ] || publish "$drive"
done
verdicts() {
    cat "$out"/*.lines | grep -c "|$1$" || true
}
echo "$(verdicts met) figures met, $(verdicts missed) missed and known, $(verdicts WRONG) wrong"
[ "$(verdicts WRONG)" -eq 0 ]
