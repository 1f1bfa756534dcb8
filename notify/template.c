/* A template as a row of parts; a section knows where it ends, so filling is one walk. */
#include "notify/template.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

enum part_kind { PART_TEXT, PART_FIELD, PART_SECTION, PART_INVERTED, PART_END };

struct part {
    enum part_kind kind;
    const struct template_field *field; /* but for text */
    size_t at, bytes;                   /* of text */
    size_t end;                         /* of a section: its PART_END */
    int line;
};

struct template {
    char *text;
    struct part *part;
    size_t parts, room;
};

/* Where compiling is. */
struct compiler {
    struct template *template;
    const char *file;
    const struct template_field *table;
    struct buffer *faults;
    size_t at, bytes, open[TEMPLATE_DEPTH_MAX], depth;
    int line;
    bool bad;
};

__attribute__((format(printf, 3, 4))) static void fault(struct compiler *c, int line, const char *format, ...)
{
    char reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    if (c->faults) buffer_addf(c->faults, "%s:%d: %s\n", c->file, line, reason);
    c->bad = true;
}

/* --- compiling --- */

static struct part *add_part(struct compiler *c, enum part_kind kind)
{
    static struct part nowhere;
    struct template *t = c->template;
    if (t->parts == TEMPLATE_PARTS_MAX) {
        if (!c->bad) fault(c, c->line, "more than %d parts", TEMPLATE_PARTS_MAX);
        return &nowhere;
    }
    if (t->parts == t->room) {
        t->room = t->room ? t->room * 2 : 32;
        t->part = xrealloc(t->part, t->room * sizeof *t->part);
    }
    t->part[t->parts] = (struct part){.kind = kind, .line = c->line};
    return &t->part[t->parts++];
}

static void add_text(struct compiler *c, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) c->line += c->template->text[i] == '\n';
    if (to <= from) return;
    struct part *part = add_part(c, PART_TEXT);
    part->at = from;
    part->bytes = to - from;
}

/* The list whose section we are in, + 1; 0: in none. */
static int list_around(const struct compiler *c)
{
    for (size_t i = c->depth; i-- > 0;) {
        const struct part *part = &c->template->part[c->open[i]];
        if (part->kind == PART_SECTION && part->field->kind == FIELD_LIST) return part->field->place + 1;
    }
    return 0;
}

static const struct template_field *find_field(const struct compiler *c, const char *name, size_t bytes)
{
    const struct template_field *outside = NULL;
    int around = list_around(c);
    for (const struct template_field *field = c->table; field->name; field++) {
        if (strlen(field->name) != bytes || memcmp(field->name, name, bytes) != 0) continue;
        if (field->list && field->list == around) return field;
        if (!field->list) outside = field;
    }
    return outside;
}

static void open_section(struct compiler *c, const struct template_field *field, enum part_kind kind)
{
    if (field->kind == FIELD_LIST && kind == PART_SECTION && list_around(c)) fault(c, c->line, "{{#%s}}: a list within a list", field->name);
    if (c->depth == TEMPLATE_DEPTH_MAX) {
        fault(c, c->line, "{{#%s}}: more than %d sections within each other", field->name, TEMPLATE_DEPTH_MAX);
        return;
    }
    c->open[c->depth++] = c->template->parts;
    add_part(c, kind)->field = field;
}

static void close_section(struct compiler *c, const char *name, size_t bytes)
{
    const struct part *open = c->depth ? &c->template->part[c->open[c->depth - 1]] : NULL;
    if (!open) {
        fault(c, c->line, "{{/%.*s}} closes no section", (int)bytes, name);
        return;
    }
    if (strlen(open->field->name) != bytes || memcmp(open->field->name, name, bytes) != 0)
        fault(c, c->line, "{{/%.*s}} where {{#%s}} of line %d is open", (int)bytes, name, open->field->name, open->line);
    c->template->part[c->open[--c->depth]].end = c->template->parts;
    add_part(c, PART_END);
}

/* What stands between the braces. */
static void take_tag(struct compiler *c, const char *tag, size_t bytes)
{
    char kind = bytes && strchr("#^/!>&={", *tag) ? *tag : 0;
    if (kind == '!') return;
    if (kind) tag++, bytes--;
    while (bytes && *tag == ' ') tag++, bytes--;
    while (bytes && tag[bytes - 1] == ' ') bytes--;
    const struct template_field *field = find_field(c, tag, bytes);
    if (kind && strchr(">&={", kind)) fault(c, c->line, "{{%c is not known here: fields, sections and comments alone are", kind);
    else if (kind == '/') close_section(c, tag, bytes);
    else if (!field) fault(c, c->line, "unknown field \"%.*s\"", bytes > 64 ? 64 : (int)bytes, tag);
    else if (kind) open_section(c, field, kind == '#' ? PART_SECTION : PART_INVERTED);
    else if (field->kind == FIELD_FLAG || field->kind == FIELD_LIST) fault(c, c->line, "%s has no text: it can only begin a section, {{#%s}}", field->name, field->name);
    else add_part(c, PART_FIELD)->field = field;
}

