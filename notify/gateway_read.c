/* Reads gateway files.
 *
 * The trap: a field that is filled into scheme, host or port would send messages and secrets wherever its value says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "common/alloc.h"
#include "notify/gateway.h"
#include "sla/form.h"

enum { BODY_MAX_BYTES = 64 << 10, URL_MAX_BYTES = 8191, HEADER_MAX_BYTES = 4096 };

static const char *const members[] = {"gateway", "note", "method", "url", "headers", "content_type", "body", "characters_max", "success", "message", "receipt", "slow_down", "refused", NULL};
static const char *const success_members[] = {"status", "pointer", "equals", "contains", NULL};
static const char *const methods[] = {"GET", "POST", "PUT", NULL};

/* All fields of a template are known, and of `allowed`. */
static bool check_fields(struct form *form, struct gateway *gateway, const char *text, const char *allowed)
{
    for (const char *at = text; (at = strstr(at, "{{"));) {
        const char *end = strstr(at, "}}");
        if (!end) return form_fault(form, "a {{ without }}");
        size_t bytes = (size_t)(end - at) + 2;
        char field[16];
        if (bytes >= sizeof field) return form_fault(form, "unknown field %.*s", (int)(bytes < 64 ? bytes : 64), at);
        memcpy(field, at, bytes);
        field[bytes] = 0;
        if (!strstr("{{mobile}} {{text}} {{id}} {{secret}}", field)) return form_fault(form, "unknown field %s: known are mobile, text, id, secret", field);
        if (!strstr(allowed, field)) return form_fault(form, "%s cannot be filled in here", field);
        gateway->uses_secret |= !strcmp(field, "{{secret}}");
        at = end + 2;
    }
    return true;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f) return true;
    return false;
}

/* With the fields out of path and query it is a url; before the path there is none. */
static bool check_url(struct form *form, struct gateway *gateway)
{
    const char *host = strstr(gateway->url, "://");
    form_at(form, "url");
    if (!host || (strncmp(gateway->url, "http://", 7) && strncmp(gateway->url, "https://", 8))) return form_fault(form, "expected https:// or http://");
    if (strlen(gateway->url) > URL_MAX_BYTES || has_control(gateway->url)) return form_fault(form, "too long, or with control characters");
    host += 3;
    size_t before = strcspn(host, "/?#");
    if (before == 0) return form_fault(form, "there is no host"); /* libcurl would take the path's beginning for it */
    if (memmem(host, before, "{{", 2)) return form_fault(form, "fields may stand in path and query alone");
    if (memchr(host, '@', before)) return form_fault(form, "must not hold a name or password");
    if (strchr(gateway->url, '#')) return form_fault(form, "must not hold a fragment (#)");
    if (!check_fields(form, gateway, gateway->url, "{{mobile}} {{text}} {{id}} {{secret}}")) return false;
    struct gateway_fields plain = {.mobile = TEXT("1"), .text = "1", .id = "1", .secret = "1"};
    struct buffer filled;
    buffer_init(&filled, 2 * URL_MAX_BYTES);
    gateway_fill(&filled, gateway->url, &plain, ESCAPE_FORM);
    CURLU *url = curl_url();
    CURLUcode code = url ? curl_url_set(url, CURLUPART_URL, buffer_text(&filled), 0) : CURLUE_OUT_OF_MEMORY;
    curl_url_cleanup(url);
    buffer_free(&filled);
    return code == CURLUE_OK || form_fault(form, "is none: %s", curl_url_strerror(code));
}

