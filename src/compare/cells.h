// What stands in the cells of tables.
#ifndef SQTAIL_COMPARE_CELLS_H
#define SQTAIL_COMPARE_CELLS_H

#include "compare/compare.h"

enum { CELL_BYTES = 40 };

// "new", or "new 2" of several.
const char *cell_column(const struct comparison *comparison, size_t column, char text[CELL_BYTES]);

// A value with its unit where that is a time, "absent" of NULL.
const char *cell_value(const struct metric *metric, char text[CELL_BYTES]);

// "+5.12 %", "" where one is absent
const char *cell_change(const struct compared_row *row, const struct compared *new, char text[CELL_BYTES]);

// The widest noise of a row as a share of the base, "~4 %" where it is only known how far one run reaches, or "".
const char *cell_noise(const struct compared_row *row, size_t columns, char text[CELL_BYTES]);

// "5 seeds" of a side, or "seed 1"
const char *cell_seeds(const struct metrics *metrics, char text[CELL_BYTES]);

#endif
