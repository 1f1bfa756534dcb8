/* Any bytes as a control record, and any array of objects as a log of them: refused with a reason, or followed, and then every
 * receipt is bound, also by each shorter log, whose editions are those of the longer. */
#include "sla/rulebook.h"
#include "tests/fuzz/json_change.h"
#include "tests/fuzz/lives.h"

enum { RECORDS_MAX = 16, WHY_BYTES = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed)
{
    return json_change(data, bytes, most, seed);
}

/* The hash of what is there, which chance would never find. */
static void put_hash(json_t *record, const char *name, const char *hash_name)
{
    char hash[2 * CONTROL_HASH_BYTES + 1];
    const json_t *content = json_object_get(record, name);
    char *text = content ? json_dumps(content, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (!text) return;
    control_content_hash(hash, text);
    json_object_set_new(record, hash_name, json_string(hash));
    free(text);
}

static void check_record(const char *text, size_t bytes)
{
    static struct zone zone;
    struct control control;
    char why[WHY_BYTES] = "";
    if (control_parse(&control, text, bytes, why, sizeof why)) {
        assert(*why && control.kind == CONTROL_KINDS);
        return;
    }
    if (!*zone.name && !zone_load(&zone, "Asia/Shanghai")) abort();
    char *printed = control_print(&control, &zone);
    control_clear(&control);
    if (control_parse(&control, printed, strlen(printed), why, sizeof why)) {
        fprintf(stderr, "%s\n%s\n", why, printed);
        abort();
    }
    char *again = control_print(&control, &zone);
    assert(!strcmp(printed, again));
    free(printed);
    free(again);
    control_clear(&control);
}

static void check_book(const struct rulebook *book, const struct rulebook *longer)
{
    assert(book->spans > 0 && book->span[0].from_ms == INT64_MIN && book->editions <= EDITIONS_MAX);
    for (size_t i = 0; i < book->spans; i++) {
        assert(book->span[i].edition < book->editions && (i == 0 || book->span[i].from_ms > book->span[i - 1].from_ms));
        assert(rulebook_at(book, book->span[i].from_ms)->edition == book->span[i].edition);
    }
    for (size_t i = 0; i < book->silences.count; i++) {
        const struct silence *silence = &book->silences.at[i];
        struct silence_case what = {{silence->record->unit, strlen(silence->record->unit)}, {silence->record->item, strlen(silence->record->item)}};
        assert(silence_named(book, silence->record->id) && silence->until_ms <= silence->record->to_ms);
        if (silence->from_ms < silence->until_ms) assert(silence_at(book, &what, silence->from_ms)->until_ms >= silence->until_ms);
    }
    for (unsigned i = 0; i < book->editions && longer; i++) {
        assert(!strcmp(rulebook_edition(book, i)->policy->json, rulebook_edition(longer, i)->policy->json));
        assert(!strcmp(calendar_json(rulebook_edition(book, i)->calendar), calendar_json(rulebook_edition(longer, i)->calendar)));
    }
}

static void check_log(const struct text *records, size_t count)
{
    char why[WHY_BYTES] = "";
    struct rulebook *whole = rulebook_build("Asia/Shanghai", 400 * (int64_t)DAY_MS, records, count, why, sizeof why);
    assert(whole || *why);
    if (!whole) return;
    check_book(whole, NULL);
    for (size_t shorter = 1; shorter < count; shorter++) {
        struct rulebook *book = rulebook_build("Asia/Shanghai", 400 * (int64_t)DAY_MS, records, shorter, why, sizeof why);
        if (book) check_book(book, whole);
        rulebook_free(book);
    }
    rulebook_free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct text records[RECORDS_MAX];
    json_t *log = json_loadb((const char *)data, bytes, 0, NULL), *record;
    size_t i, count = 0;
    check_record((const char *)data, bytes);
    json_array_foreach(log, i, record) {
        if (count == RECORDS_MAX || !json_is_object(record)) continue;
        put_hash(record, "policy", "policy_sha256");
        put_hash(record, "calendar", "calendar_sha256");
        char *text = json_dumps(record, JSON_COMPACT);
        if (!text) continue;
        check_record(text, strlen(text));
        records[count++] = (struct text){text, strlen(text)};
    }
    check_log(records, count);
    for (i = 0; i < count; i++) free((void *)(uintptr_t)records[i].at);
    json_decref(log);
    return 0;
}
