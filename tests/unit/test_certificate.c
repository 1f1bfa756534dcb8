/* What is certified can be worked out again from the certificate alone, and any bit of it that is not as it was made is noticed.
 * EVERY_BIT=1 flips each bit of all of it; without, each bit of what it rests on and one of each byte of the rest (a check costs
 * half a millisecond). */
#include <time.h>

#include "sla/case_json.h"
#include "sla/certificate_check.h"
#include "sla/event_json.h"
#include "tests/unit/lives.h"

#define SMALL_POLICY                                                                                                                  \
    "'classes': [{'class': 'a', 'of': 'ticket', 'clocks': [{'clock': 'c', 'limit_hours': 1, 'starts': 'receipt', 'suspends': true, 'extends': true}]}," \
    "{'class': 'rating', 'of': 'rating', 'clocks': []}], 'rules': [{'of': 'ticket', 'class': 'a'}, {'of': 'rating', 'class': 'rating'}]"

/* A zone is read by 20,000 questions to the C library. Where thousands of certificates are read, all are of one offset. */
static bool one_offset;
struct tm *localtime_r(const time_t *at, struct tm *tm)
{
    if (one_offset) *tm = (struct tm){.tm_gmtoff = 8 * 3600};
    else *tm = *localtime(at);
    return tm;
}

static char *made(int64_t as_of_ms)
{
    json_t *certificate = certificate_make(&life.file, &book.rules, as_of_ms);
    char *line = certificate ? certificate_line(certificate) : NULL;
    json_decref(certificate);
    return line;
}

static void assert_holds(const char *line)
{
    char fault[CERTIFICATE_FAULT_BYTES];
    if (!certificate_holds(line, strlen(line), NULL, fault)) fail_msg("%s\n%s", fault, line);
}

/* An empty calendar of weekends, so that the certificate is small. */
static void small_book(void)
{
    static const char calendar[] = "{\"calendar\": \"t\", \"version\": \"1\", \"provisional_holidays\": [], \"years\": []}";
    char error[256];
    rulebook(SMALL_POLICY, "Asia/Shanghai");
    calendar_free(book.calendar);
    book.calendar = calendar_parse(calendar, strlen(calendar), "calendar", error, sizeof error);
    ruleset_complete(&book);
    life.rules = book.rules;
}

