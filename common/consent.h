#ifndef BIHUAN_COMMON_CONSENT_H
#define BIHUAN_COMMON_CONSENT_H
/* Asking before something is changed. */
#include <stdbool.h>

/* Asks "QUESTION [y/N]" on stderr and reads a line from stdin; true for y or yes. Given --yes (`given`): true, and nothing
 * is asked. Where stdin is no terminal nobody is asked: says that --yes would do it, false. */
bool consent(const char *question, bool given);

#endif
