/* Which rules a receipt comes under: the examples of docs/RULES.md, and over random logs the same as found by going
 * through the records again for each receipt. */
#include "sla/stub.h"
#include "tests/unit/decisions.h"

#define NAMED(name) "'policy': '" name "'"
#define FROM(time) ", 'effective_from': '" time "'"
static const int64_t day_ms = DAY_MS;

static int64_t on(int day_of_january)
{
    return ms("2024-01-01T00:00:00+08:00") + (day_of_january - 1) * day_ms;
}

static void begin(void **state)
{
    (void)state;
    decisions_end();
}

static void assert_bound(int day_of_january, const char *policy, const char *calendar)
{
    const struct rules *rules = rulebook_at(decisions.book, on(day_of_january));
    char version[64];
    snprintf(version, sizeof version, "test %s", calendar);
    assert_string_equal(rules->policy->name, policy);
    assert_string_equal(calendar_version(rules->calendar), version);
    assert_ptr_equal(rules, rulebook_edition(decisions.book, rules->edition));
}

static void assert_refused(const char *why)
{
    struct rulebook *none = book_of(decisions.count);
    if (none) rulebook_free(none);
    assert_null(none);
    if (!strstr(decisions.why, why)) fail_msg("\"%s\" does not say \"%s\"", decisions.why, why);
    free(decisions.text[--decisions.count]);
}

/* A on the 1st, B on the 10th that is effective from the 20th, and from the 5th. */
static void first(void)
{
    activated("a1", on(1), NAMED("A"), "1", "", INT64_MIN);
}

static void the_first_covers_what_came_earlier(void **state)
{
    begin(state);
    activated("a1", on(10), NAMED("A") FROM("2024-01-20T00:00:00+08:00"), "1", "", on(25));
    follow();
    assert_bound(-4000, "A", "1");
    assert_bound(9, "A", "1");
    assert_bound(30, "A", "1");
    assert_int_equal(decisions.book->editions, 1);
    assert_int_equal(decisions.book->spans, 1);
}

static void effective_later_or_earlier_than_activated(void **state)
{
    begin(state);
    first();
    activated("b", on(10), NAMED("B") FROM("2024-01-20T00:00:00+08:00"), NULL, NULL, INT64_MIN);
    activated("c", on(30), NAMED("C") FROM("2024-01-25T00:00:00+08:00"), NULL, NULL, INT64_MIN);
    follow();
    assert_bound(19, "A", "1");
    assert_bound(20, "B", "1");
    assert_bound(29, "B", "1"); /* received before anybody knew of C */
    assert_bound(30, "C", "1");
    recalculated("r", on(40), INT64_MIN, INT64_MAX);
    follow();
    assert_bound(19, "A", "1");
    assert_bound(24, "B", "1");
    assert_bound(25, "C", "1");
    assert_bound(39, "C", "1");
    assert_bound(40, "C", "1");
}

static void an_option_stands_before_the_files_time(void **state)
{
    begin(state);
    first();
    activated("b", on(10), NAMED("B") FROM("2024-01-20T00:00:00+08:00"), NULL, NULL, on(15));
    follow();
    assert_bound(14, "A", "1");
    assert_bound(15, "B", "1");
}

/* Of several that became effective at one moment, the one activated last; calendars are effective ever. */
static void the_last_of_several_counts(void **state)
{
    begin(state);
    first();
    activated("b", on(10), NAMED("B") FROM("2024-01-05T00:00:00+08:00"), "2", "'01-03'", INT64_MIN);
    activated("c", on(12), NAMED("C") FROM("2024-01-05T00:00:00+08:00"), "3", "'01-04'", INT64_MIN);
    follow();
    assert_bound(9, "A", "1");
    assert_bound(10, "B", "2");
    assert_bound(12, "C", "3");
    recalculated("r", on(20), INT64_MIN, INT64_MAX);
    follow();
    assert_bound(4, "A", "3");
    assert_bound(5, "C", "3");
}

static void a_version_of_an_older_policy_leaves_the_newer(void **state)
{
    begin(state);
    first();
    activated("b", on(10), NAMED("B") FROM("2024-01-20T00:00:00+08:00"), NULL, NULL, INT64_MIN);
    activated("a2", on(22), NAMED("A") ", 'title': 'corrected'" FROM("2024-01-01T00:00:00+08:00"), NULL, NULL, INT64_MIN);
    follow();
    assert_bound(25, "B", "1"); /* effective later */
    recalculated("r", on(30), on(1), on(20));
    follow();
    assert_string_equal(rulebook_at(decisions.book, on(10))->policy->title, "corrected");
    assert_string_equal(rulebook_at(decisions.book, on(0))->policy->title, "");
}

