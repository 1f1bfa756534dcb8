/* Who gets a notice, through what, and what `check` says of it; against the example town below. */
#include <time.h>

#include "common/zone.h"
#include "notify/route.h"
#include "tests/unit/unit.h"

static struct calendar *calendar;

/* --- a configuration --- */

enum { ENDPOINTS = 12 };
static struct {
    struct config_endpoint config[ENDPOINTS];
    struct endpoint endpoint[ENDPOINTS];
    char *words[ENDPOINTS][2][8];
    struct endpoints all;
    struct units *units;
    struct routing routing;
    struct route route;
} town;

static void words(struct config_list *list, char **room, const char *text)
{
    static char kept[4096];
    static size_t used;
    char *copy = kept + used;
    used += strlen(text) + 1;
    assert_true(used < sizeof kept);
    strcpy(copy, text);
    *list = (struct config_list){room, 0};
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) room[list->count++] = word;
}

static void endpoint(const char *name, enum config_channel channel, const char *units, const char *roles, const char *fallback)
{
    size_t i = town.all.count++;
    struct config_endpoint *config = &town.config[i];
    *config = (struct config_endpoint){.name = (char *)(uintptr_t)name, .channel = channel, .fallback = (char *)(uintptr_t)fallback};
    words(&config->units, town.words[i][0], units);
    words(&config->roles, town.words[i][1], roles);
    town.endpoint[i].config = config;
}

static void begin(void)
{
    memset(&town, 0, sizeof town);
    town.all.at = town.endpoint;
}

static void open_town(const char *json)
{
    struct buffer faults;
    buffer_init(&faults, UNITS_FAULTS_BYTES);
    town.units = json ? units_parse(json, strlen(json), "units.json", &faults) : NULL;
    if (json && !town.units) fail_msg("%s", buffer_text(&faults));
    buffer_free(&faults);
    routing_open(&town.routing, &town.all, town.units, calendar);
}

static void close_town(void)
{
    routing_close(&town.routing);
    units_free(town.units);
}

static const char json[] =
    "{\"version\":\"1\",\"dispatcher\":\"p\",\"supervision\":\"j\",\"circulation\":\"t\",\"people\":["
    "{\"person\":\"li\",\"contacts\":[{\"endpoint\":\"mail\",\"address\":\"li@example.cn\"},{\"endpoint\":\"sms\",\"address\":\"13800000000\"}],\"absences\":[{\"from\":\"2026-05-06\",\"until\":\"2026-05-08\"}],\"substitutes\":[\"wang\"]},"
    "{\"person\":\"wang\",\"name\":\"王\",\"contacts\":[{\"endpoint\":\"robot\",\"address\":\"13800000001\"}]},"
    "{\"person\":\"boss\",\"contacts\":[{\"endpoint\":\"mail\",\"address\":\"boss@example.cn\"}]},{\"person\":\"mute\"},"
    "{\"person\":\"pai\",\"contacts\":[{\"endpoint\":\"mail\",\"address\":\"pai@example.cn\"}]},{\"person\":\"jian\",\"contacts\":[{\"endpoint\":\"mail\",\"address\":\"jian@example.cn\"}]}],"
    "\"units\":[{\"unit\":\"u\",\"handlers\":[\"li\"],\"leaders\":[\"boss\"]},{\"unit\":\"v\",\"handlers\":[\"wang\",\"li\"],\"leaders\":[\"mute\"]},"
    "{\"unit\":\"w\",\"handlers\":[\"mute\"]},{\"unit\":\"p\",\"handlers\":[\"pai\"]},{\"unit\":\"j\",\"handlers\":[\"jian\"],\"leaders\":[\"boss\"]},{\"unit\":\"t\",\"handlers\":[\"mute\"]},"
    "{\"unit\":\"old\",\"handlers\":[\"boss\"],\"until\":\"2025-12-31\",\"successor\":\"u\"}]}";

