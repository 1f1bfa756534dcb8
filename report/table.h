#ifndef BIHUAN_REPORT_TABLE_H
#define BIHUAN_REPORT_TABLE_H
/* The figures as a table for a terminal. */
#include <jansson.h>
#include <stdio.h>

/* Prints a summary (summary_to_json) to `out`. The process's LC_CTYPE is set to UTF-8, so that
 * Chinese names line up (a Chinese character takes two columns). */
void table_print(FILE *out, const json_t *summary);

#endif
