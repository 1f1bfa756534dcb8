/* What a case adds to the figures: which counter, on which day, under which unit; and the class that its words give it.
 * 2024-09-02 is a Monday, and so is the 9th; five working days after it end with the 9th. */
#include "tests/unit/lives.h"

#define RECEIPT "2024-09-02T10:00:00+08:00"

static void received(const char *members)
{
    rulebook(members, "Asia/Shanghai");
    life_begin(OF_TICKET);
    happens(of_unit(event_at(TICKET_RECEIVED, RECEIPT), "wuye"));
}

/* All that a fold contributes, in its order: "received 02 wuye, open - wuye". */
static void assert_figures(const char *now, const char *expected)
{
    static const char *const names[COUNTERS] = {
        "received", "voided", "merged", "answered", "in_time", "solved", "explained", "direct", "missed", "open", "overdue", "reopened", "urged", "supervised",
        "suspended", "extended", "transferred", "returned", "contacted", "contacted_in_time", "rating_1", "rating_2", "rating_3", "rating_4", "rating_5", "default",
        "bad", "rectified", "rectified_in_time", "rectify_missed", "upheld", "called_back", "reached", "callback_1", "callback_2", "callback_3", "callback_4", "callback_5"};
    const struct fold *fold = fold_at(now);
    char text[2048] = "", one[128], date[DAY_TEXT_BYTES];
    for (size_t i = 0; i < fold->contributions; i++) {
        const struct contribution *c = &fold->contribution[i];
        if (c->day != DAY_NONE) day_print(date, c->day);
        snprintf(one, sizeof one, "%s%s %s %.*s", i ? ", " : "", names[c->counter], c->day == DAY_NONE ? "-" : date + 8, OF_TEXT(c->unit));
        text_append(text, sizeof text, one);
    }
    assert_string_equal(text, expected);
}

static void an_open_case(void **state)
{
    (void)state;
    received("");
    assert_figures("2024-09-03T10:00:00+08:00", "received 02 wuye, open - wuye");
    assert_figures("2024-09-10T10:00:00+08:00", "received 02 wuye, missed 09 wuye, open - wuye, overdue - wuye");
    life_begin(OF_TICKET);
    step(TICKET_RECEIVED, RECEIPT);
    step_to(TICKET_DISPATCHED, "2024-09-03T10:00:00+08:00", "chengguan");
    assert_figures("2024-09-04T10:00:00+08:00", "received 02 chengguan, open - chengguan"); /* the first unit there is */
}

static void an_answer_and_what_it_says(void **state)
{
    (void)state;
    received("");
    struct event answer = event_at(TICKET_ANSWERED, "2024-09-03T10:00:00+08:00");
    answer.outcome = OUTCOME_SOLVED;
    answer.flags = EVENT_DIRECT;
    happens(answer);
    assert_figures("2024-09-20T10:00:00+08:00", "answered 03 wuye, in_time 03 wuye, solved 03 wuye, direct 03 wuye, received 02 wuye");
    assert_int_equal(life.fold.outcome, OUTCOME_SOLVED);
    assert_int_equal(life.fold.milestones, 1);
    assert_int_equal(life.fold.milestone[0].clock, 0);
    received("");
    answer = event_at(TICKET_ANSWERED, "2024-09-10T10:00:00+08:00");
    answer.outcome = OUTCOME_EXPLAINED;
    happens(answer);
    assert_figures("2024-09-20T10:00:00+08:00", "answered 10 wuye, explained 10 wuye, received 02 wuye, missed 09 wuye");
    assert_int_equal(life.fold.outcome, OUTCOME_EXPLAINED);
}

static void steps_on_the_way(void **state)
{
    (void)state;
    received("'suspension': {'max_workdays': 1}, " GENERAL(MAIN("'limit_workdays': 5") ", {'clock': 'contact', 'limit_hours': 2, 'starts': 'receipt', 'stopped_by': ['ticket.contacted'],"
             " 'suspends': false, 'extends': false}, {'clock': 'visit', 'limit_hours': 2, 'starts': 'receipt', 'stopped_by': ['ticket.signed'], 'suspends': false, 'extends': false}"));
    struct event reached = event_at(TICKET_CONTACTED, "2024-09-02T12:00:00+08:00");
    reached.flags = EVENT_REACHED;
    happens(reached);
    step_to(TICKET_TRANSFERRED, "2024-09-03T10:00:00+08:00", "chengguan");
    step(TICKET_SIGNED, "2024-09-03T11:00:00+08:00"); /* stops a clock that is not the main one, nor the contact's */
    step(TICKET_URGED, "2024-09-03T12:00:00+08:00");
    step(TICKET_SUPERVISED, "2024-09-03T13:00:00+08:00");
    step(TICKET_SUSPENDED, "2024-09-03T14:00:00+08:00");
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-04T10:00:00+08:00"), 2));
    step(TICKET_RETURNED, "2024-09-05T10:00:00+08:00");
    step_to(TICKET_DISPATCHED, "2024-09-05T11:00:00+08:00", "jiedao");
    assert_figures("2024-09-06T10:00:00+08:00", "contacted 02 wuye, contacted_in_time 02 wuye, transferred 03 wuye, urged 03 chengguan, supervised 03 chengguan, suspended 03 chengguan, "
                                                "extended 04 chengguan, returned 05 chengguan, received 02 wuye, open - jiedao");
}