static void open_usual(void)
{
    begin();
    endpoint("mail", CHANNEL_EMAIL, "-", "*", "mail2");
    endpoint("mail2", CHANNEL_EMAIL, "-", "*", "");
    endpoint("sms", CHANNEL_SMS, "-", "*", "robot");
    endpoint("robot", CHANNEL_WECOM, "v", "handler", "hook");
    endpoint("hook", CHANNEL_WEBHOOK, "v x", "*", "");
    open_town(json);
}

static struct text text(const char *s)
{
    return (struct text){s, strlen(s)};
}

static unsigned bits(const char *roles)
{
    unsigned all = 0;
    char copy[128];
    snprintf(copy, sizeof copy, "%s", roles);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        for (int role = 0; role < ROLES; role++)
            if (!strcmp(word, role_name((enum role)role))) all |= 1u << role;
    return all;
}

/* The route as "li(handler)=mail:li@example.cn,sms:13800000000 [](handler)=hook", "!" before it where it goes elsewhere. */
static void goes_to(struct route_question question, const char *expected)
{
    static char said[4096];
    *said = 0;
    route_find(&town.route, &town.routing, &question);
    text_append(said, sizeof said, town.route.elsewhere ? "! " : "");
    for (size_t i = 0; i < town.route.count; i++) {
        const struct recipient *one = &town.route.at[i];
        char line[1024];
        int n = snprintf(line, sizeof line, "%s%s", i ? " " : "", one->person.bytes ? one->person.at : "[]");
        for (int role = 0, first = 1; role < ROLES; role++)
            if (one->roles >> role & 1) n += snprintf(line + n, sizeof line - (size_t)n, "%c%s", first ? '(' : '+', role_name((enum role)role)), first = 0;
        n += snprintf(line + n, sizeof line - (size_t)n, ")=");
        for (size_t k = 0; k < one->places; k++)
            n += snprintf(line + n, sizeof line - (size_t)n, "%s%s%s%.*s", k ? "," : "", one->place[k].endpoint->config->name, one->place[k].address.bytes ? ":" : "",
                          (int)one->place[k].address.bytes, one->place[k].address.at ? one->place[k].address.at : "");
        text_append(said, sizeof said, line);
    }
    if (strcmp(said, expected) != 0) fail_msg("goes to\n%s\nexpected\n%s", said, expected);
}

static int32_t day(const char *date)
{
    int32_t d = 0;
    assert_true(day_parse(date, 10, &d));
    return d;
}

static struct route_question about(const char *unit, const char *roles)
{
    return (struct route_question){.unit = text(unit), .holder = text(unit), .roles = bits(roles), .day = day("2026-04-01")};
}

#define LI "mail:li@example.cn,mail2:li@example.cn,sms:13800000000,robot,hook"
#define BOSS "mail:boss@example.cn,mail2:boss@example.cn"
#define PAI "mail:pai@example.cn,mail2:pai@example.cn"
#define JIAN "mail:jian@example.cn,mail2:jian@example.cn"

static void roles_are_people(void **state)
{
    (void)state;
    open_usual();
    goes_to(about("u", "handler"), "li(handler)=" LI);
    goes_to(about("u", "handler leader"), "li(handler)=" LI " boss(leader)=" BOSS);
    goes_to(about("u", "supervision"), "jian(supervision)=" JIAN);
    goes_to(about("u", "dispatcher"), "pai(dispatcher)=" PAI);
    goes_to(about("j", "leader handler"), "jian(handler)=" JIAN " boss(leader)=" BOSS);
    goes_to(about("j", "supervision"), "jian(supervision)=" JIAN);
    close_town();
}

static void endpoints_subscribe(void **state)
{
    (void)state;
    open_usual();
    goes_to(about("v", "handler"), "wang(handler)=robot:13800000001,hook li(handler)=" LI " [](handler)=robot,hook [](handler)=hook");
    goes_to(about("v", "leader"), "[](leader)=hook"); /* its leader has no contact; whoever can be reached is */
    goes_to(about("v", "supervision"), "jian(supervision)=" JIAN " [](supervision)=hook");
    goes_to(about("x", "handler"), "[](handler)=hook"); /* no unit of the file's */
    close_town();
}

