/* Any bytes as a template and as the values filled into it: refused with a reason, or filled in so that the values add nothing that means
 * something. The bytes up to the first line end are the value, the rest is the template. */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "notify/icalendar.h"
#include "notify/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { NAME, LINK, VALUES, OUTPUT_MAX = 1 << 20 };
enum { LIST, LISTS };
static const struct template_field table[] = {{"name", FIELD_TEXT, NAME, 0},      {"link", FIELD_LINK, LINK, 0},         {"list", FIELD_LIST, LIST, 0},
                                              {"name", FIELD_TEXT, 0, LIST + 1}, {NULL, FIELD_TEXT, 0, 0}};

static size_t count(const char *text, size_t bytes, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < bytes; i++) n += text[i] == c;
    return n;
}

static bool fill(const struct template *template, enum markup markup, struct text value, struct buffer *out)
{
    const struct text values[VALUES] = {value, TEXT("https://x.cn/")}, cell[] = {value, TEXT("b")};
    const struct template_list list[LISTS] = {{2, 1, cell}};
    buffer_init(out, OUTPUT_MAX);
    return template_fill(template, markup, &(struct template_values){values, list}, out);
}

/* Beside a value without any meaning nothing more means something. */
static void check_markup(const struct template *template, enum markup markup, struct text value, const char *marks)
{
    struct buffer harmless, found;
    bool whole = fill(template, markup, value.bytes ? TEXT("a") : (struct text){0}, &harmless);
    whole &= fill(template, markup, value, &found);
    for (; whole && *marks; marks++) assert(count(buffer_text(&harmless), harmless.bytes, *marks) == count(buffer_text(&found), found.bytes, *marks));
    assert(found.bytes <= OUTPUT_MAX);
    buffer_free(&harmless);
    buffer_free(&found);
}

/* A link stays in its place, whatever it is made of. */
static void check_link(struct text value)
{
    struct buffer out;
    buffer_init(&out, OUTPUT_MAX);
    escape_link(&out, MARKUP_HTML, value);
    assert(strcspn(buffer_text(&out), "()<>\"' \n\r\t") == out.bytes);
    buffer_free(&out);
}

static void check_json(struct text value)
{
    struct buffer out;
    buffer_init(&out, OUTPUT_MAX);
    buffer_add_text(&out, "[\"");
    escape_text(&out, MARKUP_JSON, value);
    buffer_add_text(&out, "\"]");
    json_t *parsed = json_loadb(buffer_text(&out), out.bytes, JSON_ALLOW_NUL, NULL);
    assert(parsed && json_array_size(parsed) == 1);
    json_decref(parsed);
    buffer_free(&out);
}

static void check_calendar(struct text value)
{
    struct buffer out;
    buffer_init(&out, OUTPUT_MAX);
    icalendar_text(&out, "SUMMARY", value);
    const char *text = buffer_text(&out), *end;
    for (const char *line = text; *line; line = end + 2) {
        end = strstr(line, "\r\n");
        assert(end && end - line <= 75 && (line == text || *line == ' '));
        assert(!memchr(line, '\n', (size_t)(end - line)) && !memchr(line, '\r', (size_t)(end - line)));
        assert(((unsigned char)line[1] & 0xC0) != 0x80);
    }
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *text = (const char *)data, *end = bytes ? memchr(text, '\n', bytes) : NULL;
    struct text value = {text, end ? (size_t)(end - text) : bytes};
    struct buffer faults;
    buffer_init(&faults, OUTPUT_MAX);
    struct template *template = template_parse("template", end ? end + 1 : "{{name}}", end ? bytes - value.bytes - 1 : 8, table, &faults);
    assert(template ? faults.bytes == 0 : faults.bytes > 0 || faults.overflow);
    if (template) {
        check_markup(template, MARKUP_PLAIN, value, "<>@\n\r\t");
        check_markup(template, MARKUP_MARKDOWN, value, "<>@*_`[]#~|\\&!\n\r\t");
        check_markup(template, MARKUP_HTML, value, "<>\"'\n\r\t");
    }
    check_link(value);
    check_json(value);
    check_calendar(value);
    template_free(template);
    buffer_free(&faults);
    return 0;
}
