#!/bin/sh
# Fails when files call each other in a circle: when A's object file needs a symbol of B's, and B's, directly or by way
# of others, one of A's. Who is called back is handed a function or a table of them by its owner. Runs in the build
# folder, after the build.
set -eu

# Objects whose source is gone are an older build's.
objects() {
    find src -name '*.o' | LC_ALL=C sort | while read -r object; do
        source=${object%/*}/$(basename "$object" .o | sed 's/.*sqtail-//')
        if [ -e "${srcdir:-.}/$source.c" ] || [ -e "${srcdir:-.}/$source.cpp" ]; then echo "$object"; fi
    done
}

# Tarjan's algorithm: each strongly connected component of more than one file is a circle.
circles=$(objects | xargs nm -A -g | LC_ALL=C awk '
function visit(v,    i, n, w, list) {
    place[v] = low[v] = ++clock
    stack[++top] = v
    n = split(calls[v], list, " ")
    for (i = 1; i <= n; i++) {
        w = list[i]
        if (!(w in place)) visit(w)
        if (!(w in done) && low[w] < low[v]) low[v] = low[w]
    }
    if (low[v] == place[v]) close_component(v)
}
function close_component(v,    w, n, group) {
    do {
        w = stack[top--]
        done[w] = 1
        n++
        group = group " " w
    } while (w != v)
    if (n > 1) print "a circle of " n " files:" group
}
{
    file = $1
    sub(/^src\//, "", file); sub(/\.o:.*/, "", file); sub(/sqtail-/, "", file)
    if (!(file in at)) { at[file] = ++files; names[files] = file }
}
$(NF - 1) ~ /^[TDBRVWCG]$/ { home[$NF] = file }
$(NF - 1) == "U" { user[++uses] = file; wanted[uses] = $NF }
END {
    for (i = 1; i <= uses; i++)
        if (wanted[i] in home && home[wanted[i]] != user[i]) calls[user[i]] = calls[user[i]] " " home[wanted[i]]
    for (i = 1; i <= files; i++) if (!(names[i] in place)) visit(names[i])
    if (files < 50) print "only " files + 0 " object files: not in a build folder?"
}')
if [ -n "$circles" ]; then
    echo "$circles"
    exit 1
fi
echo "[       OK ] no_circle_between_files"
