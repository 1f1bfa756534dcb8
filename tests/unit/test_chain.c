/* Links of the ledger's chain: what a record names, and how far a head reaches. */
#include "common/kafka.h"
#include "notify/chain.h"
#include "tests/unit/unit.h"

static const char name[] = "00000000000000a1";
static int64_t now_ms = 1700000000000;

static int64_t real_ms(void)
{
    return now_ms++;
}

static char *print(struct chain *chain, unsigned shard, const char *what, struct chain_link **link)
{
    static const struct kafka_header header = {"case", "tC1", 3};
    struct chain_cover cover = {"C1", 2, &header, 1};
    json_t *value = json_pack("{s:s}", "what", what);
    char *text = chain_print(chain, shard, value, &cover, link);
    json_decref(value);
    assert_non_null(text);
    return text;
}

static void each_names_the_one_before(void **state)
{
    struct chain *chain = chain_begin(name, 4);
    struct chain_link *link;
    char before[CHAIN_HASH_BYTES] = "";
    (void)state;
    for (int seq = 1; seq <= 3; seq++) {
        char *text = print(chain, 2, "词", &link);
        json_t *value = json_loads(text, 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(value, "seq")), seq);
        assert_int_equal(json_integer_value(json_object_get(value, "shard")), 2);
        assert_string_equal(json_string_value(json_object_get(value, "chain")), name);
        assert_int_equal(json_is_null(json_object_get(value, "prev")), seq == 1);
        assert_int_equal(json_is_null(json_object_get(value, "after")), seq == 1);
        if (seq > 1) assert_string_equal(json_string_value(json_object_get(value, "prev")), before);
        if (seq > 1) assert_int_equal(json_integer_value(json_object_get(value, "prev_ms")), json_integer_value(json_object_get(value, "at_ms")) - 1);
        chain_hash(before, text, strlen(text));
        json_decref(value);
        free(text);
    }
    char *text = print(chain, 0, "x", &link); /* another shard, another beginning */
    assert_non_null(strstr(text, "\"seq\":1,"));
    free(text);
    chain_close(chain);
}

static void hashes_by_the_standard_vector(void **state)
{
    char hash[CHAIN_HASH_BYTES];
    (void)state;
    chain_hash(hash, "abc", 3);
    assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void what_surrounds_a_value_is_told_apart(void **state)
{
    static const struct kafka_header one[] = {{"a", "bc", 2}}, other[] = {{"ab", "c", 1}}, none[] = {{"a", NULL, 0}};
    const struct chain_cover covers[] = {{"k", 1, one, 1}, {"k", 1, other, 1}, {"k", 1, none, 1}, {"k", 1, NULL, 0}, {"", 0, one, 1}, {"ka", 2, NULL, 0}};
    char hash[6][CHAIN_HASH_BYTES];
    (void)state;
    for (int i = 0; i < 6; i++) {
        chain_cover_hash(hash[i], &covers[i]);
        for (int j = 0; j < i; j++) assert_string_not_equal(hash[i], hash[j]);
    }
}

static uint64_t reach(const struct chain *chain)
{
    struct chain_head head;
    return chain_acknowledged_head(chain, 0, &head) ? head.seq : 0;
}

static void a_head_is_what_all_before_it_is_acknowledged_of(void **state)
{
    struct chain *chain = chain_begin(name, 1);
    struct chain_link *link[4];
    char *text[4], hash[CHAIN_HASH_BYTES];
    struct chain_head head;
    (void)state;
    for (int i = 0; i < 4; i++) text[i] = print(chain, 0, "x", &link[i]);
    assert_int_equal(reach(chain), 0);
    chain_acknowledged(chain, link[1]);
    assert_int_equal(reach(chain), 0);
    chain_acknowledged(chain, link[0]);
    assert_int_equal(reach(chain), 2);
    chain_acknowledged_head(chain, 0, &head);
    chain_hash(hash, text[1], strlen(text[1]));
    assert_string_equal(head.hash, hash);
    chain_all_acknowledged(chain);
    assert_int_equal(reach(chain), 4);
    for (int i = 0; i < 4; i++) free(text[i]);
    chain_close(chain);
}

static void the_first_record_is_tied_to_what_stood(void **state)
{
    struct chain *chain = chain_begin(name, 1);
    struct chain_head head = {.name = "00000000000000b2", .seq = 7, .at_ms = 5};
    struct chain_link *link;
    (void)state;
    memset(head.hash, 'e', sizeof head.hash - 1);
    for (int i = 0; i < CHAIN_AFTER_MAX + 3; i++) chain_stands(chain, 0, &head);
    char *text = print(chain, 0, "x", &link);
    json_t *value = json_loads(text, 0, NULL), *after = json_object_get(value, "after");
    assert_int_equal(json_array_size(after), CHAIN_AFTER_MAX);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(after, 0), "seq")), 7);
    assert_string_equal(json_string_value(json_object_get(json_array_get(after, 0), "hash")), head.hash);
    free(text);
    json_decref(value);
    text = print(chain, 0, "y", &link);
    assert_null(strstr(text, "after"));
    free(text);
    chain_close(chain);
}

static void heads_as_text(void **state)
{
    static const char *const wrong[] = {"", "7", "7 ", "0 %s 5", "7 %s", "7 %s ", "7 %s x", "7 %sf 5", "x %s 5", "7  %s 5"};
    struct chain_head head = {.name = "00000000000000b2", .seq = UINT64_MAX, .at_ms = INT64_MAX}, back;
    char text[CHAIN_HEAD_BYTES];
    const struct text id = {head.name, 16};
    (void)state;
    memset(head.hash, 'e', sizeof head.hash - 1);
    head.hash[CHAIN_HASH_BYTES - 1] = 0;
    size_t bytes = chain_head_print(text, &head);
    assert_true(chain_head_read(&back, id, (struct text){text, bytes}));
    assert_int_equal(back.seq, head.seq);
    assert_int_equal(back.at_ms, head.at_ms);
    assert_string_equal(back.hash, head.hash);
    assert_false(chain_head_read(&back, (struct text){"b2", 2}, (struct text){text, bytes}));
    assert_false(chain_head_read(&back, (struct text){"00000000000000B2", 16}, (struct text){text, bytes}));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *at = strstr(wrong[i], "%s");
        snprintf(text, sizeof text, "%.*s%s%s", at ? (int)(at - wrong[i]) : 1000, wrong[i], at ? head.hash : "", at ? at + 2 : "");
        assert_false(chain_head_read(&back, id, (struct text){text, strlen(text)}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_names_the_one_before), cmocka_unit_test(hashes_by_the_standard_vector),
                                       cmocka_unit_test(what_surrounds_a_value_is_told_apart), cmocka_unit_test(a_head_is_what_all_before_it_is_acknowledged_of),
                                       cmocka_unit_test(the_first_record_is_tied_to_what_stood), cmocka_unit_test(heads_as_text)};
    clock_inject(real_ms, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
