#!/bin/sh
# The C++ that doc/systemc.md shows is the code that is tested.
srcdir=${srcdir:-.}
name=the_guide_shows_code_that_is_tested
echo "[ RUN      ] $name"
cat "$srcdir/tests/sc/fixed_core.h" "$srcdir/tests/sc/test_own_core.cpp" | awk '
    FNR == NR { source = source $0 "\n"; next }
    /^```cpp$/ { inside = 1; block = ""; next }
    /^```$/ && inside { inside = 0; blocks++; if (index(source, block) == 0) wrong++; next }
    inside { block = block $0 "\n" }
    END { exit (blocks < 2 || wrong > 0) }
' - "$srcdir/doc/systemc.md" || { echo "[  FAILED  ] $name"; exit 1; }
echo "[       OK ] $name"