static void spans_of_recalculations(void **state)
{
    begin(state);
    first();
    activated("c2", on(10), NULL, "2", "'01-03'", INT64_MIN);
    recalculated("r1", on(12), on(3), on(6)); /* from the first instant, up to the last */
    activated("c3", on(14), NULL, "3", "'01-04'", INT64_MIN);
    follow();
    assert_bound(2, "A", "1");
    assert_bound(3, "A", "2");
    assert_int_equal(rulebook_at(decisions.book, on(6) - 1)->edition, 1);
    assert_bound(6, "A", "1");
    recalculated("r2", on(16), on(5), INT64_MAX); /* over a part of it */
    follow();
    assert_bound(4, "A", "2");
    assert_bound(5, "A", "3");
    assert_bound(12, "A", "3");
    took_back(CONTROL_UNDO, "u2", on(17), "r2");
    follow();
    assert_bound(5, "A", "2"); /* the earlier one again */
    assert_bound(12, "A", "2");
    took_back(CONTROL_UNDO, "u1", on(18), "r1");
    follow();
    assert_bound(5, "A", "1");
    assert_bound(10, "A", "2");
    assert_true(decisions.book->taken_back[2] && decisions.book->taken_back[4]);
    assert_int_equal(decisions.book->editions, 3);
    took_back(CONTROL_UNDO, "u3", on(19), "u1"); /* an undo is not undone: recalc does that */
    assert_refused("record u3: what it takes back is not there");
    took_back(CONTROL_UNDO, "u3", on(19), "c2");
    assert_refused("record u3: what it takes back is not there");
}

static void a_recalculation_knows_what_was_activated_by_then(void **state)
{
    begin(state);
    first();
    recalculated("r", on(10), INT64_MIN, INT64_MAX);
    activated("b", on(12), NAMED("B") FROM("2024-01-02T00:00:00+08:00"), NULL, NULL, INT64_MIN);
    follow();
    assert_bound(9, "A", "1");
    assert_bound(12, "B", "1");
}

static void no_decision_reaches_what_had_shrunk_by_then(void **state)
{
    begin(state);
    first();
    activated("c2", on(10), NULL, "2", "'01-03'", INT64_MIN);
    recalculated("r", on(500), INT64_MIN, INT64_MAX);
    activated("c3", on(501), NULL, "3", "'01-04'", INT64_MIN);
    follow();
    life_begin(OF_TICKET);
    struct event receipt = event_at(TICKET_RECEIVED, "2024-01-03T10:00:00+08:00");
    happens(receipt);
    assert_int_equal(rulebook_bind(decisions.book, &life.file)->edition, 1); /* of no record time: it never shrinks */
    life.file.seen_ms = on(100);
    assert_int_equal(rulebook_bind(decisions.book, &life.file)->edition, 0); /* at the moment of the decision */
    life.file.seen_ms = on(100) + 1;
    assert_int_equal(rulebook_bind(decisions.book, &life.file)->edition, 1);
    struct stub stub = {.at_ms = on(450)};
    life.file.stub = &stub; /* what it rests on is gone: it keeps what it had */
    life.file.edition = 1;
    assert_int_equal(rulebook_bind(decisions.book, &life.file)->edition, 1);
    life.file.edition = 0;
    assert_int_equal(rulebook_bind(decisions.book, &life.file)->edition, 0);
    life.file.stub = NULL;
    life.file.seen_ms = 0;
}

/* A case older than all records, and than the one that first made the rules whole. */
static void what_had_shrunk_before_all_decisions_comes_under_the_first(void **state)
{
    begin(state);
    activated("p", on(1000), NAMED("A"), NULL, NULL, INT64_MIN);
    activated("c", on(1001), NULL, "1", "", INT64_MIN);
    activated("c2", on(1002), NULL, "2", "'01-03'", INT64_MIN);
    recalculated("r", on(1003), INT64_MIN, INT64_MAX);
    follow();
    life_begin(OF_TICKET);
    happens(event_at(TICKET_RECEIVED, "2024-01-03T10:00:00+08:00"));
    life.file.seen_ms = on(4);
    assert_int_equal(rulebook_bind(decisions.book, &life.file)->edition, 1); /* no rules were whole then: those of now */
    life.file.seen_ms = 0;
    assert_int_equal(rulebook_bind(decisions.book, &life.file)->edition, 1);
    assert_true(case_shrink_instant(&life.file, INT64_MAX) == INT64_MAX);
    life.file.seen_ms = on(4);
    assert_true(case_shrink_instant(&life.file, INT64_MAX) == INT64_MAX); /* beyond all time */
    life.file.seen_ms = 0;
}

