/* The sample and the table agree; and faults are all found, each with its line. */
#include <unistd.h>

#include "common/buffer.h"
#include "common/config.h"
#include "common/log.h"
#include "tests/unit/unit.h"

static char directory[] = "/tmp/bihuan-config-XXXXXX", path[64];
static struct config config;
static struct buffer faults;

static size_t load(const void *text, size_t bytes)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
    buffer_clear(&faults);
    config_free(&config);
    return config_load(&config, path, &faults);
}

static size_t load_text(const char *text)
{
    return load(text, strlen(text));
}

/* One fault, on that line, that says so. */
static void one_fault(const char *text, int line, const char *words)
{
    char head[96];
    size_t count = load_text(text);
    snprintf(head, sizeof head, "%s:%d: ", path, line);
    if (count != 1 || strncmp(buffer_text(&faults), head, strlen(head)) || !strstr(buffer_text(&faults), words))
        fail_msg("%zu faults for:\n%s\nwanted line %d, \"%s\", got:\n%s", count, text, line, words, buffer_text(&faults));
}

/* The next line of the sample into line[room]; false at its end. */
static bool next_line(FILE *file, char *line, size_t room)
{
    if (!fgets(line, (int)room, file)) return false;
    line[strcspn(line, "\n")] = 0;
    return true;
}

/* Help, description and option stand together, in the table's order. */
static void the_sample_follows_the_table(void **state)
{
    (void)state;
    char line[3][16384] = {"", "", ""}, section[64] = "";
    size_t count, at = 0;
    const struct config_option *options = config_options(&count);
    FILE *file = fopen("conf/bihuan.ini", "r");
    assert_non_null(file);
    while (memmove(line[0], line[1], 2 * sizeof line[0]), next_line(file, line[2], sizeof line[2])) {
        const char *name = line[2] + (*line[2] == '#');
        size_t bytes = strcspn(name, " =");
        if (*name == '[') snprintf(section, sizeof section, "%.*s", (int)strcspn(name + 1, " ]"), name + 1);
        if (*name == ' ' || !bytes || name[bytes] != ' ' || name[bytes + 1] != '=') continue;
        assert_true(at < count);
        const struct config_option *option = &options[at++];
        char wanted[8300];
        assert_string_equal(section, option->section);
        assert_int_equal(bytes, strlen(option->name));
        assert_memory_equal(name, option->name, bytes);
        snprintf(wanted, sizeof wanted, "# %s", option->help);
        assert_string_equal(line[0], wanted);
        struct buffer described;
        buffer_init(&described, 8192);
        buffer_add_text(&described, "# ");
        config_describe(option, &described);
        assert_string_equal(line[1], buffer_text(&described));
        buffer_free(&described);
        if (!strcmp(section, "endpoint")) continue; /* an example's values */
        if (*line[2] != '#' && (!strcmp(option->name, "units") || !strcmp(option->name, "sending"))) continue; /* files that are shipped, and need not be there */
        snprintf(wanted, sizeof wanted, "%s =%s%s", option->name, *option->fallback ? " " : "", option->fallback);
        assert_string_equal(name, wanted);
    }
    fclose(file);
    assert_int_equal(at, count);
}

static void the_sample_loads(void **state)
{
    (void)state;
    config_free(&config);
    buffer_clear(&faults);
    size_t count = config_load(&config, "conf/bihuan.ini", &faults);
    if (count) fail_msg("%s", buffer_text(&faults));
    assert_string_equal(config.topics.ledger, "bihuan.ledger");
    assert_int_equal(config.sla.shards, 16);
    assert_int_equal(config.sla.grace_ms, 60000);
    assert_int_equal(config.notify.mode, NOTIFY_LIVE);
    assert_int_equal(config.notify.retry.count, 10);
    assert_int_equal(config.notify.retry.at_ms[4], 7200000);
    assert_int_equal(config.log.level, LOG_LEVEL_INFO);
    assert_int_equal(config.endpoints.count, 0);
}

