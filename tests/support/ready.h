#ifndef BIHUAN_TESTS_SUPPORT_READY_H
#define BIHUAN_TESTS_SUPPORT_READY_H
/* What the small test servers share: telling a waiting test that they listen,
 * staying until told to end, and reading a number from the command line. */

/* Prints `line` on stdout and flushes; with `file` not NULL also puts it there,
 * whole or not at all (written beside, then renamed). 0, or -1 with a message
 * on stderr. */
int ready_announce(const char *line, const char *file);

/* Blocks SIGTERM and SIGINT for this thread and those started after it: call it
 * before any library starts threads. */
void ready_hold_signals(void);

/* Returns once SIGTERM or SIGINT has come. */
void ready_wait_for_end(void);

/* The whole number in `text`, minimum to maximum; ends the program with status
 * 2 and a message naming `option` where it is none. */
long ready_number(const char *option, const char *text, long minimum, long maximum);

#endif