static void what_is_withdrawn_counts_for_nobody(void **state)
{
    begin(state);
    first();
    activated("b", on(10), NAMED("B") FROM("2024-01-05T00:00:00+08:00"), NULL, NULL, INT64_MIN);
    took_back(CONTROL_WITHDRAW, "w", on(11), "b");
    follow();
    assert_bound(12, "A", "1");
    assert_true(decisions.book->taken_back[1]);
    took_back(CONTROL_WITHDRAW, "w2", on(12), "a1");
    assert_refused("record w2: it would leave no policy or no calendar");
    took_back(CONTROL_WITHDRAW, "w2", on(12), "nobody");
    assert_refused("record w2: what it takes back is not there");
}

/* A recalculation that knew but one version, which is withdrawn later: the first that is left stands in. */
static void the_first_may_be_withdrawn(void **state)
{
    begin(state);
    first();
    recalculated("r", on(5), INT64_MIN, INT64_MAX);
    activated("b", on(10), NAMED("B"), "2", "'01-03'", INT64_MIN);
    took_back(CONTROL_WITHDRAW, "w", on(11), "a1");
    follow();
    assert_bound(3, "B", "2");
    assert_bound(12, "B", "2");
}

static void what_cannot_be_followed_is_named(void **state)
{
    begin(state);
    struct rulebook *none = book_of(0);
    assert_null(none);
    assert_string_equal(decisions.why, "no record activates a policy");
    activated("p", on(1), NAMED("A"), NULL, NULL, INT64_MIN);
    none = book_of(1);
    assert_null(none);
    assert_string_equal(decisions.why, "no record activates a calendar");
    activated("p2", on(2), NAMED("B"), NULL, NULL, INT64_MIN);
    took_back(CONTROL_WITHDRAW, "w", on(2), "p");
    assert_refused("record w: it would leave no policy or no calendar");
    free(decisions.text[--decisions.count]);
    activated("c", on(2), NULL, "1", "", INT64_MIN);
    follow();
    assert_bound(1, "A", "1");
    decisions.text[decisions.count++] = strdup("{\"control\":1,\"kind\":\"recalc\"}");
    assert_refused("record 3: id: expected a text");
    decisions_end();
    activated("c", on(1), NULL, "1", "", INT64_MIN);
    activated("p", on(2), NAMED("A"), NULL, NULL, INT64_MIN);
    follow();
    assert_bound(1, "A", "1");
    assert_null(rulebook_build("Nowhere/Atlantis", 0, &(struct text){NULL, 0}, 0, decisions.why, sizeof decisions.why));
    assert_string_equal(decisions.why, "no time zone \"Nowhere/Atlantis\" on this machine");
}

/* Sixteen policies with sixteen calendars. */
static void there_is_room_for_so_many_pairs(void **state)
{
    char id[16], version[16], holiday[16], members[64];
    begin(state);
    for (int i = 0; i <= EDITIONS_MAX; i++) {
        snprintf(id, sizeof id, "a%d", i);
        snprintf(members, sizeof members, "'policy': 'P%d'", i % 16);
        snprintf(version, sizeof version, "v%d", i / 16);
        snprintf(holiday, sizeof holiday, "'02-%02d'", i / 16 + 1);
        activated(id, on(1 + i), members, version, holiday, INT64_MIN);
    }
    assert_refused("record a250: more than 250 pairs of policy and calendar");
    follow();
    assert_int_equal(decisions.book->editions, EDITIONS_MAX);
    assert_string_equal(rulebook_at(decisions.book, INT64_MAX)->policy->name, "P9");
}