static void each_person_once(void **state)
{
    (void)state;
    open_usual();
    struct text members[] = {TEXT("v"), TEXT("w")};
    struct route_question question = about("u", "handler lead leader co_handlers");
    question.member = members;
    question.members = 2;
    goes_to(question, "li(handler+lead+co_handlers)=" LI " boss(leader)=" BOSS " wang(co_handlers)=robot:13800000001,hook [](co_handlers)=hook");
    question = about("v", "lead");
    question.holder = TEXT("u"); /* a member's own clock, told the lead */
    goes_to(question, "li(lead)=" LI);
    question = about("u", "co_handlers"); /* nobody else handles it */
    goes_to(question, "li(co_handlers)=" LI);
    close_town();
}

static void those_who_are_there(void **state)
{
    (void)state;
    open_usual();
    struct route_question question = about("u", "handler");
    question.day = day("2026-05-06");
    goes_to(question, "wang(handler)=robot:13800000001,hook");
    question = about("old", "handler");
    goes_to(question, "li(handler)=" LI); /* its successor's */
    question.day = day("2025-12-31");
    goes_to(question, "boss(handler)=" BOSS);
    close_town();
}

static void what_reaches_nobody_goes_to_the_dispatcher(void **state)
{
    (void)state;
    open_usual();
    goes_to(about("w", "handler"), "! pai(dispatcher)=" PAI);
    goes_to(about("u", "circulation"), "! pai(dispatcher)=" PAI); /* nobody of t can be reached */
    goes_to(about("unknown", "handler leader"), "! pai(dispatcher)=" PAI);
    goes_to(about("w", "handler leader supervision"), "jian(supervision)=" JIAN); /* somebody has it */
    goes_to(about("", "handler"), "pai(handler)=" PAI); /* the case is with the dispatcher: nothing is elsewhere */
    struct route_question alert = about("", "dispatcher");
    alert.dispatcher = TEXT("v");
    goes_to(alert, "wang(dispatcher)=robot:13800000001,hook li(dispatcher)=" LI " [](dispatcher)=hook");
    close_town();
    begin();
    endpoint("hook", CHANNEL_WEBHOOK, "p", "leader", "");
    open_town(json);
    goes_to(about("u", "handler"), "! [](dispatcher)=hook"); /* whatever the dispatcher's endpoint asks for: better there than nowhere */
    close_town();
}

static void without_units_endpoints_count_alone(void **state)
{
    (void)state;
    begin();
    endpoint("all", CHANNEL_WEBHOOK, "*", "*", "");
    endpoint("v", CHANNEL_WEBHOOK, "v", "handler leader", "");
    endpoint("chiefs", CHANNEL_WEBHOOK, "*", "leader", "");
    endpoint("nobody", CHANNEL_WEBHOOK, "-", "*", "");
    open_town(NULL);
    goes_to(about("v", "handler"), "[](handler)=v [](handler)=all");
    goes_to(about("v", "leader supervision"), "[](leader)=v [](leader+supervision)=all [](leader)=chiefs");
    goes_to(about("", "handler"), "[](handler)=all");
    goes_to(about("-", "handler"), "[](handler)=all");
    close_town();
}

static void keys_tell_recipients_apart(void **state)
{
    (void)state;
    open_usual();
    struct route_question question = about("v", "handler");
    route_find(&town.route, &town.routing, &question);
    uint64_t first = town.route.at[0].key;
    for (size_t i = 0; i < town.route.count; i++)
        for (size_t k = 0; k < i; k++) assert_true(town.route.at[i].key != town.route.at[k].key);
    question.roles = bits("leader");
    question.unit = TEXT("v");
    route_find(&town.route, &town.routing, &question);
    question = about("u", "handler");
    question.day = day("2026-05-06");
    route_find(&town.route, &town.routing, &question);
    assert_true(town.route.at[0].key == first); /* wang, by another way */
    close_town();
}

