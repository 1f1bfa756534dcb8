#ifndef BIHUAN_SLA_BACKTEST_TABLE_H
#define BIHUAN_SLA_BACKTEST_TABLE_H
/* A back-test as a table for a terminal: the total first, then the units. */
#include <jansson.h>
#include <stdio.h>

/* Prints the rows of a trial (trial_rows). The process's LC_CTYPE is set to UTF-8. */
void backtest_table_print(FILE *out, const json_t *rows);

#endif