static void call_backs_by_their_stars(void **state)
{
    (void)state;
    received("");
    step(TICKET_ANSWERED, "2024-09-03T10:00:00+08:00");
    for (uint8_t stars = 0; stars <= 5; stars++) {
        struct event call = event_at(TICKET_CALLED_BACK, "2024-09-04T10:00:00+08:00");
        call.at_ms += stars;
        call.satisfaction = stars;
        call.flags = stars ? EVENT_REACHED : 0;
        happens(call);
    }
    assert_figures("2024-09-05T10:00:00+08:00", "answered 03 wuye, in_time 03 wuye, called_back 04 wuye, called_back 04 wuye, reached 04 wuye, callback_1 04 wuye, called_back 04 wuye, reached 04 wuye, "
                                                "callback_2 04 wuye, called_back 04 wuye, reached 04 wuye, callback_3 04 wuye, called_back 04 wuye, reached 04 wuye, callback_4 04 wuye, "
                                                "called_back 04 wuye, reached 04 wuye, callback_5 04 wuye, received 02 wuye");
    assert_int_equal(life.fold.satisfaction, 5);
    assert_int_equal(life.fold.milestones, 7);
}

static void rounds_voids_and_merges(void **state)
{
    (void)state;
    received("");
    step(TICKET_CLOSED, "2024-09-03T10:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-04T10:00:00+08:00");
    assert_figures("2024-09-05T10:00:00+08:00", "answered 03 wuye, in_time 03 wuye, reopened 04 wuye, received 02 wuye, open - wuye");
    step(TICKET_VOIDED, "2024-09-05T10:00:00+08:00");
    assert_figures("2024-09-06T10:00:00+08:00", "answered 03 wuye, in_time 03 wuye, reopened 04 wuye, received 02 wuye, voided 02 wuye");
    received("");
    step(TICKET_MERGED, "2024-09-05T10:00:00+08:00");
    assert_figures("2024-09-06T10:00:00+08:00", "received 02 wuye, merged 02 wuye");
}

static void rated(uint8_t stars, unsigned flags)
{
    rulebook_of("conf/policy/meilong-2024.json");
    life_begin(OF_RATING);
    struct event rating = of_unit(event_at(RATING_SUBMITTED, RECEIPT), "dating");
    rating.satisfaction = stars;
    rating.flags |= (uint16_t)flags;
    happens(rating);
}

static void ratings_by_their_stars(void **state)
{
    (void)state;
    static const char *const expected[] = {NULL, "rating_1 02 dating, bad 02 dating", "rating_2 02 dating, bad 02 dating", "rating_3 02 dating", "rating_4 02 dating", "rating_5 02 dating"};
    for (uint8_t stars = 1; stars <= 5; stars++) {
        rated(stars, 0);
        assert_figures("2024-09-03T10:00:00+08:00", expected[stars]);
        assert_int_equal(life.fold.satisfaction, stars);
        rated(stars, EVENT_DEFAULT);
        assert_figures("2024-09-03T10:00:00+08:00", "default 02 dating");
    }
}

static void a_bad_review_and_what_came_of_it(void **state)
{
    (void)state;
    rated(1, 0);
    assert_figures("2024-09-10T10:00:00+08:00", "rating_1 02 dating, bad 02 dating, rectify_missed 02 dating");
    step(RATING_RECTIFIED, "2024-09-11T10:00:00+08:00");
    assert_figures("2024-09-12T10:00:00+08:00", "rating_1 02 dating, bad 02 dating, rectified 02 dating, rectify_missed 02 dating");
    rated(1, 0);
    step(RATING_RECTIFIED, "2024-09-03T10:00:00+08:00");
    assert_figures("2024-09-12T10:00:00+08:00", "rating_1 02 dating, bad 02 dating, rectified 02 dating, rectified_in_time 02 dating");
    assert_int_equal(life.fold.milestones, 1);
    step(RATING_APPEAL_UPHELD, "2024-09-04T10:00:00+08:00");
    assert_figures("2024-09-12T10:00:00+08:00", "upheld 02 dating");
    rated(1, 0);
    step(RATING_APPEALED, "2024-09-03T10:00:00+08:00");
    step(RATING_APPEAL_REJECTED, "2024-09-04T10:00:00+08:00");
    assert_figures("2024-09-05T10:00:00+08:00", "rating_1 02 dating, bad 02 dating");
}

/* --- the class that its words give it --- */