static bool read_headers(struct form *form, struct gateway *gateway, const json_t *root)
{
    const json_t *headers = json_object_get(root, "headers");
    if (!headers) return true;
    form_at(form, "headers");
    if (!json_is_object(headers)) return form_fault(form, "expected an object");
    if (json_object_size(headers) > GATEWAY_HEADERS_MAX) return form_fault(form, "more than %d", (int)GATEWAY_HEADERS_MAX);
    for (void *i = json_object_iter((json_t *)(uintptr_t)headers); i; i = json_object_iter_next((json_t *)(uintptr_t)headers, i)) {
        const char *name = json_object_iter_key(i), *value = json_string_value(json_object_iter_value(i));
        form_at(form, "headers.%.64s", name);
        if (!*name || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != strlen(name)) return form_fault(form, "is no header's name");
        if (!strcasecmp(name, "content-type")) return form_fault(form, "use content_type");
        if (!strcasecmp(name, "host") || !strcasecmp(name, "content-length") || !strcasecmp(name, "transfer-encoding")) return form_fault(form, "is the sender's own");
        if (!value || !*value || strlen(value) > HEADER_MAX_BYTES || has_control(value)) return form_fault(form, "expected one line of text");
        if (!check_fields(form, gateway, value, "{{mobile}} {{id}} {{secret}}")) return false;
        size_t bytes = strlen(name) + strlen(value) + 3;
        gateway->header[gateway->headers] = xmalloc(bytes);
        snprintf(gateway->header[gateway->headers++], bytes, "%s: %s", name, value);
    }
    return true;
}

static bool read_content_type(struct form *form, struct gateway *gateway, const json_t *root)
{
    form_at(form, "content_type");
    if (!form_text(form, root, "content_type", &gateway->content_type)) return false;
    const char *type = gateway->content_type;
    if (has_control(type) || strlen(type) > 128) return form_fault(form, "expected one line of at most 128 bytes");
    if (strstr(type, "json")) gateway->escape = ESCAPE_JSON;
    else if (strstr(type, "x-www-form-urlencoded")) gateway->escape = ESCAPE_FORM;
    else if (strstr(type, "xml")) gateway->escape = ESCAPE_XML;
    else if (!strncmp(type, "text/plain", 10)) gateway->escape = ESCAPE_NONE;
    else if (*type) return form_fault(form, "expected JSON, application/x-www-form-urlencoded, XML or text/plain: how fields are escaped depends on it");
    return true;
}

/* Text; or, for JSON, the object itself. */
static bool read_body(struct form *form, struct gateway *gateway, const json_t *root)
{
    const json_t *body = json_object_get(root, "body");
    bool get = gateway->method == 0;
    form_at(form, "body");
    if (!body && get) return true;
    if (get) return form_fault(form, "a GET has none");
    if (!*gateway->content_type) return form_fault(form, "needs content_type");
    if (json_is_object(body) && gateway->escape == ESCAPE_JSON) {
        char *text = json_dumps(body, JSON_COMPACT);
        gateway->body = xstrdup(text);
        free(text);
    } else if (json_is_string(body)) {
        gateway->body = xstrdup(json_string_value(body));
    } else {
        return form_fault(form, "expected text, or an object where content_type is JSON");
    }
    if (strlen(gateway->body) > BODY_MAX_BYTES) return form_fault(form, "longer than %d bytes", (int)BODY_MAX_BYTES);
    return check_fields(form, gateway, gateway->body, "{{mobile}} {{text}} {{id}} {{secret}}");
}

static bool read_pointer(struct form *form, const json_t *object, const char *field, char *pointer)
{
    const json_t *value = json_object_get(object, field);
    if (!value) return true;
    if (!form_name(form, object, field, pointer, GATEWAY_POINTER_BYTES)) return false;
    return *pointer == '/' || form_fault(form, "%s: expected a JSON pointer as /code", field);
}

/* Text, a whole number or a boolean, as text. */
static bool read_value(struct form *form, const json_t *value, char *text)
{
    if (json_is_string(value) && json_string_length(value) < GATEWAY_VALUE_BYTES) snprintf(text, GATEWAY_VALUE_BYTES, "%s", json_string_value(value));
    else if (json_is_integer(value)) snprintf(text, GATEWAY_VALUE_BYTES, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value)) snprintf(text, GATEWAY_VALUE_BYTES, "%s", json_is_true(value) ? "true" : "false");
    else return form_fault(form, "expected text of at most %d bytes, a whole number or a boolean", GATEWAY_VALUE_BYTES - 1);
    return *text || form_fault(form, "expected a value that is not empty");
}