/* The example, its comments taken off, is a good endpoint. */
static void the_example_endpoint_loads(void **state)
{
    (void)state;
    char line[16384];
    bool inside = false;
    struct buffer text;
    buffer_init(&text, 65536);
    FILE *file = fopen("conf/bihuan.ini", "r");
    assert_non_null(file);
    while (next_line(file, line, sizeof line)) {
        if (!strncmp(line, "#[endpoint", 10)) inside = true;
        else if (*line == '[') inside = false;
        if (inside && *line == '#' && line[1] != ' ') buffer_addf(&text, "%s\n", line + 1);
    }
    fclose(file);
    size_t count = load_text(buffer_text(&text));
    buffer_free(&text);
    if (count) fail_msg("%s", buffer_text(&faults));
    assert_int_equal(config.endpoints.count, 1);
    assert_non_null(config_endpoint(&config, "example"));
    assert_true(config_list_has(&config.endpoints.at[0].units, "wuye"));
    assert_false(config_list_has(&config.endpoints.at[0].units, "lvhua"));
}

static void values_are_read(void **state)
{
    (void)state;
    assert_int_equal(load_text("\xef\xbb\xbf; first\n[kafka]\r\nbootstrap.servers=a:1,b:2\r\n  client.id = x # y\n[sla]\ngrace = 1.5\n"
                               "[clock]\nmode = scaled\nstart = 2024-08-12T08:00:00+08:00\nspeed = 0.5\n"
                               "[notify]\nmode = shadow\nretry = 0, 90 1.5m 1d\n"
                               "[endpoint one]\nurl = https://a/\n[endpoint two]\nurl = https://b/?x=1;y\nunits = a b,c\n"), 0);
    assert_string_equal(config.kafka.bootstrap_servers, "a:1,b:2");
    assert_int_equal(config.kafka.count, 1);
    assert_string_equal(config.kafka.at[0].name, "client.id");
    assert_string_equal(config.kafka.at[0].value, "x # y");
    assert_int_equal(config.sla.grace_ms, 1500);
    assert_int_equal(config.clock.mode, CLOCK_MODE_SCALED);
    assert_int_equal(config.clock.start_ms, INT64_C(1723420800000));
    assert_true(config.clock.speed > 0.49 && config.clock.speed < 0.51);
    assert_int_equal(config.notify.mode, NOTIFY_SHADOW);
    assert_int_equal(config.notify.retry.count, 4);
    assert_int_equal(config.notify.retry.at_ms[1], 90000);
    assert_int_equal(config.notify.retry.at_ms[2], 90000);
    assert_int_equal(config.notify.retry.at_ms[3], 86400000);
    assert_string_equal(config_endpoint(&config, "two")->url, "https://b/?x=1;y");
    assert_int_equal(config_endpoint(&config, "two")->units.count, 3);
    assert_true(config_list_has(&config_endpoint(&config, "one")->units, "anyone"));
    assert_null(config_endpoint(&config, "three"));
}

