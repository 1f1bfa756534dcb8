/* A Jansson value as compact JSON text (town_write.h). Jansson's own dump goes
 * through each string character by character and guards against loops; the
 * town needs neither, and is more than twice as fast without. */
#include "town_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    char *end, *limit;
};

static void put(struct writer *writer, const char *text, size_t bytes)
{
    if ((size_t)(writer->limit - writer->end) < bytes) {
        fputs("town: an event is larger than the line buffer\n", stderr);
        abort();
    }
    memcpy(writer->end, text, bytes);
    writer->end += bytes;
}

static void put_char(struct writer *writer, char c)
{
    put(writer, &c, 1);
}

static void put_escaped(struct writer *writer, char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = c ? strchr(plain, c) : NULL;
    char text[8];
    if (found)
        put(writer, (const char[]){'\\', letters[found - plain]}, 2);
    else
        put(writer, text, (size_t)snprintf(text, sizeof text, "\\u%04X", (unsigned)(unsigned char)c));
}

static void put_string(struct writer *writer, const char *text, size_t bytes)
{
    put_char(writer, '"');
    size_t from = 0;
    for (size_t i = 0; i < bytes; i++) {
        if ((unsigned char)text[i] >= ' ' && text[i] != '"' && text[i] != '\\')
            continue;
        put(writer, text + from, i - from);
        put_escaped(writer, text[i]);
        from = i + 1;
    }
    put(writer, text + from, bytes - from);
    put_char(writer, '"');
}

static void put_value(struct writer *writer, json_t *value);

static void put_object(struct writer *writer, json_t *object)
{
    char before = '{';
    if (json_object_size(object) == 0)
        put_char(writer, before);
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        put_char(writer, before);
        put_string(writer, key, strlen(key));
        put_char(writer, ':');
        put_value(writer, json_object_iter_value(at));
        before = ',';
    }
    put_char(writer, '}');
}

static void put_array(struct writer *writer, json_t *array)
{
    put_char(writer, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            put_char(writer, ',');
        put_value(writer, json_array_get(array, i));
    }
    put_char(writer, ']');
}

static void put_value(struct writer *writer, json_t *value)
{
    char number[24];
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(writer, value);
        break;
    case JSON_ARRAY:
        put_array(writer, value);
        break;
    case JSON_STRING:
        put_string(writer, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        put(writer, number,
            (size_t)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value)));
        break;
    case JSON_TRUE:
        put(writer, "true", 4);
        break;
    case JSON_FALSE:
        put(writer, "false", 5);
        break;
    default: /* the town makes no other */
        abort();
    }
}

size_t town_write(json_t *value, char *to, size_t room)
{
    struct writer writer = {to, to + room};
    put_value(&writer, value);
    return (size_t)(writer.end - to);
}