#define WORDS                                                                                                                         \
    CLASSES(CLASS("general", MAIN("'limit_workdays': 5")) ", " CLASS("holes", MAIN("'limit_workdays': 1")) ", " CLASS("north", MAIN("'limit_workdays': 2")) ", " \
            CLASS("letters", MAIN("'limit_workdays': 3")) ", " CLASS("pressing", MAIN("'limit_workdays': 4")))                         \
    ", 'rules': [{'of': 'ticket', 'item': ['Pothole'], 'class': 'holes'}, {'of': 'ticket', 'area': ['north'], 'class': 'north'},"     \
    " {'of': 'ticket', 'channel': ['letter'], 'class': 'letters'}, {'of': 'ticket', 'urgency': ['urgent'], 'class': 'pressing'},"     \
    " {'of': 'ticket', 'kind': ['praise'], 'class': 'pressing'}, {'of': 'ticket', 'class': 'general'}, {'of': 'rating', 'class': 'rating'}]"

static struct event with_item(struct event event, const char *item)
{
    detail_of(&event)->item = text_of(item);
    event.flags |= EVENT_HAS_ITEM;
    return event;
}

static void assert_class(const char *expected)
{
    assert_string_equal(book.policy->class[fold_at("2024-09-05T10:00:00+08:00")->class].name, expected);
    assert_int_equal(life.fold.clock[0].rule->limit.amount, book.policy->class[life.fold.class].clock[0].limit.amount);
}

static void the_words_of_a_receipt_give_its_class(void **state)
{
    (void)state;
    rulebook(WORDS, "Asia/Shanghai");
    life_begin(OF_TICKET);
    happens(with_item(event_at(TICKET_RECEIVED, RECEIPT), "Pothole"));
    assert_class("holes");
    assert_true(text_equal(life.fold.item, TEXT("Pothole")));
    life_begin(OF_TICKET);
    struct event receipt = event_at(TICKET_RECEIVED, RECEIPT);
    detail_of(&receipt)->area = TEXT("north");
    receipt.flags |= EVENT_HAS_AREA;
    happens(receipt);
    assert_class("north");
    life_begin(OF_TICKET);
    receipt = event_at(TICKET_RECEIVED, RECEIPT);
    detail_of(&receipt)->channel = TEXT("letter");
    receipt.flags |= EVENT_HAS_CHANNEL;
    happens(receipt);
    assert_class("letters");
    life_begin(OF_TICKET);
    receipt = event_at(TICKET_RECEIVED, RECEIPT);
    receipt.urgency = URGENCY_URGENT;
    happens(receipt);
    assert_class("pressing");
}

static void amendments_replace_them_until_the_case_is_void(void **state)
{
    (void)state;
    rulebook(WORDS, "Asia/Shanghai");
    life_begin(OF_TICKET);
    happens(with_item(event_at(TICKET_RECEIVED, RECEIPT), "Pothole"));
    happens(with_item(event_at(TICKET_AMENDED, "2024-09-03T10:00:00+08:00"), "Kerb"));
    assert_class("general");
    struct event amended = event_at(TICKET_AMENDED, "2024-09-03T11:00:00+08:00");
    detail_of(&amended)->title = TEXT("坑");
    amended.flags = EVENT_HAS_TITLE; /* says nothing of the item */
    amended.urgency = URGENCY_URGENT;
    happens(amended);
    assert_class("pressing");
    assert_true(text_equal(life.fold.item, TEXT("Kerb")) && text_equal(life.fold.title, TEXT("坑")));
    amended = event_at(TICKET_AMENDED, "2024-09-03T12:00:00+08:00");
    amended.urgency = URGENCY_NORMAL;
    amended.kind = KIND_PRAISE;
    happens(amended);
    assert_class("pressing");
    for (enum event_type type = TICKET_VOIDED; type <= TICKET_MERGED; type++) {
        life_begin(OF_TICKET);
        happens(with_item(event_at(TICKET_RECEIVED, RECEIPT), "Pothole"));
        step(type, "2024-09-03T10:00:00+08:00");
        happens(with_item(event_at(TICKET_AMENDED, "2024-09-03T11:00:00+08:00"), "Kerb"));
        assert_class("holes");
        life_begin(OF_TICKET);
        happens(with_item(event_at(TICKET_RECEIVED, RECEIPT), "Pothole"));
        struct event itself = event_at(type, "2024-09-03T10:00:00+08:00"); /* a merge into itself is none */
        itself.flags = EVENT_VOID_OF_EFFECT;
        happens(itself);
        happens(with_item(event_at(TICKET_AMENDED, "2024-09-03T11:00:00+08:00"), "Kerb"));
        assert_class("general");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_case), cmocka_unit_test(an_answer_and_what_it_says), cmocka_unit_test(steps_on_the_way),
        cmocka_unit_test(call_backs_by_their_stars), cmocka_unit_test(rounds_voids_and_merges), cmocka_unit_test(ratings_by_their_stars),
        cmocka_unit_test(a_bad_review_and_what_came_of_it), cmocka_unit_test(the_words_of_a_receipt_give_its_class),
        cmocka_unit_test(amendments_replace_them_until_the_case_is_void)};
    int failed = cmocka_run_group_tests_name("contributions", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