static void each_fault_has_its_line(void **state)
{
    (void)state;
    one_fault("[sla]\n\nshard = 4\n", 3, "unknown option shard");
    one_fault("[slas]\nshards = 4\nx\n[sla]\n", 1, "unknown section");
    one_fault("[sla more]\n", 1, "unknown section");
    one_fault("[sla\n", 1, "must end with ]");
    one_fault("# x\nshards = 4\n", 2, "before the first");
    one_fault("[sla]\nshards\n", 2, "neither");
    one_fault("[sla]\n = 4\n", 2, "name is missing");
    one_fault("[sla]\nshards = 4\n\n[log]\n[sla]\nshards = 4\n", 6, "twice, before on line 2");
    one_fault("[sla]\nshards = 0\n", 2, "1 to 1024");
    one_fault("[sla]\nshards = 1025\n", 2, "1 to 1024");
    one_fault("[sla]\nshards = 4.5\n", 2, "whole number");
    one_fault("[sla]\nshards = 0x10\n", 2, "whole number");
    one_fault("[sla]\ngrace = nan\n", 2, "number");
    one_fault("[sla]\ngrace = -1\n", 2, "0 to 86400");
    one_fault("[sla]\nzone =\n", 2, "needs a value");
    one_fault("[clock]\nmode = scale\n", 2, "real|scaled");
    one_fault("[clock]\nmode = scaled\n", 2, "needs start");
    one_fault("[clock]\nstart = 2024-08-12T08:00:00\n", 2, "no time");
    one_fault("[notify]\nretry = 5x\n", 2, "no time such as");
    one_fault("[notify]\nretry = 8d\n", 2, "604800");
    one_fault("[redis]\naddress = here\n", 2, "neither host:port");
    one_fault("[topics]\ndlq = bihuan.tickets\n", 2, "the same topic as tickets");
    one_fault("[topics]\ndlq = a/b\n", 2, "only letters");
    one_fault("[privacy]\nkey_file = a\nkey_env = b\n", 3, "exclude each other");
}

static void properties_the_programs_own_are_refused(void **state)
{
    (void)state;
    static const char *const owned[] = {"group.id", "enable.auto.commit", "auto.offset.reset", "enable.idempotence", "partitioner",
                                        "partition.assignment.strategy", "rebalance_cb", "transactional.id"};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
        char text[128];
        snprintf(text, sizeof text, "[kafka]\n# x\n%s = 1\n", owned[i]);
        one_fault(text, 3, "belongs to the programs");
    }
    one_fault("[kafka]\nmetadata.broker.list = a:1\n", 2, "use bootstrap.servers");
    one_fault("[kafka]\nno.such = 1\n", 2, "neither an option of [kafka] nor a librdkafka property");
    one_fault("[kafka]\nsocket.timeout.ms = soon\n", 2, "socket.timeout.ms");
    one_fault("[kafka]\nclient.id = a\nclient.id = b\n", 3, "twice");
}

static void bad_endpoints_are_refused(void **state)
{
    (void)state;
    one_fault("[endpoint]\nurl = https://a/\n", 1, "name is missing");
    one_fault("[endpoint a]\nunits = wuye\n[log]\n", 1, "url is required");
    one_fault("[endpoint a]\nchannel = fax\nurl = https://a/\n", 2, "not one of webhook|wecom");
    one_fault("[endpoint a]\nchannel = kafka\n[log]\n", 1, "topic is required");
    one_fault("[endpoint a]\nchannel = sms\nurl = https://a/\n", 1, "gateway is required");
    one_fault("[acknowledge]\nkey_file = x\nkey_env = Y\n", 3, "exclude each other");
    one_fault("\n[endpoint a]\nurl = example.cn\n", 3, "scheme");
    one_fault("[endpoint a]\nurl = https://a/\n[endpoint a]\nurl = https://a/\n", 3, "twice");
    one_fault("[endpoint a]\nurl = https://a/\nurl = https://b/\n", 3, "twice, before on line 2");
    one_fault("[endpoint a]\nurl = https://a/\nvoice = fax\n", 3, "unknown option voice");
    one_fault("[endpoint a]\nurl = https://a/\nunits =\n", 3, "needs a value");
    one_fault("[endpoint a]\nurl = https://a/\nsecret_file = x\nsecret_env = Y\n", 1, "exclude each other");
}

