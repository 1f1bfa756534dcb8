/* Only a certificate's exact bytes hold. The bytes given are changes to a real one (see change_one), or, after a 0, stand for
 * themselves. */
#include "sla/certificate_check.h"
#include "tests/fuzz/lives.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { OPERATION_BYTES = 5, LINE_MAX = 1 << 18 };

/* Put in place of a value. */
static const char *const values[] = {"null", "0", "-1", "true", "\"\"", "[]", "{}", "1e99", "\"2199-12-31T23:59:59.999+08:00\"",
                                     "\"ticket.received\"", "\"workday\"", "[[]]", "99999999999999999999", "\"A\""};

struct line {
    char text[LINE_MAX];
    size_t bytes;
};

static const struct line *real(void)
{
    static struct line line;
    struct case_file *lives;
    if (line.bytes) return &line;
    lives_made(&lives);
    json_t *certificate = certificate_make(&lives[0], &lives_every()->rules, lives[0].event[11].at_ms);
    char *text = certificate_line(certificate);
    line.bytes = strlen(text);
    assert(line.bytes < LINE_MAX / 2);
    memcpy(line.text, text, line.bytes);
    free(text);
    json_decref(certificate);
    return &line;
}

/* What lies from `at` to `to` becomes `by`. */
static void replace(struct line *line, size_t at, size_t to, const char *by, size_t bytes)
{
    if (at > line->bytes || to < at || to > line->bytes || line->bytes + bytes > LINE_MAX) return;
    memmove(line->text + at + bytes, line->text + to, line->bytes - to);
    memcpy(line->text + at, by, bytes);
    line->bytes = line->bytes - (to - at) + bytes;
}

/* The value, key or mark at a place, up to where it ends. */
static size_t end_of_value(const struct line *line, size_t at)
{
    const char *marks = "{}[],:", *text = line->text;
    bool quoted = text[at] == '"';
    while (++at < line->bytes && (quoted ? text[at] != '"' : !strchr(marks, text[at]))) continue;
    return quoted && at < line->bytes ? at + 1 : at;
}

/* One change, of five bytes: what, where (3), with what. */
static void change_one(struct line *line, const uint8_t *operation)
{
    size_t at = line->bytes ? ((size_t)operation[1] << 16 | (size_t)operation[2] << 8 | operation[3]) % line->bytes : 0;
    const char byte = (char)operation[4], *value = values[operation[4] % (sizeof values / sizeof *values)];
    char piece[256];
    size_t end = at + operation[4] < line->bytes ? at + operation[4] : line->bytes;
    switch (line->bytes ? operation[0] % 6 : 1) {
    case 0: replace(line, at, at + 1, &byte, 1); break;
    case 1: replace(line, at, at, &byte, 1); break;
    case 2: replace(line, at, end, "", 0); break;
    case 3: line->text[at] = (char)(line->text[at] ^ 1 << (operation[4] & 7)); break;
    case 4:
        memcpy(piece, line->text + at, end - at);
        replace(line, end, end, piece, end - at);
        break;
    default:
        while (at > 0 && !strchr("{[,:", line->text[at - 1])) at--;
        replace(line, at, end_of_value(line, at), value, strlen(value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static struct line line;
    char fault[CERTIFICATE_FAULT_BYTES] = "";
    const struct line *whole = real();
    if (bytes && *data == 0) {
        assert(bytes - 1 <= LINE_MAX);
        line.bytes = bytes - 1;
        memcpy(line.text, data + 1, line.bytes);
    } else {
        memcpy(line.text, whole->text, whole->bytes);
        line.bytes = whole->bytes;
        for (; bytes >= OPERATION_BYTES; data += OPERATION_BYTES, bytes -= OPERATION_BYTES) change_one(&line, data);
    }
    char *text = malloc(line.bytes + 1); /* its own block, so that a read beyond it shows */
    memcpy(text, line.text, line.bytes);
    bool same = line.bytes == whole->bytes && memcmp(text, whole->text, whole->bytes) == 0;
    bool holds = certificate_holds(text, line.bytes, NULL, fault);
    if (holds != same) {
        fprintf(stderr, "%s: %.*s\n", holds ? "holds" : fault, (int)line.bytes, text);
        abort();
    }
    assert(holds || *fault);
    free(text);
    return 0;
}
