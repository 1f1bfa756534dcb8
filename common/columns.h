#ifndef BIHUAN_COMMON_COLUMNS_H
#define BIHUAN_COMMON_COLUMNS_H
/* Cells of tables for a terminal, where a Chinese character takes two columns. */
#include <stdio.h>

/* Sets the process's LC_CTYPE to UTF-8; before the first cell. */
void columns_open(void);
/* Columns that a text takes; of what is no UTF-8, a column a byte. */
int columns_of(const char *text);
/* Prints a cell of so many columns, more where the text is longer: at its left end, or at its right end after a
 * blank at least. */
void columns_left(FILE *out, const char *text, int columns);
void columns_right(FILE *out, const char *text, int columns);

#endif