static void endpoints_have_a_bound(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 1 << 20);
    for (int i = 0; i < CONFIG_ENDPOINTS_MAX; i++) buffer_addf(&text, "[endpoint e%d]\nurl = https://a/\n", i);
    assert_int_equal(load_text(buffer_text(&text)), 0);
    buffer_addf(&text, "[endpoint more]\nurl = a\nunits = b\n[log]\n");
    one_fault(buffer_text(&text), 2 * CONFIG_ENDPOINTS_MAX + 1, "more than 4096 endpoints");
    /* A fault of the last one is said once, not again for the one too many. */
    buffer_clear(&text);
    for (int i = 0; i < CONFIG_ENDPOINTS_MAX; i++) buffer_addf(&text, "[endpoint e%d]\n%s", i, i + 1 < CONFIG_ENDPOINTS_MAX ? "url = https://a/\n" : "");
    buffer_addf(&text, "[endpoint more]\n[log]\n");
    assert_int_equal(load_text(buffer_text(&text)), 2);
    buffer_free(&text);
}

static void all_faults_are_said(void **state)
{
    (void)state;
    assert_int_equal(load_text("[kafka]\ngroup.id = x\n[sla]\nshards = no\nshards = 4\nnew = 1\n[nowhere]\na = 1\n[endpoint e]\n"), 6);
    char wanted[96];
    static const int lines[] = {2, 4, 5, 6, 7, 9};
    const char *at = buffer_text(&faults);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++, at = strchr(at, '\n') + 1) {
        snprintf(wanted, sizeof wanted, "%s:%d: ", path, lines[i]);
        assert_memory_equal(at, wanted, strlen(wanted));
    }
    assert_int_equal(*at, 0);
}

/* A reader that cuts lines would lose the end of this list. */
static void lines_may_be_long(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 1 << 20);
    buffer_add_text(&text, "[endpoint one]\nurl = http://127.0.0.1/\nunits =");
    for (int i = 0; i < CONFIG_LIST_MAX; i++) buffer_addf(&text, " code-%05d", i);
    buffer_add_text(&text, "\n[privacy]\nkey_id = k1\n");
    assert_int_equal(load_text(buffer_text(&text)), 0);
    assert_int_equal(config_endpoint(&config, "one")->units.count, CONFIG_LIST_MAX);
    assert_true(config_list_has(&config_endpoint(&config, "one")->units, "code-04095"));
    assert_string_equal(config.privacy.key_id, "k1");
    buffer_clear(&text);
    buffer_add_text(&text, "[topics]\ndlq = ");
    for (int i = 0; i < 250; i++) buffer_add_text(&text, "d");
    buffer_add_text(&text, "\n");
    one_fault(buffer_text(&text), 2, "longer than 249");
    buffer_free(&text);
}

static void odd_files_are_refused(void **state)
{
    (void)state;
    static const char zero[] = "[log]\nlevel = in\0fo\n";
    assert_int_equal(load(zero, sizeof zero - 1), 1);
    assert_non_null(strstr(buffer_text(&faults), ":2: a zero byte"));
    config_free(&config);
    buffer_clear(&faults);
    assert_int_equal(config_load(&config, "/nonexistent/bihuan.ini", &faults), 1);
    assert_non_null(strstr(buffer_text(&faults), "No such file"));
    config_free(&config);
    assert_int_not_equal(config_load(&config, "/tmp", &faults), 0);
}

int main(void)
{
    if (!mkdtemp(directory)) return 1;
    snprintf(path, sizeof path, "%s/bihuan.ini", directory);
    buffer_init(&faults, CONFIG_FAULTS_BYTES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_follows_the_table), cmocka_unit_test(the_sample_loads),
        cmocka_unit_test(the_example_endpoint_loads), cmocka_unit_test(values_are_read),
        cmocka_unit_test(each_fault_has_its_line), cmocka_unit_test(properties_the_programs_own_are_refused),
        cmocka_unit_test(bad_endpoints_are_refused), cmocka_unit_test(endpoints_have_a_bound),
        cmocka_unit_test(all_faults_are_said), cmocka_unit_test(lines_may_be_long), cmocka_unit_test(odd_files_are_refused)};
    int failed = cmocka_run_group_tests_name("config", tests, NULL, NULL);
    config_free(&config);
    buffer_free(&faults);
    unlink(path);
    rmdir(directory);
    return failed;
}
