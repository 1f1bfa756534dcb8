/* bihuan-notify ledger: what was sent to whom, when, with what answer; of one case also who has acknowledged it.
 *
 * All of it is printed as it is read. What concerns one case is gathered first, as acknowledgements are events of the case and not in
 * the ledger: both in order of time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/columns.h"
#include "common/kafka_reader.h"
#include "notify/ack.h"
#include "notify/ledger.h"
#include "notify/ledger_filter.h"
#include "notify/verbs.h"
#include "sla/case_codec.h"
#include "sla/case_json.h"
#include "sla/store.h"

enum { ERROR_BYTES = 512, CASE_ROWS_MAX = 10000, TO_BYTES = 256 };

static const char *from_option, *to_option, *unit_option, *outcome_option;
const struct options_extra ledger_extras[] = {{"from", &from_option, NULL}, {"to", &to_option, NULL}, {"unit", &unit_option, NULL}, {"outcome", &outcome_option, NULL},
                                              {NULL, NULL, NULL}};

struct row {
    int64_t at_ms;
    size_t place; /* as read */
    json_t *value;
};

struct view {
    const struct options *options;
    const char *id;    /* of the case; NULL: all */
    struct config config;
    struct ruleset set;
    struct ledger_filter filter;
    struct row row[CASE_ROWS_MAX];
    size_t rows;
    bool headed;       /* the table's head is printed */
    bool more;         /* there are more than CASE_ROWS_MAX */
    unsigned long long strange;
};

/* --- printing --- */

static const char *member(const json_t *record, const char *name)
{
    const char *text = json_string_value(json_object_get(record, name));
    return text ? text : "-";
}

/* Whom it was for, into text[TO_BYTES]: the endpoint, and of people behind it id and masked address. */
static void print_to(char *text, const json_t *record)
{
    const json_t *to = json_object_get(record, "to"), *one;
    size_t i, used = (size_t)snprintf(text, TO_BYTES, "%.*s", TO_BYTES - 1, member(record, json_is_string(json_object_get(record, "endpoint")) ? "endpoint" : "by"));
    json_array_foreach(to, i, one) {
        const char *person = json_string_value(json_object_get(one, "person")), *address = json_string_value(json_object_get(one, "address"));
        if (!person) continue;
        int bytes = snprintf(text + used, TO_BYTES - used, "%s%s%s%s", i ? ", " : ": ", person, address ? " " : "", address ? address : "");
        if (bytes < 0 || used + (size_t)bytes >= TO_BYTES) return;
        used += (size_t)bytes;
    }
}

static void print_number(const json_t *record, const char *name, int columns)
{
    char text[24] = "";
    if (json_is_integer(json_object_get(record, name))) snprintf(text, sizeof text, "%lld", json_integer_value(json_object_get(record, name)));
    columns_right(stdout, text, columns);
}

static void print_head(struct view *view)
{
    static const char *const names[] = {"time", "case", "what", "outcome"};
    static const int widths[] = {30, 20, 20, 13};
    for (int i = 0; i < 4; i++) columns_left(stdout, names[i], widths[i]);
    printf("   #  answer  unit          to\n");
    view->headed = true;
}

static void print_for_people(struct view *view, const json_t *record)
{
    char to[TO_BYTES];
    bool ack = json_is_string(json_object_get(record, "acknowledgement")), step = json_is_string(json_object_get(record, "step"));
    if (!view->headed) print_head(view);
    print_to(to, record);
    columns_left(stdout, member(record, "time"), 30);
    columns_left(stdout, member(record, "case"), 20);
    columns_left(stdout, ack ? "acknowledged" : member(record, step ? "step" : "type"), 20);
    columns_left(stdout, member(record, ack ? "acknowledgement" : "outcome"), 13);
    print_number(record, "attempt", 4);
    print_number(record, "status", 8);
    printf("  ");
    columns_left(stdout, member(record, "unit"), 14);
    printf("%s", to);
    if (json_is_string(json_object_get(record, "error"))) printf("; %s", member(record, "error"));
    if (json_is_true(json_object_get(record, "voided"))) printf(" (the case had moved on meanwhile)");
    putchar('\n');
}

static void print_record(struct view *view, const json_t *record)
{
    if (view->options->json) json_print_line(stdout, record);
    else print_for_people(view, record);
}

/* --- gathering --- */

static void add_row(struct view *view, json_t *value)
{
    int64_t at_ms = 0;
    const json_t *time = json_object_get(value, "time");
    view->more |= view->rows == CASE_ROWS_MAX;
    if (view->rows == CASE_ROWS_MAX) return;
    if (json_is_string(time)) (void)!instant_parse(json_string_value(time), json_string_length(time), &at_ms);
    view->row[view->rows] = (struct row){at_ms, view->rows, json_incref(value)};
    view->rows++;
}

static void take_message(struct view *view, const rd_kafka_message_t *message)
{
    bool ours = !view->id || (message->key_len == strlen(view->id) && !memcmp(message->key, view->id, message->key_len));
    if (!ours) return;
    json_t *record = json_loadb(message->payload ? message->payload : "", message->len, 0, NULL);
    bool good = ledger_format(record) != 0;
    view->strange += !good;
    if (good && ledger_filter_passes(&view->filter, record)) {
        if (view->id) add_row(view, record);
        else print_record(view, record);
    }
    json_decref(record);
}

static bool read_ledger(struct view *view)
{
    char error[ERROR_BYTES];
    struct kafka_reader *reader = kafka_reader_open(&view->config, view->config.topics.ledger, error, sizeof error);
    if (!reader) {
        fprintf(stderr, "bihuan-notify ledger: %s\n", error);
        return false;
    }
    for (rd_kafka_message_t *message; (message = kafka_reader_next(reader)); rd_kafka_message_destroy(message)) take_message(view, message);
    bool good = !*kafka_reader_error(reader);
    if (!good) fprintf(stderr, "bihuan-notify ledger: %s\n", kafka_reader_error(reader));
    kafka_reader_close(reader);
    return good;
}