static void there_is_room_for_so_many_names(void **state)
{
    static char members[8192], one[512];
    char id[16];
    begin(state);
    first();
    for (int i = 0; i < VOCABULARY_CLOCKS_MAX / POLICY_CLOCKS_MAX + 1; i++) {
        snprintf(members, sizeof members, "'classes': [{'class': 'general', 'of': 'ticket', 'clocks': [");
        for (int k = 0; k < POLICY_CLOCKS_MAX; k++) {
            snprintf(one, sizeof one, "%s{'clock': 'c%d-%d', 'limit_workdays': 5, 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true}", k ? ", " : "", i, k);
            text_append(members, sizeof members, one);
        }
        text_append(members, sizeof members, "]}, {'class': 'rating', 'of': 'rating', 'clocks': []}]");
        snprintf(id, sizeof id, "p%d", i);
        activated(id, on(2 + i), members, NULL, NULL, INT64_MIN);
    }
    assert_refused("record p20: too many names of clocks and steps over all versions");
    follow();
}

static void reasons_are_listed_from_their_activation_on(void **state)
{
    begin(state);
    first();
    activated("b", on(10), NAMED("B") ", 'suspension': {'reasons': [{'reason': 'weather'}]}", NULL, NULL, INT64_MIN);
    follow();
    assert_false(rulebook_lists_reason(decisions.book, TEXT("weather"), on(10) - 1));
    assert_true(rulebook_lists_reason(decisions.book, TEXT("weather"), on(10)));
    assert_false(rulebook_lists_reason(decisions.book, TEXT("court"), on(10)));
    struct rulebook *single = rulebook_of_one(rulebook_at(decisions.book, on(10)));
    assert_true(rulebook_lists_reason(single, TEXT("weather"), on(1)));
    assert_ptr_equal(rulebook_at(single, on(1)), rulebook_at(decisions.book, on(10)));
    assert_ptr_equal(rulebook_edition(single, 7), rulebook_at(decisions.book, on(10)));
    assert_ptr_equal(rulebook_bind(single, &life.file), rulebook_at(decisions.book, on(10)));
    rulebook_free(single);
    rulebook_free(NULL);
}

static void figures_have_the_rows_of_any_edition(void **state)
{
    begin(state);
    first();
    follow();
    assert_false(rulebook_widest(decisions.book)->policy->has_contact);
    activated("b", on(10), NAMED("B") ", " GENERAL(MAIN("'limit_workdays': 5") ", {'clock': 'contact', 'limit_workdays': 1, 'starts': 'receipt', "
              "'stopped_by': ['ticket.contacted'], 'cancelled_by': ['ticket.answered', 'ticket.closed', 'ticket.voided', 'ticket.merged'], 'suspends': true, 'extends': false}"), NULL, NULL, INT64_MIN);
    activated("c", on(12), NAMED("C"), NULL, NULL, INT64_MIN);
    follow();
    assert_true(rulebook_widest(decisions.book)->policy->has_contact);
}

static void a_case_is_bound_by_its_first_receipt(void **state)
{
    begin(state);
    first();
    activated("b", on(10), NAMED("B"), NULL, NULL, INT64_MIN);
    follow();
    life_begin(OF_TICKET);
    assert_int_equal(rulebook_bind(decisions.book, &life.file)->edition, 0);
    step(TICKET_SIGNED, "2024-01-02T10:00:00+08:00"); /* before any receipt */
    assert_int_equal(rulebook_bind(decisions.book, &life.file)->edition, 0);
    struct event event = event_at(TICKET_RECEIVED, "2024-01-11T10:00:00+08:00");
    happens(event);
    assert_string_equal(rulebook_bind(decisions.book, &life.file)->policy->name, "B");
    event = event_at(TICKET_RECEIVED, "2024-01-09T10:00:00+08:00"); /* arrives later, and is the first */
    happens(event);
    assert_string_equal(rulebook_bind(decisions.book, &life.file)->policy->name, "A");
    life_begin(OF_RATING);
    event = event_at(TICKET_RECEIVED, "2024-01-11T10:00:00+08:00");
    event.type = RATING_SUBMITTED;
    happens(event);
    assert_string_equal(rulebook_bind(decisions.book, &life.file)->policy->name, "B");
    life_begin(OF_TICKET); /* a link is no receipt */
    event = event_at(TICKET_RECEIVED, "2024-01-11T10:00:00+08:00");
    event.flags |= EVENT_LINK;
    happens(event);
    assert_int_equal(rulebook_bind(decisions.book, &life.file)->edition, 0);
    assert_int_equal(rulebook_edition(decisions.book, 99)->edition, decisions.book->editions - 1); /* a newer book's */
}

/* --- forgetting --- */

