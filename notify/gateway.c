/* A gateway at work: templates filled in, answers judged. */
#include "notify/gateway.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "notify/verdict.h"

enum { FILLED_MAX_BYTES = 256 << 10, WORDS_BYTES = 112 };

/* --- what is sent --- */

static void add_json(struct buffer *out, const char *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)at[i];
        if (c == '"' || c == '\\') buffer_addf(out, "\\%c", c);
        else if (c == '\n') buffer_add_text(out, "\\n");
        else if (c < 0x20 || c == 0x7f) buffer_addf(out, "\\u%04x", c);
        else buffer_add(out, at + i, 1);
    }
}

static void add_form(struct buffer *out, const char *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) buffer_add(out, at + i, 1);
        else buffer_addf(out, "%%%02X", c);
    }
}

static void add_xml(struct buffer *out, const char *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)at[i];
        if (c == '&') buffer_add_text(out, "&amp;");
        else if (c == '<') buffer_add_text(out, "&lt;");
        else if (c == '>') buffer_add_text(out, "&gt;");
        else if (c == '"') buffer_add_text(out, "&quot;");
        else if (c == '\'') buffer_add_text(out, "&apos;");
        else if (c < 0x20 && c != '\n' && c != '\t') buffer_add_text(out, " "); /* XML has no place for them */
        else buffer_add(out, at + i, 1);
    }
}

static void add_value(struct buffer *out, struct text value, enum gateway_escape escape)
{
    switch (escape) {
    case ESCAPE_JSON: add_json(out, value.at, value.bytes); break;
    case ESCAPE_FORM: add_form(out, value.at, value.bytes); break;
    case ESCAPE_XML: add_xml(out, value.at, value.bytes); break;
    case ESCAPE_NONE: buffer_add(out, value.at, value.bytes); break;
    }
}

static struct text value_of(const struct gateway_fields *fields, const char *name)
{
    if (!strncmp(name, "mobile}}", 8)) return fields->mobile;
    const char *text = !strncmp(name, "text}}", 6) ? fields->text : !strncmp(name, "id}}", 4) ? fields->id : fields->secret;
    return (struct text){text, strlen(text)};
}

void gateway_fill(struct buffer *out, const char *form, const struct gateway_fields *fields, enum gateway_escape escape)
{
    for (const char *next; (next = strstr(form, "{{")); form = strstr(next, "}}") + 2) {
        buffer_add(out, form, (size_t)(next - form));
        add_value(out, value_of(fields, next + 2), escape);
    }
    buffer_add_text(out, form);
}

static char *filled(const char *form, const struct gateway_fields *fields, enum gateway_escape escape, struct pool *pool, bool *good)
{
    struct buffer out;
    buffer_init(&out, FILLED_MAX_BYTES);
    gateway_fill(&out, form, fields, escape);
    *good &= !out.overflow;
    char *text = pool_copy(pool, buffer_text(&out), out.bytes + 1);
    buffer_free(&out);
    return text;
}

bool gateway_request(const struct gateway *gateway, const struct gateway_fields *fields, struct request *request, struct pool *pool, char *error)
{
    static const char *const methods[] = {"GET", "POST", "PUT"}, type[] = "Content-Type: ";
    bool good = true;
    *request = (struct request){.transport = TRANSPORT_HTTP, .method = methods[gateway->method], .url = filled(gateway->url, fields, ESCAPE_FORM, pool, &good)};
    for (size_t i = 0; i < gateway->headers; i++) request->header[request->headers++] = filled(gateway->header[i], fields, ESCAPE_NONE, pool, &good);
    if (gateway->body) {
        size_t bytes = sizeof type + strlen(gateway->content_type);
        char *line = pool_take(pool, bytes);
        snprintf(line, bytes, "%s%s", type, gateway->content_type);
        request->header[request->headers++] = line;
        request->body = filled(gateway->body, fields, gateway->escape, pool, &good);
        request->bytes = strlen(request->body);
    }
    if (!good) snprintf(error, REQUEST_ERROR_BYTES, "the message is too long for the gateway's request");
    return good;
}

/* --- what it answers --- */