static bool read_codes(struct form *form, const json_t *root, const char *field, struct gateway_codes *codes)
{
    const json_t *list = json_object_get(root, field);
    form_at(form, "%s", field);
    if (!list) return true;
    if (!json_is_array(list) || json_array_size(list) > GATEWAY_CODES_MAX) return form_fault(form, "expected a list of at most %d values", (int)GATEWAY_CODES_MAX);
    for (size_t i = 0; i < json_array_size(list); i++) {
        form_at(form, "%s.%zu", field, i);
        if (!read_value(form, json_array_get(list, i), codes->at[codes->count++])) return false;
    }
    return true;
}

static bool read_statuses(struct form *form, struct gateway *gateway, const json_t *success)
{
    const json_t *list = json_object_get(success, "status");
    form_at(form, "success.status");
    if (!list) {
        gateway->status[gateway->statuses++] = 200;
        return true;
    }
    if (!json_is_array(list) || !json_array_size(list) || json_array_size(list) > GATEWAY_STATUSES_MAX)
        return form_fault(form, "expected a list of 1 to %d numbers", (int)GATEWAY_STATUSES_MAX);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!form_int(form, json_array_get(list, i), "status", 200, 599, &gateway->status[gateway->statuses++])) return false;
    return true;
}

static bool read_success(struct form *form, struct gateway *gateway, const json_t *root)
{
    const json_t *success = json_object_get(root, "success"), *equals = json_object_get(success, "equals");
    form_at(form, "success");
    if (!form_members(form, success, success_members) || !read_statuses(form, gateway, success)) return false;
    form_at(form, "success");
    if (!read_pointer(form, success, "pointer", gateway->pointer)) return false;
    if (json_object_get(success, "contains") && !form_name(form, success, "contains", gateway->contains, GATEWAY_VALUE_BYTES)) return false;
    if (!*gateway->pointer != !equals) return form_fault(form, "pointer and equals go together");
    form_at(form, "success.equals");
    if (equals && !read_value(form, equals, gateway->equals)) return false;
    form_at(form, "success");
    if (!equals && !*gateway->contains && !json_object_get(success, "status")) return form_fault(form, "expected pointer and equals, contains, or status");
    return true;
}

static bool read_gateway(struct form *form, struct gateway *gateway, const json_t *root)
{
    char name[64], *note = NULL;
    form_at(form, "%s", "");
    gateway->method = 1;
    gateway->characters_max = 500;
    if (!form_members(form, root, members) || !form_name(form, root, "gateway", name, sizeof name) || !form_text(form, root, "note", &note)) return false;
    free(note);
    return form_choice(form, root, "method", methods, &gateway->method) && form_text(form, root, "url", &gateway->url) &&
           form_maybe_int(form, root, "characters_max", 20, 2000, &gateway->characters_max) && check_url(form, gateway) && read_headers(form, gateway, root) &&
           read_content_type(form, gateway, root) && read_body(form, gateway, root) && read_success(form, gateway, root) &&
           (form_at(form, "%s", ""), read_pointer(form, root, "message", gateway->message)) && read_pointer(form, root, "receipt", gateway->receipt) &&
           read_codes(form, root, "slow_down", &gateway->slow_down) && read_codes(form, root, "refused", &gateway->refused);
}

static bool read_root(struct form *form, struct gateway *gateway, json_t *root)
{
    bool good = root && read_gateway(form, gateway, root);
    json_decref(root);
    return good;
}

bool gateway_load(struct gateway *gateway, const char *file, char *error, size_t error_bytes)
{
    struct form form = {.file = file, .error = error, .error_bytes = error_bytes};
    *gateway = (struct gateway){.headers = 0};
    return read_root(&form, gateway, form_load(&form));
}

bool gateway_parse(struct gateway *gateway, const char *file, const char *text, size_t bytes, char *error, size_t error_bytes)
{
    struct form form = {.file = file, .error = error, .error_bytes = error_bytes};
    *gateway = (struct gateway){.headers = 0};
    return read_root(&form, gateway, form_parse(&form, text, bytes));
}

void gateway_free(struct gateway *gateway)
{
    free(gateway->url);
    free(gateway->body);
    free(gateway->content_type);
    for (size_t i = 0; i < gateway->headers; i++) free(gateway->header[i]);
    *gateway = (struct gateway){.headers = 0};
}