/* A tag from..to that stands alone on its line takes the line with it. */
static void widen(const struct compiler *c, size_t *from, size_t *to)
{
    const char *text = c->template->text;
    size_t begin = *from, end = *to;
    if (!strchr("#^/!", text[*from + 2])) return;
    while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t')) begin--;
    while (end < c->bytes && (text[end] == ' ' || text[end] == '\t' || text[end] == '\r')) end++;
    if ((begin > 0 && text[begin - 1] != '\n') || (end < c->bytes && text[end] != '\n')) return;
    *from = begin < c->at ? c->at : begin;
    *to = end < c->bytes ? end + 1 : end;
}

static void compile(struct compiler *c)
{
    const char *text = c->template->text;
    while (c->at < c->bytes) {
        const char *open = strstr(text + c->at, "{{"), *close = open ? strstr(open + 2, "}}") : NULL;
        if (!open) {
            add_text(c, c->at, c->bytes);
            break;
        }
        size_t from = (size_t)(open - text), to = close ? (size_t)(close - text) + 2 : c->bytes, begin = from, end = to;
        widen(c, &begin, &end);
        add_text(c, c->at, begin);
        if (close) take_tag(c, open + 2, (size_t)(close - open) - 2);
        else fault(c, c->line, "{{ without }}");
        for (size_t i = begin < from ? begin : from; i < end; i++) c->line += text[i] == '\n';
        c->at = end;
    }
    while (c->depth) {
        const struct part *part = &c->template->part[c->open[--c->depth]];
        fault(c, part->line, "{{%c%s}} is not closed", part->kind == PART_SECTION ? '#' : '^', part->field->name);
    }
}

struct template *template_parse(const char *file, const char *text, size_t bytes, const struct template_field *table, struct buffer *faults)
{
    struct compiler c = {.file = file, .table = table, .faults = faults, .line = 1};
    while (bytes && (text[bytes - 1] == '\n' || text[bytes - 1] == '\r')) bytes--;
    c.template = xcalloc(1, sizeof *c.template);
    c.template->text = xstrndup(text, bytes);
    c.bytes = bytes;
    if (bytes > TEMPLATE_MAX_BYTES) fault(&c, 1, "more than %d bytes", TEMPLATE_MAX_BYTES);
    else if (strlen(c.template->text) != bytes) fault(&c, 1, "a NUL byte");
    else compile(&c);
    if (!c.bad) return c.template;
    template_free(c.template);
    return NULL;
}

struct template *template_load(const char *file, const struct template_field *table, struct buffer *faults)
{
    struct template *template = NULL;
    FILE *in = fopen(file, "re");
    if (!in) {
        if (faults) buffer_addf(faults, "%s: %m\n", file);
        return NULL;
    }
    char *text = xmalloc(TEMPLATE_MAX_BYTES + 2);
    size_t bytes = fread(text, 1, TEMPLATE_MAX_BYTES + 1, in);
    if (!ferror(in)) template = template_parse(file, text, bytes, table, faults);
    else if (faults) buffer_addf(faults, "%s: %m\n", file);
    fclose(in);
    free(text);
    return template;
}

void template_free(struct template *template)
{
    if (!template) return;
    free(template->text);
    free(template->part);
    free(template);
}

/* --- filling --- */

static struct text value_of(const struct template_field *field, const struct template_values *values, const struct text *row)
{
    return field->list ? row[field->place] : values->text[field->place];
}

static void fill_field(const struct template_field *field, enum markup markup, struct text value, struct buffer *out)
{
    if (field->kind == FIELD_FILLED) buffer_add(out, value.at, value.bytes);
    else if (field->kind == FIELD_LINK) escape_link(out, markup, value);
    else escape_text(out, markup, value);
}

/* The parts from..to; `row` is that of the list around. */
static void fill_parts(const struct template *t, size_t from, size_t to, enum markup markup, const struct template_values *values,
                       const struct text *row, struct buffer *out)
{
    for (size_t i = from; i < to && !out->overflow; i++) {
        const struct part *part = &t->part[i];
        const struct template_field *field = part->field;
        if (part->kind == PART_TEXT) buffer_add(out, t->text + part->at, part->bytes);
        else if (part->kind == PART_FIELD) fill_field(field, markup, value_of(field, values, row), out);
        if (part->kind != PART_SECTION && part->kind != PART_INVERTED) continue;
        const struct template_list *list = field->kind == FIELD_LIST ? &values->list[field->place] : NULL;
        bool there = list ? list->rows > 0 : value_of(field, values, row).bytes > 0;
        size_t times = part->kind == PART_INVERTED ? !there : list ? list->rows : there;
        for (size_t n = 0; n < times; n++)
            fill_parts(t, i + 1, part->end, markup, values, list && there ? list->cell + n * list->columns : row, out);
        i = part->end;
    }
}

bool template_fill(const struct template *template, enum markup markup, const struct template_values *values, struct buffer *out)
{
    fill_parts(template, 0, template->parts, markup, values, NULL, out);
    return !out->overflow;
}