static void more_than_the_room_is_counted(void **state)
{
    (void)state;
    begin();
    static struct config_endpoint configs[RECIPIENTS_MAX + 3];
    static struct endpoint endpoints[RECIPIENTS_MAX + 3];
    static char names[RECIPIENTS_MAX + 3][8], star[] = "*", none[] = "", *all[] = {star};
    for (int i = 0; i < RECIPIENTS_MAX + 3; i++) {
        snprintf(names[i], sizeof names[i], "e%d", i);
        configs[i] = (struct config_endpoint){.name = names[i], .fallback = none, .units = {all, 1}, .roles = {all, 1}};
        endpoints[i].config = &configs[i];
    }
    struct endpoints many = {endpoints, RECIPIENTS_MAX + 3};
    routing_open(&town.routing, &many, NULL, calendar);
    struct route_question question = about("v", "handler");
    route_find(&town.route, &town.routing, &question);
    assert_int_equal(town.route.count, RECIPIENTS_MAX);
    assert_int_equal(town.route.left_out, 3);
    routing_close(&town.routing);
}

static void all_units_that_handle_a_case_jointly_hear_of_it(void **state)
{
    (void)state;
    enum { MEMBERS = 64 };
    static struct config_endpoint configs[MEMBERS];
    static struct endpoint endpoints[MEMBERS];
    static char names[MEMBERS][8], none[] = "", star[] = "*", *units[MEMBERS], *all[] = {star};
    struct text members[MEMBERS];
    begin();
    for (int i = 0; i < MEMBERS; i++) {
        snprintf(names[i], sizeof names[i], "u%d", i);
        units[i] = names[i];
        members[i] = text(names[i]);
        configs[i] = (struct config_endpoint){.name = names[i], .fallback = none, .units = {&units[i], 1}, .roles = {all, 1}};
        endpoints[i].config = &configs[i];
    }
    struct endpoints many = {endpoints, MEMBERS};
    routing_open(&town.routing, &many, NULL, calendar);
    struct route_question question = about("u0", "co_handlers");
    question.member = members;
    question.members = MEMBERS;
    route_find(&town.route, &town.routing, &question);
    assert_int_equal(town.route.count, MEMBERS);
    assert_int_equal(town.route.left_out, 0);
    routing_close(&town.routing);
}

/* --- why --- */

static void note(void *context, const struct route_reason *reason)
{
    char line[256];
    snprintf(line, sizeof line, "%s as %s of %s%s%s%s%s%s; ", reason->recipient->person.bytes ? reason->recipient->person.at : "endpoint", role_name(reason->role), reason->unit.at,
             reason->instead_of.bytes ? " after " : "", reason->instead_of.bytes ? reason->instead_of.at : "", reason->posted && reason->posted->instead_of ? " for " : "",
             reason->posted && reason->posted->instead_of ? reason->posted->instead_of->id.at : "", reason->elsewhere ? ", elsewhere" : "");
    text_append(context, 1024, line);
}

static void why(struct route_question question, const char *expected)
{
    char said[1024] = "";
    route_explain(&town.route, &town.routing, &question, note, said);
    assert_string_equal(said, expected);
}

static void reasons_are_said(void **state)
{
    (void)state;
    open_usual();
    struct route_question question = about("old", "handler leader");
    question.day = day("2026-05-07");
    why(question, "wang as handler of u after old for li; boss as leader of u after old; ");
    why(about("w", "handler"), "pai as dispatcher of p, elsewhere; ");
    why(about("x", "handler leader"), "endpoint as handler of x; endpoint as leader of x; ");
    close_town();
}

/* --- check --- */

static void checked(size_t count, const char *faults_expected, const char *warnings_expected)
{
    struct buffer faults, warnings;
    buffer_init(&faults, 65536);
    buffer_init(&warnings, 65536);
    size_t found = route_check(&town.routing, day("2026-04-01"), &faults, &warnings);
    assert_string_equal(buffer_text(&faults), faults_expected);
    assert_string_equal(buffer_text(&warnings), warnings_expected);
    assert_int_equal(found, count);
    assert_int_equal(route_check(&town.routing, day("2026-04-01"), NULL, NULL), count);
    buffer_free(&faults);
    buffer_free(&warnings);
}

