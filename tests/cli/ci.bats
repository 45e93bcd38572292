#!/usr/bin/env bats
# doc/ci.md: its commands as they stand there, the script parts of its snippets, and the figures it shows.
load lib

# block INFO: the contents of the fenced block that begins so.
block()
{
    awk -v info="\`\`\`$1" '/^```/ { inside = $0 == info; next } inside' doc/ci.md
}

# Into the folder in which the page's commands run; sqtail is the program that is tested.
enter()
{
    mkdir "$T/bin" "$T/work"
    ln -s "$(realpath "$SQTAIL")" "$T/bin/sqtail"
    block "yaml drive.yaml" > "$T/work/drive.yaml"
    block "sh measure.sh" > "$T/work/measure.sh"
    SQTAIL_CONFIGS=$PWD/configs
    export SQTAIL_CONFIGS PATH="$T/bin:$PATH"
}

@test "the tutorial's commands do what it says" {
    enter
    block sh > "$T/passes"
    block "sh exits 1" > "$T/fails"
    [ "$(grep -c sqtail "$T/passes")" -eq 1 ] && [ "$(grep -c sqtail "$T/fails")" -eq 1 ]
    cd "$T/work"
    run sh -e "$T/passes"
    [ "$status" -eq 0 ] || show
    shows "base   base.json, 5 seeds" "0 of 3 metrics regressed"
    [ -s base.json ] && [ ! -e base ]
    run sh -e "$T/fails"
    [ "$status" -eq 1 ] || show
    [[ $output =~ iodepth-4.p99.9\ .*REGRESSION ]] || show
}

# scripts SNIPPET: those that do not build sqtail, one a line, lines joined by &&.
scripts()
{
    block "yaml $1" | python3 -c 'import sys, yaml
def runs(node):
    if isinstance(node, list):
        for item in node: yield from runs(item)
    elif isinstance(node, dict):
        if node.get("name") == "build sqtail": return
        for key, value in node.items():
            if key == "run": yield value
            elif key == "script": yield from value
            else: yield from runs(value)
for script in runs(yaml.safe_load(sys.stdin)):
    print(" && ".join(script.strip().splitlines()))'
}

@test "the script parts of the snippets run" {
    python3 -c 'import yaml' || skip "python3-yaml is not installed"
    local script snippet
    enter
    for snippet in github gitlab github-tracker; do
        scripts $snippet.yml > "$T/$snippet"
        [ "$(grep -c . "$T/$snippet")" -ge 1 ]
    done
    cd "$T/work"
    sh measure.sh base
    cp base/curve.json base.json
    export GITHUB_STEP_SUMMARY=$T/summary
    for snippet in github gitlab github-tracker; do
        while read -r script; do
            bash -e -c "$script" || { echo "$snippet: $script"; return 1; }
        done < "$T/$snippet"
    done
    grep -q '^### sqtail: 0 of 3 metrics regressed' "$T/summary"
    grep -q '<testcase ' compare.xml
    jq -e 'any(.[]; .name == "iodepth-16.p99.9")' smaller.json
    jq -e 'any(.[]; .name == "iodepth-1.iops")' bigger.json
}

@test "this project's own curves have not moved" {
    run env SQTAIL="$SQTAIL" sh tests/gate.sh
    [ "$status" -eq 0 ] || show
}

@test "the gate catches what is planted, and no seed alone" {
    run env SQTAIL="$SQTAIL" sh tests/gate_trials.sh 4
    [ "$status" -eq 0 ] || show
    shows "the same seeds: caught 4 times" "other seeds alone: 0 alarms"
}