static char *small_certificate(void)
{
    small_book();
    life_begin(OF_TICKET);
    life.file.id = TEXT("1");
    life.keys = 0;
    happens(of_unit(event_at(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00"), "w"));
    step(TICKET_SIGNED, "2024-09-02T10:30:00+08:00");
    return made(ms("2024-09-02T12:00:00+08:00"));
}

/* --- what is made holds --- */

static void whatever_happened_is_certified(void **state)
{
    (void)state;
    static const char *const files[] = {"conf/policy/city-hours.json", "conf/policy/foi-2019.json", "conf/policy/meilong-2024.json", "conf/policy/shanghai-street-2018.json"};
    for (int i = 0; i < 320; i++) {
        if (i % 80 == 0) rulebook_of(files[i / 80]);
        one_offset = i % 80 > 4;
        drawn_life(i % 6 ? OF_TICKET : OF_RATING, 24);
        int64_t now_ms = drawn_now();
        char *line = made(now_ms);
        if (line) assert_holds(line);
        else assert_int_equal(fold_as_of(now_ms)->class, -1);
        free(line);
    }
    one_offset = false;
}

static void and_in_another_zone_by_rules_of_ones_own(void **state)
{
    (void)state;
    static const char *const dues[] = {"ours", "theirs", "earlier"};
    for (int i = 0; i < 3; i++) {
        char members[2048];
        snprintf(members, sizeof members, "%s, 'due': '%s', 'source': 'a rule', %s", DUTY, dues[i],
                 GENERAL(MAIN("'limit_days': 3") ", {'clock': 'part', 'kind': 'share', 'limit_work_hours': 20, 'counting': {'calendar': 'duty'}, 'suspends': true, 'extends': true}, "
                              "{'clock': 'side', 'kind': 'member', 'limit_hours': 20, 'suspends': true, 'extends': true}"));
        rulebook(members, "America/New_York");
        for (int k = 0; k < 15; k++) {
            drawn_life(OF_TICKET, 30);
            char *line = made(drawn_now());
            if (line) assert_holds(line);
            free(line);
        }
    }
}

static void it_is_as_of_an_instant(void **state)
{
    (void)state;
    rulebook("", "Asia/Shanghai");
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00", "wuye");
    step(TICKET_ANSWERED, "2024-09-03T10:00:00+08:00");
    assert_null(made(ms("2024-09-02T09:59:59.999+08:00")));
    char *open = made(ms("2024-09-03T09:59:59.999+08:00")), *answered = made(ms("2024-09-03T10:00:00+08:00"));
    assert_holds(open);
    assert_holds(answered);
    assert_non_null(strstr(open, "\"as_of\":\"2024-09-03T09:59:59.999+08:00\""));
    assert_null(strstr(open, "ticket.answered\",\"data\""));
    assert_non_null(strstr(open, "\"outcome\":\"running\""));
    assert_non_null(strstr(answered, "\"outcome\":\"met\""));
    free(open);
    free(answered);
}

/* --- what is altered does not --- */

static void one_flipped_bit_fails(void **state)
{
    (void)state;
    char fault[CERTIFICATE_FAULT_BYTES], *line = small_certificate();
    size_t bytes = strlen(line), inputs = (size_t)(strstr(line, "\"rules\":{\"policy\"") - line);
    bool every = getenv("EVERY_BIT") != NULL;
    one_offset = true;
    assert_holds(line);
    for (size_t i = 0; i < bytes; i++) {
        for (size_t bit = 0; bit < 8; bit++) {
            if (!every && i >= inputs && bit != i % 8) continue;
            line[i] = (char)(line[i] ^ 1 << bit);
            if (certificate_holds(line, bytes, NULL, fault)) fail_msg("bit %zu of byte %zu: it holds\n%s", bit, i, line);
            assert_true(*fault != 0);
            line[i] = (char)(line[i] ^ 1 << bit);
        }
    }
    assert_holds(line);
    for (size_t i = 0; i < bytes; i += 7) assert_false(certificate_holds(line, i, NULL, fault)); /* nor one cut short */
    one_offset = false;
    free(line);
}

/* The small certificate with `from` replaced by `to` is refused for this reason. */
static void assert_refused(const char *from, const char *to, const char *reason)
{
    char fault[CERTIFICATE_FAULT_BYTES] = "", changed[1 << 14], *line = small_certificate();
    char *old = quoted(from), *new = quoted(to), *at = strstr(line, old);
    if (!at) fail_msg("there is no %s in %s", old, line);
    assert_in_range(snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - line), line, new, at + strlen(old)), 1, sizeof changed - 1);
    assert_false(certificate_holds(changed, strlen(changed), NULL, fault));
    if (strncmp(fault, reason, strlen(reason)) != 0) fail_msg("%s, not %s", fault, reason);
    free(old);
    free(new);
    free(line);
}

#define SECOND "{'key':'0200000000000000','time':'2024-09-02T10:30:00+08:00','type':'ticket.signed','data':{}}"

static void what_is_altered_is_named(void **state)
{
    (void)state;
    static const char *const alterations[][3] = {
        {"{'certificate'", "['certificate'", "no JSON: "},
        {"{'certificate':1", "{'certificate':1,'certificate':1", "no JSON: duplicate object key"},
        {"'certificate':1", "'certificate':2", "certificate: expected format 1"},
        {"'certificate':1", "'certificate':'1'", "certificate: expected format 1"},
        {"'case':'1'", "'case':''", "inputs.case: expected a case"},
        {"'case':'1'", "'case':1", "inputs.case: expected a case"},
        {"'of':'ticket'", "'of':'tickets'", "inputs.of: expected ticket or rating"},
        {"'of':'ticket'", "'of':1", "inputs.of: expected ticket or rating"},
        {"'as_of':'2024", "'as_of':'1994", "inputs.as_of: expected a time from 2000 to 2199"},
        {"'zone':'Asia/Shanghai'", "'zone':'Asia/Nowhere'", "inputs.zone: no such time zone on this machine"},
        {"'zone':'Asia/Shanghai'", "'zone':8", "inputs.zone: no such time zone on this machine"},
        {"'zone':'Asia/Shanghai'", "'zone':'UTC'", "inputs_sha256: the inputs are not those"},
        {"'policy':{'policy'", "'policy':1,'p':{'policy'", "inputs: expected policy and calendar"},
        {"'calendar':{'calendar'", "'p':{'calendar'", "inputs: expected policy and calendar"},
        {"'limit_hours':1", "'limit_hours':0", "inputs.policy: classes[0].clocks[0]: limit_hours: expected"},
        {"'limit_hours':1", "'limit_hours':2", "inputs_sha256: the inputs are not those"},
        {"'years':[]", "'years':1", "inputs.calendar: years: expected an array"},
        {"'years':[]", "'years':[{'year':2024,'holidays':['09-02'],'makeup_workdays':[]}]", "inputs_sha256: the inputs are not those"},
        {"'events':[", "'events':{'1':1},'e':[", "inputs.events: expected an array"},
        {"'key':'0100", "'key':'0x00", "inputs.events[0]: key: expected 16 hex digits"},
        {"'key':'0100", "'key':'00", "inputs.events[0]: key: expected 16 hex digits"},
        {"'key':'0200", "'key':'0100", "inputs.events[1]: there twice, or too many"},
        {"'type':'ticket.received'", "'type':'ticket.amended'", "inputs.events: no receipt"},
        {"'kind':'complaint'", "'kind':'complain'", "inputs.events[0]: data.kind: found \"complain\", expected"},
        {"'kind':'complaint'", "'kind':'help'", "inputs_sha256: the inputs are not those"},
        {"'unit':'w'", "'unit':'x'", "inputs_sha256: the inputs are not those"},
        {"," SECOND, "", "inputs_sha256: the inputs are not those"},
        {"'as_of':'2024-09-02T12", "'as_of':'2024-09-02T13", "inputs_sha256: the inputs are not those"},
        {"'outcome':'overdue','overdue_ms':3600000", "'outcome':'overdue','overdue_ms':3600001", "case.clocks[0].overdue_ms: not what follows"},
        {"'granted_workdays':0", "'granted_workdays':1", "clocks[0].granted_workdays: not what follows"},
        {"'counted':true", "'counted':false", "clocks[0].days[0].counted: not what follows"},
        {"'due':null", "'due':{}", "due: not what follows"},
        {"'due':null", "'due': null", "its text: not what follows"},
        {"'due':null,", "", "its text: not what follows"}, /* something missing at the top */
        {"'granted_workdays':0,", "", "clocks[0]: not what follows"},
        {"'words':{'zh':[", "'words':{'zh':['',", "words.zh[0]: not what follows"},
        {",'结果:已逾期未办。']", "]", "words.zh: not what follows"},
        {"'state':'signed'", "'state':'Signed'", "case.state: not what follows"},
    };
    for (size_t i = 0; i < sizeof alterations / sizeof *alterations; i++) assert_refused(alterations[i][0], alterations[i][1], alterations[i][2]);
}

static void what_is_no_certificate_is_refused(void **state)
{
    (void)state;
    char fault[CERTIFICATE_FAULT_BYTES];
    json_t *read = NULL;
    assert_false(certificate_holds("[]", 2, &read, fault));
    assert_string_equal(fault, "certificate: expected format 1");
    assert_true(json_is_array(read));
    json_decref(read);
    assert_false(certificate_holds("nonsense", 8, &read, fault));
    assert_null(read);
    assert_false(certificate_holds("not read", (size_t)CERTIFICATE_MAX_BYTES + 1, NULL, fault));
    assert_memory_equal(fault, "longer than ", 12);
    char *line = small_certificate(), id[200] = "";
    for (int i = 0; i < 129; i++) text_append(id, sizeof id, "1");
    life.file.id = text_of(id);
    free(line);
    line = made(ms("2024-09-02T12:00:00+08:00"));
    assert_false(certificate_holds(line, strlen(line), NULL, fault));
    assert_string_equal(fault, "inputs.case: expected a case");
    free(line);
}

/* --- events as they are written in it --- */

static struct decoder *decoder;

static void assert_same_text(struct text a, struct text b)
{
    assert_true(text_equal(a, b));
}

/* All that the fold looks at. */
static void assert_same_event(const struct event *a, const struct event *b)
{
    static const struct event_detail none;
    const struct event_detail *x = a->detail ? a->detail : &none, *y = b->detail ? b->detail : &none;
    bool code = policy_reason(book.policy, x->reason) != NULL;
    assert_int_equal(event_compare(a, b), 0);
    assert_memory_equal(((uint8_t[]){a->kind, a->urgency, a->outcome, a->satisfaction, a->days}),
                        ((uint8_t[]){b->kind, b->urgency, b->outcome, b->satisfaction, b->days}), 5);
    assert_int_equal(a->flags, b->flags);
    assert_same_text(a->unit, b->unit);
    assert_same_text(x->item, y->item);
    assert_same_text(x->area, y->area);
    assert_same_text(x->channel, y->channel);
    assert_same_text(x->target, y->target);
    assert_same_text(x->co_units, y->co_units);
    assert_same_text(code ? x->reason : (struct text){0}, y->reason);
    assert_int_equal(x->due_ms, y->due_ms);
}

static void an_event_comes_back_as_it_was(void **state)
{
    (void)state;
    struct pool pool = {0};
    rulebook_of("conf/policy/city-hours.json");
    for (int i = 0; i < 400; i++) {
        drawn_life(i % 4 ? OF_TICKET : OF_RATING, 24);
        for (size_t k = 0; k < life.file.events; k++) {
            char reason[EVENT_REASON_BYTES];
            struct event back;
            json_t *json = event_to_json(&life.file.event[k], &life.rules);
            const char *why = event_from_json(json, life.file.of, life.file.id, decoder, book.policy, &pool, &back, reason);
            if (why) fail_msg("%s: %s", why, json_dumps(json, 0));
            assert_same_event(&life.file.event[k], &back);
            json_decref(json);
        }
        pool_clear(&pool);
    }
    pool_free(&pool);
}

static void assert_event_refused(const char *text, const char *reason)
{
    char found[EVENT_REASON_BYTES];
    struct pool pool = {0};
    struct event event;
    json_t *json = quoted_json(text);
    const char *why = event_from_json(json, OF_TICKET, TEXT("1"), decoder, book.policy, &pool, &event, found);
    if (!why) fail_msg("%s is read", text);
    if (!strstr(why, reason)) fail_msg("%s, not %s", why, reason);
    json_decref(json);
    pool_free(&pool);
}

static void what_is_read_back_is_what_counts(void **state)
{
    (void)state;
    char reason[EVENT_REASON_BYTES];
    struct pool pool = {0};
    rulebook_of("conf/policy/city-hours.json");
    struct event event = event_at(TICKET_AMENDED, "2024-09-02T10:00:00+08:00"), back;
    event.unit = TEXT("wuye"); /* a unit, though nothing says that there is one */
    json_t *json = event_to_json(&event, &life.rules);
    assert_null(event_from_json(json, OF_TICKET, TEXT("1"), decoder, book.policy, &pool, &back, reason));
    assert_true(back.flags & EVENT_HAS_UNIT && text_equal(back.unit, event.unit));
    assert_string_equal(event_from_json(json, OF_TICKET, TEXT("\xff"), decoder, book.policy, &pool, &back, reason), "expected an event"); /* of no such case */
    json_decref(json);
    json = quoted_json("{'key': '0123456789abcdef', 'time': '2024-09-02T10:00:00+08:00', 'type': 'ticket.suspended', 'data': {'reason': 'weather'}}");
    assert_null(event_from_json(json, OF_TICKET, TEXT("1"), decoder, book.policy, &pool, &back, reason));
    assert_null(back.detail); /* no reason that the policy lists */
    json_decref(json);
    pool_free(&pool);
}

#define EVENT(more) "{'key': '0123456789abcdef', 'time': '2024-09-02T10:00:00+08:00'" more "}"

static void what_no_feed_may_bring_is_refused(void **state)
{
    (void)state;
    assert_event_refused("{'key': '0011223344556677', 'time': '2024-09-02T10:00:00+08:00', 'type': 'rating.published', 'data': {}}", "no event of this case");
    assert_event_refused("{}", "key: expected 16 hex digits");
    assert_event_refused("[]", "key: expected 16 hex digits");
    assert_event_refused("{'key': '0123456789ABCDEF'}", "key: expected 16 hex digits");
    assert_event_refused(EVENT(", 'type': 'ticket.merged', 'link': 5"), "link: expected text");
    assert_event_refused(EVENT(""), "type: found null");
    assert_event_refused(EVENT(", 'type': 'ticket.grown'"), "type: found \"ticket.grown\"");
    assert_event_refused("{'key': '0123456789abcdef', 'type': 'ticket.signed'}", "time: found null");
    assert_event_refused(EVENT(", 'type': 'ticket.signed', 'data': []"), "data: found an array");
    assert_event_refused(EVENT(", 'type': 'ticket.merged', 'link': '2', 'data': []"), "data: found an array");
    assert_event_refused(EVENT(", 'type': 'ticket.merged', 'link': '2'"), "data.into: found nothing");
    assert_event_refused(EVENT(", 'type': 'ticket.merged', 'link': '', 'data': {}"), "subject: found");
}

static void a_link_says_which_case_it_is_seen_from(void **state)
{
    (void)state;
    small_book();
    life_begin(OF_TICKET);
    step(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00");
    struct event link = event_at(TICKET_MERGED, "2024-09-02T10:10:00+08:00"), rated = event_at(RATING_SUBMITTED, "2024-09-02T10:20:00+08:00");
    link.flags = EVENT_LINK;
    detail_of(&link)->target = TEXT("ML2024090200009");
    happens(link);
    rated.flags = EVENT_LINK | EVENT_DEFAULT;
    rated.satisfaction = 5;
    happens(rated);
    char *line = made(ms("2024-09-02T11:00:00+08:00"));
    assert_non_null(strstr(line, "\"type\":\"ticket.merged\",\"link\":\"ML2024090200009\",\"data\":{}"));
    assert_non_null(strstr(line, "\"type\":\"rating.submitted\",\"link\":\"\",\"data\":{\"satisfaction\":5,\"default\":true}"));
    assert_holds(line);
    free(line);
}

/* --- what it says --- */

/* Has the certificate of the case as it is at an instant this text? */
static void assert_says(const char *now, const char *text)
{
    char *line = made(ms(now)), *wanted = quoted(text);
    if (!strstr(line, wanted)) fail_msg("no %s in %s", wanted, line);
    assert_holds(line);
    free(wanted);
    free(line);
}

static void it_says_who_owes_the_next_step(void **state)
{
    (void)state;
    rulebook(GENERAL(MAIN("'limit_workdays': 5") ", {'clock': 'approval', 'kind': 'approval', 'limit_hours': 3, 'suspends': false, 'extends': false}, "
                     "{'clock': 'member', 'kind': 'member', 'limit_hours': 5, 'suspends': false, 'extends': false}"), "Asia/Shanghai");
    life_begin(OF_TICKET);
    happens(with_co_units(event_at(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00"), CO_UNITS("shequ")));
    step_to(TICKET_DISPATCHED, "2024-09-02T11:00:00+08:00", "wuye");
    step_to(TICKET_TRANSFERRED, "2024-09-02T12:00:00+08:00", "chengguan");
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-02T12:30:00+08:00"), 2));
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-02T13:00:00+08:00"), 2));
    step(TICKET_SUSPENDED, "2024-09-02T14:00:00+08:00");
    const char *now = "2024-09-02T15:00:00+08:00";
    assert_says(now, "'from':'2024-09-02T10:00:00+08:00','to':'2024-09-02T11:00:00+08:00','by':'dispatcher','unit':null,'clock':null}");
    assert_says(now, "'from':'2024-09-02T11:00:00+08:00','to':'2024-09-02T12:00:00+08:00','by':'handler','unit':'wuye','clock':null}");
    assert_says(now, "'from':'2024-09-02T12:00:00+08:00','to':'2024-09-02T14:00:00+08:00','by':'handler','unit':'chengguan','clock':null}");
    assert_says(now, "'from':'2024-09-02T14:00:00+08:00','to':null,'by':null,'unit':null,'clock':null}");
    assert_says(now, "'from':'2024-09-02T12:30:00+08:00','to':'2024-09-02T13:00:00+08:00','by':'approver','unit':null,'clock':'approval'}");
    assert_says(now, "'from':'2024-09-02T10:00:00+08:00','to':null,'by':'handler','unit':'shequ','clock':'member'}");
    assert_says(now, "'type':'ticket.extension_granted','effect':'done','state':'dispatched','class':'general','round':1,'unit':'chengguan','days_granted':2}");
    assert_says(now, "Outcome: suspended.");
    assert_says(now, "2 working days granted");
    assert_says(now, "延长 2 个工作日");
}

static void a_rating_is_owed_by_its_handler(void **state)
{
    (void)state;
    rulebook_of("conf/policy/city-hours.json");
    life_begin(OF_RATING);
    step(RATING_VERIFIED, "2024-09-02T09:00:00+08:00"); /* before the rating */
    struct event rating = event_at(RATING_SUBMITTED, "2024-09-02T10:00:00+08:00");
    rating.satisfaction = 1;
    happens(rating);
    assert_says("2024-09-02T11:00:00+08:00", "'by':'handler','unit':null,'clock':null}");
    assert_says("2024-09-02T11:00:00+08:00", "'type':'rating.verified','effect':'before-receipt','state':'incomplete','class':null,'round':1,'unit':null}");
}

static void it_says_how_each_clock_counts(void **state)
{
    (void)state;
    rulebook(DUTY ", 'source': 'a rule', 'due': 'earlier', " GENERAL(MAIN("'limit_work_hours': 17") ", {'clock': 'd', 'limit_days': 1, 'counting': {'calendar': 'duty'}, 'starts': 'receipt',"
             " 'stopped_by': ['ticket.signed'], 'suspends': false, 'extends': true}"), "Asia/Shanghai");
    life_begin(OF_TICKET);
    happens(with_due(of_unit(event_at(TICKET_RECEIVED, "2026-12-31T10:00:01+08:00"), "wuye"), "2027-01-02T10:00:00+08:00"));
    step(TICKET_SUSPENDED, "2026-12-31T11:00:00+08:00");
    step(TICKET_RESUMED, "2026-12-31T12:00:00+08:00");
    step(TICKET_SIGNED, "2026-12-31T13:00:00.250+08:00");
    const char *now = "2027-01-01T09:00:00+08:00";
    assert_says(now, "'limit':{'unit':'work_hours','amount':17},'calendar':null,'counted_from':'2026-12-31T10:00:01+08:00','day_zero':null,'granted_workdays':0,'suspended_ms':3600000,");
    assert_says(now, "'limit':{'unit':'days','amount':1},'calendar':'duty','counted_from':'2026-12-31T10:00:01+08:00','day_zero':'2026-12-31','granted_workdays':0,'suspended_days':0,");
    assert_says(now, "'theirs':'2027-01-04T10:00:00+08:00'"); /* moved by an hour of work: Saturday and Sunday have none */
    assert_says(now, "{'year':2026,'source':null,'published':true},{'year':2027,'source':null,'published':false}");
    assert_says(now, "Calendar of 2026: published.");
    assert_says(now, "Calendar of 2027: not published yet, weekends and fixed holidays for now.");
    assert_says(now, "by policy the earlier counts.");
    assert_says(now, "60 minutes for suspension");
    assert_says(now, "calendar is not published yet).");
    assert_says(now, "Outcome: met, 2026-12-31 13:00:00.");
    assert_says(now, "Received 2026-12-31 10:00:01, class general; as of 2027-01-01 09:00 it is signed.");
    assert_says(now, "Under policy test, a rule; calendar cn-state-council 2026-1; zone Asia/Shanghai.");
}

static void both_languages_say_as_much(void **state)
{
    (void)state;
    rulebook_of("conf/policy/city-hours.json");
    for (int i = 0; i < 100; i++) {
        drawn_life(OF_TICKET, 24);
        json_t *certificate = certificate_make(&life.file, &book.rules, life.file.event[life.file.events - 1].at_ms), *words = json_object_get(certificate, "words");
        assert_int_equal(json_array_size(json_object_get(words, "zh")), json_array_size(json_object_get(words, "en")));
        assert_true(json_array_size(json_object_get(words, "en")) > 4);
        json_decref(certificate);
    }
}

int main(void)
{
    decoder = decoder_new();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happened_is_certified), cmocka_unit_test(and_in_another_zone_by_rules_of_ones_own),
        cmocka_unit_test(it_is_as_of_an_instant), cmocka_unit_test(one_flipped_bit_fails), cmocka_unit_test(what_is_altered_is_named),
        cmocka_unit_test(what_is_no_certificate_is_refused), cmocka_unit_test(an_event_comes_back_as_it_was),
        cmocka_unit_test(what_is_read_back_is_what_counts), cmocka_unit_test(what_no_feed_may_bring_is_refused), cmocka_unit_test(a_link_says_which_case_it_is_seen_from),
        cmocka_unit_test(it_says_who_owes_the_next_step), cmocka_unit_test(a_rating_is_owed_by_its_handler),
        cmocka_unit_test(it_says_how_each_clock_counts), cmocka_unit_test(both_languages_say_as_much)};
    int failed = cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
    decoder_free(decoder);
    rulebook_close();
    return failed;
}