static void what_cannot_be_reached_is_said(void **state)
{
    (void)state;
    open_usual();
    checked(0, "",
            "[endpoint hook] units: the units' file has no \"x\"\n"
            "units: \"w\": nobody can be reached, neither people nor endpoint: what it is owed goes to the dispatcher\n"
            "units: \"p\": no leader can be reached: steps to that role alone go to the dispatcher\n"
            "units: \"t\": nobody can be reached, neither people nor endpoint: what it is owed goes to the dispatcher\n"
            "units: \"v\": no leader can be reached in person: an endpoint has what is theirs\n");
    close_town();
}

static void what_cannot_work_is_a_fault(void **state)
{
    (void)state;
    begin();
    endpoint("mail", CHANNEL_EMAIL, "*", "handler", "robot");
    endpoint("robot", CHANNEL_WECOM, "u old", "handler boss", "mail");
    endpoint("lost", CHANNEL_WEBHOOK, "*", "*", "nowhere");
    endpoint("self", CHANNEL_WEBHOOK, "-", "-", "self");
    open_town("{\"version\":\"1\",\"people\":[{\"person\":\"li\",\"contacts\":[{\"endpoint\":\"post\"},{\"endpoint\":\"mail\"},{\"endpoint\":\"mail\",\"address\":\"li\"},{\"endpoint\":\"robot\"},{\"endpoint\":\"lost\",\"address\":\"li\"}]},{\"person\":\"wu\"}],"
              "\"units\":[{\"unit\":\"u\",\"handlers\":[\"li\",\"wu\"],\"leaders\":[\"wu\",\"li\"]},{\"unit\":\"old\",\"until\":\"2025-01-01\",\"successor\":\"u\"}]}");
    checked(9,
            "[endpoint mail] units: email goes to people's addresses alone: expected -\n"
            "[endpoint mail] fallback: it comes back to itself\n"
            "[endpoint robot] roles: unknown role \"boss\"\n"
            "[endpoint robot] fallback: mail sends to addresses, of which this one has none\n"
            "[endpoint robot] fallback: it comes back to itself\n"
            "units: person \"li\": contacts[0]: there is no [endpoint post]\n"
            "units: person \"li\": contacts[1]: mail: an address is missing\n"
            "units: person \"li\": contacts[2]: mail: expected an e-mail address\n"
            "units: person \"li\": contacts[4]: lost: it takes no address\n",
            "[endpoint robot] units: \"old\" has ended, its notices go to \"u\"\n");
    close_town();
}

/* --- how long --- */

static void a_route_takes_microseconds(void **state)
{
    (void)state;
    enum { TIMES = 100000 };
    struct timespec began, ended;
    open_usual();
    struct route_question question = about("v", "handler leader supervision");
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (int i = 0; i < TIMES; i++) route_find(&town.route, &town.routing, &question);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    double us = ((double)(ended.tv_sec - began.tv_sec) * 1e9 + (double)(ended.tv_nsec - began.tv_nsec)) / 1e3 / TIMES;
    print_message("a route: %.2f us\n", us);
    assert_true(us < 100);
    close_town();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_are_people),
        cmocka_unit_test(endpoints_subscribe),
        cmocka_unit_test(each_person_once),
        cmocka_unit_test(those_who_are_there),
        cmocka_unit_test(what_reaches_nobody_goes_to_the_dispatcher),
        cmocka_unit_test(without_units_endpoints_count_alone),
        cmocka_unit_test(keys_tell_recipients_apart),
        cmocka_unit_test(more_than_the_room_is_counted), cmocka_unit_test(all_units_that_handle_a_case_jointly_hear_of_it),
        cmocka_unit_test(reasons_are_said),
        cmocka_unit_test(what_cannot_be_reached_is_said),
        cmocka_unit_test(what_cannot_work_is_a_fault),
        cmocka_unit_test(a_route_takes_microseconds),
    };
    char error[256];
    calendar = calendar_load("conf/calendar/cn.json", error, sizeof error);
    int failed = cmocka_run_group_tests_name("route", tests, NULL, NULL);
    calendar_free(calendar);
    return failed;
}