static void a_citizen_is_forgotten_up_to_the_decision(void **state)
{
    begin(state);
    first();
    follow();
    life_begin(OF_TICKET);
    static const char *const who[] = {"k1:AAAA:王*:138****1234:", "k1:BBBB:李*::", "k1:AAAA:王某:::", "::赵*::", "k1", "k1:AAAA"}; /* the last three have no hash */
    for (int i = 0; i < 6; i++) {
        struct event event = event_at(TICKET_RECEIVED, "2024-01-09T10:00:00+08:00");
        event.at_ms = on(9 + i);
        detail_of(&event)->citizen = text_of(who[i]);
        detail_of(&event)->title = TEXT("lift");
        happens(event);
    }
    happens(event_at(TICKET_SIGNED, "2024-01-19T11:00:00+08:00"));
    assert_false(rulebook_forget(decisions.book, &life.file));
    struct control record = {.kind = CONTROL_FORGET};
    control_citizen(record.citizen, TEXT("k1:AAAA"));
    decided(record, "f", on(10));
    follow();
    assert_true(rulebook_forget(decisions.book, &life.file));
    assert_int_equal(life.file.event[0].detail->citizen.bytes, 0);
    assert_int_equal(life.file.event[0].detail->title.bytes, 4);
    assert_true(text_equal(event_citizen(&life.file.event[1]), TEXT("k1:BBBB")));
    assert_true(text_equal(event_citizen(&life.file.event[2]), TEXT("k1:AAAA"))); /* came again after the decision */
    assert_false(rulebook_forget(decisions.book, &life.file));
    size_t index;
    assert_ptr_equal(rulebook_record(decisions.book, "f", &index), &decisions.book->record[1]);
    assert_int_equal(index, 1);
    assert_ptr_equal(rulebook_record(decisions.book, "a1", NULL), &decisions.book->record[0]);
    assert_null(rulebook_record(decisions.book, "nobody", &index));
    assert_false(rulebook_forgot(decisions.book, (struct text){0}, INT64_MIN));
    assert_false(rulebook_forgot(&(struct rulebook){.forgets = false}, TEXT("k1:AAAA"), INT64_MIN)); /* nobody was */
}

/* --- by chance --- */

/* What counts for a receipt, found record by record; NULL content: that record has none of the kind. */
static const char *content(const struct control *record, bool policy)
{
    if (policy) return record->policy ? record->policy->json : NULL;
    return record->calendar ? calendar_json(record->calendar) : NULL;
}

static bool taken_back(const struct rulebook *all, size_t count, size_t i)
{
    for (size_t k = i + 1; k < count; k++)
        if ((all->record[k].kind == CONTROL_UNDO || all->record[k].kind == CONTROL_WITHDRAW) && !strcmp(all->record[k].of, all->record[i].id)) return true;
    return false;
}

static const char *expected(const struct rulebook *all, size_t count, int64_t received_ms, bool policy)
{
    size_t upto = count;
    bool known = false, is_first = true;
    for (size_t i = 0; i < count; i++) { /* the last recalculation that covers it */
        const struct control *record = &all->record[i];
        if (record->kind != CONTROL_RECALC || taken_back(all, count, i)) continue;
        if (received_ms < record->from_ms || received_ms >= record->to_ms || received_ms >= record->at_ms) continue;
        known = true;
        upto = i;
    }
    const char *best = NULL, *left = NULL;
    int64_t best_ms = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        const struct control *record = &all->record[i];
        const char *json = record->kind == CONTROL_ACTIVATE ? content(record, policy) : NULL;
        if (!json) continue;
        int64_t from_ms = is_first ? INT64_MIN : record->from_ms != INT64_MIN ? record->from_ms : policy ? record->policy->effective_from_ms : INT64_MIN;
        int64_t at_ms = is_first ? INT64_MIN : record->at_ms;
        is_first = false;
        if (taken_back(all, count, i)) continue;
        if (!left) left = json;
        if (i >= upto || from_ms > received_ms || (!known && at_ms > received_ms) || (best && from_ms < best_ms)) continue;
        best = json;
        best_ms = from_ms;
    }
    return best ? best : left;
}