/* --- acknowledgements --- */

static struct text text_of(const json_t *value)
{
    return (struct text){json_string_value(value), json_string_length(value)};
}

/* Is it the event of this recipient's link in this notice? Then says so in *object. */
static bool name_recipient(const struct event *event, enum of of, struct text id, const json_t *notice, const json_t *recipient, json_t *object)
{
    uint8_t key[8];
    struct ack ack = {.of = of, .action = event->type == TICKET_SIGNED ? ACK_SIGNED : ACK_SEEN, .id = id, .notice = text_of(notice), .recipient = text_of(recipient)};
    if (!ack.notice.bytes || !ack.recipient.bytes) return false;
    ack_event_key(key, &ack);
    if (memcmp(key, event->key, sizeof key)) return false;
    json_object_set(object, "by", (json_t *)recipient);
    json_object_set(object, "notice", (json_t *)notice);
    return true;
}

/* Whose it is tells its key, as it is a function of notice and recipient: the records have both. */
static void find_recipient(const struct view *view, const struct event *event, enum of of, struct text id, json_t *object)
{
    bool found = false;
    for (size_t i = 0; i < view->rows && !found; i++) {
        const json_t *record = view->row[i].value, *notice = json_object_get(record, "id"), *one;
        size_t n;
        found = name_recipient(event, of, id, notice, json_object_get(record, "endpoint"), object);
        json_array_foreach(json_object_get(record, "to"), n, one)
            found = found || name_recipient(event, of, id, notice, json_object_get(one, "person"), object);
    }
}

static void add_acknowledgements(struct view *view, const struct case_file *file)
{
    for (size_t i = 0; i < file->events; i++) {
        const struct event *event = &file->event[i];
        if (event->type != TICKET_SEEN && event->type != RATING_SEEN && event->type != TICKET_SIGNED) continue;
        json_t *object = json_object();
        json_object_set_new(object, "acknowledgement", json_string(ack_action_name(event->type == TICKET_SIGNED ? ACK_SIGNED : ACK_SEEN)));
        json_object_set_new(object, "case", json_text(file->id));
        json_object_set_new(object, "of", json_string(of_name(file->of)));
        json_object_set_new(object, "time", json_instant(view->set.rules.zone, event->at_ms));
        json_object_set_new(object, "unit", json_text_or_null(event->unit));
        json_object_set_new(object, "by", json_null());
        json_object_set_new(object, "notice", json_null());
        find_recipient(view, event, file->of, file->id, object);
        if (!view->filter.outcome && ledger_filter_passes(&view->filter, object)) add_row(view, object);
        json_decref(object);
    }
}

static bool take_case(struct view *view, struct store *store, enum of of)
{
    struct pool pool = {0};
    struct case_file file = {.of = of, .id = {view->id, strlen(view->id)}};
    redisReply *reply = store_case(store, file.of, file.id);
    if (!reply) return false;
    const char *fault = reply->type == REDIS_REPLY_STRING ? case_decode(reply->str, (size_t)reply->len, &file, &pool) : NULL;
    if (fault) snprintf(store->fault, sizeof store->fault, "%s", fault);
    else if (reply->type == REDIS_REPLY_STRING) add_acknowledgements(view, &file);
    case_clear(&file);
    pool_free(&pool);
    freeReplyObject(reply);
    return !fault;
}

/* Of the ticket and the rating of that name. */
static bool read_case(struct view *view)
{
    struct store store;
    bool good = store_open_reader(&store, &view->config, &view->set) && take_case(view, &store, OF_TICKET) && take_case(view, &store, OF_RATING);
    if (!good) fprintf(stderr, "bihuan-notify ledger: acknowledgements are not shown: %s\n", store.fault);
    store_close(&store);
    return good;
}

/* --- the verb --- */

static int by_time(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return x->at_ms != y->at_ms ? (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms) : (x->place > y->place) - (x->place < y->place);
}

static int show(struct view *view)
{
    bool good = read_ledger(view);
    if (good && view->id) good = read_case(view);
    if (view->rows) qsort(view->row, view->rows, sizeof *view->row, by_time);
    for (size_t i = 0; i < view->rows; i++) {
        print_record(view, view->row[i].value);
        json_decref(view->row[i].value);
    }
    if (view->more) fprintf(stderr, "bihuan-notify ledger: only the first %d are shown; export has all\n", CASE_ROWS_MAX);
    if (view->strange) fprintf(stderr, "bihuan-notify ledger: %llu records that are none of the ledger's were passed over\n", view->strange);
    if (fflush(stdout) != 0) fprintf(stderr, "bihuan-notify ledger: stdout\n");
    return good && !view->strange && !view->more && !ferror(stdout) ? EXIT_OK : EXIT_FAILED;
}

int notify_ledger(const struct options *options)
{
    struct view *view = xcalloc(1, sizeof *view);
    view->options = options;
    view->id = options->count ? options->operands[0] : NULL;
    int code = EXIT_USAGE;
    columns_open();
    if (config_open(&view->config, options->config)) {
        if (ruleset_load(&view->set, &view->config, NULL)) {
            code = ledger_filter_open(&view->filter, options, view->set.rules.zone, from_option, to_option, unit_option, outcome_option);
            if (code == EXIT_OK) code = show(view);
            ruleset_free(&view->set);
        }
        config_free(&view->config);
    }
    free(view);
    return code;
}
