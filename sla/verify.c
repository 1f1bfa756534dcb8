/* bihuan-sla verify: does a certificate hold? Worked out again from itself; no server. */
#include "sla/certificate_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sla/case_json.h"
#include "sla/verbs.h"

static const char *text_of(const json_t *certificate, const char *part, const char *name)
{
    const char *text = json_string_value(json_object_get(json_object_get(certificate, part), name));
    return text ? text : "?";
}

static bool report(const char *path, unsigned long long number, const char *line, size_t bytes, bool json)
{
    char fault[CERTIFICATE_FAULT_BYTES] = "";
    json_t *certificate = NULL;
    bool holds = certificate_holds(line, bytes, &certificate, fault);
    if (json) {
        json_t *object = json_pack("{s:s,s:I,s:b,s:s?,s:s?}", "file", path, "line", (json_int_t)number, "holds", holds, "case",
                                   json_string_value(json_object_get(json_object_get(certificate, "inputs"), "case")), "fault", holds ? NULL : fault);
        json_print_line(stdout, object);
        json_decref(object);
    } else if (holds) {
        printf("%s:%llu: holds: case %s as of %s, under %s, calendar %s\n", path, number, text_of(certificate, "inputs", "case"),
               text_of(certificate, "inputs", "as_of"), text_of(certificate, "rules", "policy"), text_of(certificate, "rules", "calendar"));
    } else {
        fprintf(stderr, "%s:%llu: does not hold: %s\n", path, number, fault);
    }
    json_decref(certificate);
    return holds;
}

/* One certificate a line; the newline is no part of it. */
static bool verify_file(const char *path, bool json)
{
    bool is_stdin = strcmp(path, "-") == 0, good = true;
    FILE *in = is_stdin ? stdin : fopen(path, "rb");
    char *line = NULL;
    size_t room = 0;
    ssize_t bytes;
    unsigned long long number = 0;
    if (!in) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    while ((bytes = getline(&line, &room, in)) > 0) {
        if (line[bytes - 1] == '\n') bytes--;
        good &= report(path, ++number, line, (size_t)bytes, json);
    }
    if (number == 0) good = fprintf(stderr, "%s: no certificate in it\n", path) < 0;
    free(line);
    if (!is_stdin) fclose(in);
    return good;
}

int sla_verify(const struct options *options)
{
    bool good = true;
    for (int i = 0; i < options->count; i++) good &= verify_file(options->operands[i], options->json);
    return good ? EXIT_OK : EXIT_FAILED;
}
