#ifndef BIHUAN_TESTS_FUZZ_JSON_CHANGE_H
#define BIHUAN_TESTS_FUZZ_JSON_CHANGE_H
/* JSON that changes and stays JSON: a value takes the place of another, a number moves to an edge, a member goes or comes
 * again. Bytes that are changed blindly seldom parse, and what does not parse tries little. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_PLACES_MAX = 4096 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t bytes, size_t most);

/* Where a value is: under a key of an object, or at an index of an array. */
struct json_place {
    json_t *in;
    const char *key;
    size_t index;
};

static inline json_t *json_place_value(const struct json_place *place)
{
    return place->key ? json_object_get(place->in, place->key) : json_array_get(place->in, place->index);
}

static inline size_t json_places(json_t *value, struct json_place *places, size_t count)
{
    const char *key;
    json_t *member;
    size_t i;
    if (json_is_object(value)) json_object_foreach(value, key, member) {
        if (count < JSON_PLACES_MAX) places[count++] = (struct json_place){value, key, 0};
        count = json_places(member, places, count);
    }
    if (json_is_array(value)) json_array_foreach(value, i, member) {
        if (count < JSON_PLACES_MAX) places[count++] = (struct json_place){value, NULL, i};
        count = json_places(member, places, count);
    }
    return count;
}

static inline void json_put(const struct json_place *place, json_t *value)
{
    if (place->key) json_object_set_new(place->in, place->key, value);
    else json_array_set_new(place->in, place->index, value);
}

/* Another value of its type, or one at an edge. */
static inline json_t *json_other(const json_t *value, unsigned dice)
{
    static const int numbers[] = {0, 1, 2, 5, 240, 250, 1000, 1999, 2000, 2199, 2210, -1};
    static const char *const times[] = {"00:00", "00:01", "08:00", "12:00", "23:59", "24:00", "same-time", "next-opening", "next-workday",
                                        "stays", "event", "each-round", "receipt", "theirs", "restarts", "12-31", "02-29", "01-01"};
    if (json_is_integer(value) && dice & 1) return json_integer(json_integer_value(value) + (dice & 2 ? 1 : -1));
    if (json_is_integer(value)) return json_integer(numbers[dice / 2 % (sizeof numbers / sizeof *numbers)]);
    if (json_is_boolean(value)) return json_boolean(json_is_false(value));
    return json_string(times[dice % (sizeof times / sizeof *times)]);
}

static inline void json_rename(const struct json_place *place, const char *name)
{
    if (!place->key || strcmp(name, place->key) == 0) return;
    json_object_set_new(place->in, name, json_deep_copy(json_place_value(place)));
    json_object_del(place->in, place->key);
}

/* One change; dice: random numbers. */
static inline void json_change_once(json_t *root, unsigned dice)
{
    static const char *const limits[] = {"limit_workdays", "limit_days", "limit_work_hours", "limit_hours"};
    static struct json_place places[JSON_PLACES_MAX];
    size_t count = json_places(root, places, 0);
    if (!count) return;
    const struct json_place *place = &places[dice % count], *from = &places[dice / 7 % count];
    json_t *value = json_place_value(place);
    if (place->key && strncmp(place->key, "limit_", 6) == 0 && dice & 64) json_rename(place, limits[dice / 128 % 4]);
    else switch (dice / 11 % 8) {
    case 0:
    case 1:
    case 2:
        if (!json_is_object(value) && !json_is_array(value)) json_put(place, json_other(value, dice / 101));
        break;
    case 3:
    case 4: /* one of its kind from elsewhere */
        for (size_t i = 0; i < count && json_typeof(json_place_value(from)) != json_typeof(value); i++) from = &places[(dice / 7 + i) % count];
        json_put(place, json_deep_copy(json_place_value(from)));
        break;
    case 5: /* under a name from elsewhere */
        for (size_t i = 0; i < count && (!from->key || json_typeof(json_place_value(from)) != json_typeof(value)); i++) from = &places[(dice / 7 + i) % count];
        if (from->key) json_rename(place, from->key);
        break;
    case 6:
        if (place->key) json_object_del(place->in, place->key);
        else json_array_remove(place->in, place->index);
        break;
    default:
        if (!place->key) json_array_insert_new(place->in, dice / 13 % (json_array_size(place->in) + 1), json_deep_copy(value));
    }
}

/* For LLVMFuzzerCustomMutator. */
static inline size_t json_change(uint8_t *data, size_t bytes, size_t most, unsigned seed)
{
    json_t *root = seed % 8 ? json_loadb((const char *)data, bytes, 0, NULL) : NULL;
    size_t changed = 0;
    for (unsigned i = 0; root && i < 1 + seed / 8 % 3; i++) json_change_once(root, (seed + i) * 2654435761U >> 3);
    if (root) changed = json_dumpb(root, (char *)data, most, JSON_COMPACT);
    json_decref(root);
    return changed && changed <= most ? changed : LLVMFuzzerMutate(data, bytes, most);
}
#endif