static void draw_decision(size_t n, int64_t at_ms)
{
    static const char *const policies[] = {NAMED("A") FROM("2024-01-05T00:00:00+08:00"), NAMED("B") FROM("2024-01-20T00:00:00+08:00"),
                                           NAMED("C") FROM("2024-02-10T00:00:00+08:00"), NAMED("D") FROM("2023-01-01T00:00:00+08:00")};
    static const char *const holidays[] = {"", "'01-03'", "'01-04'"}, *const versions[] = {"1", "2", "3"};
    char id[16], of[16];
    snprintf(id, sizeof id, "d%zu", n);
    snprintf(of, sizeof of, "d%u", n ? draw((uint32_t)n) : 0);
    uint32_t what = n == 0 ? 0 : draw(10), policy = draw(4), calendar = draw(3), which = n == 0 ? 0 : draw(3);
    if (what < 5) activated(id, at_ms, which < 2 ? policies[policy] : NULL, which != 1 ? versions[calendar] : NULL, holidays[calendar],
                            draw(3) ? INT64_MIN : on((int)draw(60)));
    else if (what < 7) recalculated(id, at_ms, draw(2) ? INT64_MIN : on((int)draw(50)), draw(2) ? INT64_MAX : on(10 + (int)draw(50)));
    else if (what < 9) took_back(what == 7 ? CONTROL_UNDO : CONTROL_WITHDRAW, id, at_ms, of);
    else decided((struct control){.kind = CONTROL_FORGET}, id, at_ms);
}

/* Against the search above at many instants; a shorter log's editions are those of the longer one. */
static void check_log(void)
{
    struct rulebook *whole = book_of(decisions.count);
    assert_non_null(whole);
    for (size_t count = decisions.count; count > 0; count -= 1 + draw(5) % count) {
        struct rulebook *one = book_of(count);
        assert_non_null(one);
        for (int i = 0; i < 60; i++) {
            int64_t at_ms = on((int)draw(75) - 5) + (int64_t)draw(3) - 1;
            const struct rules *rules = rulebook_at(one, at_ms);
            assert_string_equal(rules->policy->json, expected(whole, count, at_ms, true));
            assert_string_equal(calendar_json(rules->calendar), expected(whole, count, at_ms, false));
        }
        for (unsigned i = 0; i < one->editions; i++) {
            assert_string_equal(rulebook_edition(one, i)->policy->json, rulebook_edition(whole, i)->policy->json);
            assert_string_equal(calendar_json(rulebook_edition(one, i)->calendar), calendar_json(rulebook_edition(whole, i)->calendar));
            assert_int_equal(rulebook_edition(one, i)->edition, i);
        }
        rulebook_free(one);
    }
    rulebook_free(whole);
}

static void any_log_binds_as_its_records_say(void **state)
{
    for (int i = 0; i < 60; i++) {
        begin(state);
        int64_t at_ms = on(1);
        for (size_t n = 0, wanted = 2 + draw(16); n < wanted; n++) {
            at_ms += (int64_t)draw(4) * day_ms;
            draw_decision(n, at_ms);
            struct rulebook *fits = book_of(decisions.count);
            if (!fits && decisions.count) free(decisions.text[--decisions.count]);
            rulebook_free(fits);
            if (decisions.count == 0) break;
        }
        if (decisions.count) check_log();
    }
}

int main(void)
{
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_covers_what_came_earlier), cmocka_unit_test(effective_later_or_earlier_than_activated),
        cmocka_unit_test(an_option_stands_before_the_files_time), cmocka_unit_test(the_last_of_several_counts),
        cmocka_unit_test(a_version_of_an_older_policy_leaves_the_newer), cmocka_unit_test(spans_of_recalculations),
        cmocka_unit_test(a_recalculation_knows_what_was_activated_by_then), cmocka_unit_test(no_decision_reaches_what_had_shrunk_by_then), cmocka_unit_test(what_had_shrunk_before_all_decisions_comes_under_the_first),
        cmocka_unit_test(what_is_withdrawn_counts_for_nobody),
        cmocka_unit_test(the_first_may_be_withdrawn), cmocka_unit_test(what_cannot_be_followed_is_named),
        cmocka_unit_test(there_is_room_for_so_many_pairs), cmocka_unit_test(there_is_room_for_so_many_names), cmocka_unit_test(reasons_are_listed_from_their_activation_on),
        cmocka_unit_test(figures_have_the_rows_of_any_edition), cmocka_unit_test(a_case_is_bound_by_its_first_receipt),
        cmocka_unit_test(a_citizen_is_forgotten_up_to_the_decision), cmocka_unit_test(any_log_binds_as_its_records_say)};
    int failed = cmocka_run_group_tests_name("rulebook", tests, NULL, NULL);
    decisions_end();
    rulebook_close();
    return failed;
}
