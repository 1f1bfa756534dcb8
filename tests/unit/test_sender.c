/* The sender by itself: what is withheld, what cannot be reached, and that each request is answered once. Against real services: tests/integration/test_channels.py. */
#include "notify/sender.h"
#include "common/config.h"
#include "tests/unit/unit.h"

struct heard {
    bool ready;
    size_t answers;
    struct answer last;
};

static bool ready(void *context, void *opaque)
{
    (void)opaque;
    return ((struct heard *)context)->ready;
}

static void answered(void *context, void *opaque, const struct answer *answer)
{
    struct heard *heard = context;
    assert_ptr_equal(opaque, heard);
    heard->answers++;
    heard->last = *answer;
}

static void drive_until(struct sender *sender, const struct heard *heard, size_t answers)
{
    for (int turns = 0; heard->answers < answers && turns < 500; turns++) sender_drive(sender, 20, -1);
    assert_int_equal(heard->answers, answers);
    assert_int_equal(sender_under_way(sender), 0);
}

static struct request request_to(const char *url, struct heard *heard)
{
    return (struct request){.transport = TRANSPORT_HTTP, .url = url, .method = "POST", .body = "{}", .bytes = 2, .opaque = heard};
}

static void errors_say_why_and_show_no_key(void **state)
{
    static const struct { const char *url, *said; } each[] = {
        {"http://127.0.0.1:1/hook?key=topsecret", "127.0.0.1"},
        {"http://inner.localhost:1/hook?key=topsecret", "inner.localhost leads to a loopback address: refused"},
        {"ftp://127.0.0.1/topsecret", "Protocol"}, {"gopher://127.0.0.1/topsecret", "Protocol"}, {"file:///etc/hostname", "Protocol"},
        {"http://a b/topsecret", "URL"}};
    struct config config;
    struct heard heard = {.ready = true};
    (void)state;
    config_defaults(&config);
    struct sender *sender = sender_open(&config, ready, answered, &heard);
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        struct request request = request_to(each[i].url, &heard);
        assert_true(sender_start(sender, &request));
        drive_until(sender, &heard, i + 1);
        assert_int_equal(heard.last.status, 0);
        if (!strstr(heard.last.error, each[i].said) || strstr(heard.last.error, "topsecret")) fail_msg("%s: %s", each[i].url, heard.last.error);
    }
    sender_close(sender);
    config_free(&config);
}

static void what_is_under_way_at_the_end_is_answered(void **state)
{
    struct config config;
    struct heard heard = {.ready = true};
    struct request request = request_to("http://127.0.0.1:1/", &heard);
    (void)state;
    config_defaults(&config);
    config.notify.in_flight = 3;
    struct sender *sender = sender_open(&config, ready, answered, &heard);
    for (int i = 0; i < 3; i++) assert_true(sender_start(sender, &request));
    assert_int_equal(sender_room(sender), 0);
    assert_false(sender_start(sender, &request));
    assert_int_equal(sender_under_way(sender), 3);
    sender_close(sender);
    assert_int_equal(heard.answers, 3);
    config_free(&config);
}

static void a_reload_goes_by_the_other_configuration(void **state)
{
    struct config config, other;
    struct heard heard = {.ready = true};
    char host[] = "inner.localhost", *hosts[] = {host};
    struct request request = request_to("http://inner.localhost:1/", &heard);
    (void)state;
    config_defaults(&config);
    config_defaults(&other);
    config.notify.in_flight = 1;
    other.notify.in_flight = 2;
    struct config_list none = other.notify.private_hosts;
    other.notify.private_hosts = (struct config_list){hosts, 1};
    struct sender *sender = sender_open(&config, ready, answered, &heard);
    assert_true(sender_start(sender, &request));
    drive_until(sender, &heard, 1);
    assert_non_null(strstr(heard.last.error, "refused ([notify]"));
    sender_reload(sender, &other);
    assert_true(sender_start(sender, &request) && sender_start(sender, &request));
    drive_until(sender, &heard, 3);
    assert_null(strstr(heard.last.error, "refused ([notify]"));
    sender_close(sender);
    other.notify.private_hosts = none;
    config_free(&config);
    config_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(errors_say_why_and_show_no_key), cmocka_unit_test(what_is_under_way_at_the_end_is_answered),
                                       cmocka_unit_test(a_reload_goes_by_the_other_configuration)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