static const json_t *step_into(const json_t *value, const char *name, size_t bytes)
{
    char key[GATEWAY_POINTER_BYTES];
    size_t length = 0;
    for (size_t i = 0; i < bytes; i++) {
        bool escaped = name[i] == '~' && i + 1 < bytes && (name[i + 1] == '0' || name[i + 1] == '1');
        key[length++] = !escaped ? name[i] : name[i + 1] == '0' ? '~' : '/';
        i += escaped;
    }
    key[length] = 0;
    if (json_is_object(value)) return json_object_get(value, key);
    if (!json_is_array(value) || !length || strspn(key, "0123456789") != length || length > 6) return NULL;
    return json_array_get(value, (size_t)strtoul(key, NULL, 10));
}

/* RFC 6901. NULL: there is nothing. */
static const json_t *at_pointer(const json_t *value, const char *pointer)
{
    while (value && *pointer == '/') {
        size_t bytes = strcspn(pointer + 1, "/");
        value = step_into(value, pointer + 1, bytes);
        pointer += 1 + bytes;
    }
    return value;
}

/* The scalar at the pointer as text. */
static bool text_at(const json_t *body, const char *pointer, char *text, size_t text_bytes)
{
    const json_t *value = *pointer ? at_pointer(body, pointer) : NULL;
    if (json_is_string(value)) verdict_words(text, text_bytes, json_string_value(value), json_string_length(value));
    else if (json_is_integer(value)) snprintf(text, text_bytes, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value)) snprintf(text, text_bytes, "%s", json_is_true(value) ? "true" : "false");
    else return false;
    return true;
}

/* By the code where the file says where it stands, else by a text in the body. */
static bool holds(const struct gateway_codes *codes, const struct gateway *gateway, const struct answer *answer, const char *code)
{
    for (size_t i = 0; i < codes->count; i++) {
        const char *one = codes->at[i];
        if (*gateway->pointer ? !strcmp(code, one) : memmem(answer->body, answer->bytes, one, strlen(one)) != NULL) return true;
    }
    return false;
}

static bool has_succeeded(const struct gateway *gateway, const struct answer *answer, const char *code)
{
    bool status = false;
    for (size_t i = 0; i < gateway->statuses; i++) status |= answer->status == gateway->status[i];
    if (!status || (*gateway->pointer && strcmp(code, gateway->equals) != 0)) return false;
    return !*gateway->contains || memmem(answer->body, answer->bytes, gateway->contains, strlen(gateway->contains)) != NULL;
}

static void say_failure(const struct gateway *gateway, const struct answer *answer, const json_t *body, const char *code, struct verdict *verdict)
{
    char words[WORDS_BYTES];
    enum verdict_kind kind = holds(&gateway->slow_down, gateway, answer, code) ? VERDICT_SLOW_DOWN
        : holds(&gateway->refused, gateway, answer, code)                      ? VERDICT_REFUSED
        : verdict->kind == VERDICT_DELIVERED                                   ? VERDICT_RETRY
                                                                               : verdict->kind;
    if (!text_at(body, gateway->message, words, sizeof words)) verdict_words(words, sizeof words, answer->body, answer->bytes);
    verdict_say(verdict, kind, "HTTP %ld%s%s: %s", answer->status, *code ? ", code " : "", code, *words ? words : "an empty body");
}

void gateway_judge(const struct gateway *gateway, const struct answer *answer, struct verdict *verdict)
{
    char code[GATEWAY_VALUE_BYTES] = "";
    verdict_begin(answer, verdict);
    if (answer->status == 0) return;
    json_t *body = json_loadb(answer->body, answer->bytes, 0, NULL);
    text_at(body, gateway->pointer, code, sizeof code);
    verdict->code = strspn(code, "-0123456789") == strlen(code) ? strtol(code, NULL, 10) : 0;
    if (!has_succeeded(gateway, answer, code)) {
        say_failure(gateway, answer, body, code, verdict);
    } else {
        verdict->kind = VERDICT_DELIVERED;
        *verdict->error = 0;
        text_at(body, gateway->receipt, verdict->receipt, sizeof verdict->receipt);
    }
    json_decref(body);
}
