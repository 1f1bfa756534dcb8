/* A question to whoever sits there. */
#include "common/consent.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool consent(const char *question, bool given)
{
    char line[16] = "";
    if (given) return true;
    if (!isatty(STDIN_FILENO)) {
        fprintf(stderr, "Nothing was changed: --yes does it.\n");
        return false;
    }
    fprintf(stderr, "%s [y/N] ", question);
    if (!fgets(line, sizeof line, stdin)) *line = 0;
    line[strcspn(line, "\r\n")] = 0;
    bool yes = !strcasecmp(line, "y") || !strcasecmp(line, "yes");
    if (!yes) fprintf(stderr, "Nothing was changed.\n");
    return yes;
}
