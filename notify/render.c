/* bihuan-notify render: a notice filled in as it would be sent now, in words or as the envelope that webhooks get; or a digest. Sends and
 * writes nothing. */
#include <stdio.h>
#include <string.h>

#include "notify/digest_preview.h"
#include "notify/preview.h"
#include "notify/verbs.h"
#include "notify/words.h"
#include "sla/case_json.h"
#include "sla/look.h"

static const char *case_option, *digest_option, *step_option, *channel_option, *format_option, *language_option;
const struct options_extra render_extras[] = {{"case", &case_option, NULL},       {"digest", &digest_option, NULL}, {"step", &step_option, NULL},
                                              {"channel", &channel_option, NULL}, {"format", &format_option, NULL}, {"language", &language_option, NULL},
                                              {NULL, NULL, NULL}};

/* What it is filled in for. */
struct rendering {
    struct look look;
    struct config_endpoint endpoint;
    const struct channel *channel; /* NULL: the envelope is shown */
    struct words *words;
    struct units *units;
    struct pool pool;
};

/* --- what was asked for --- */

/* Place of the option's word among `names`, *place where it is not given. */
static bool choose(const struct options *options, const char *option, const char *given, const char *const *names, int *place)
{
    if (!given) return true;
    for (int i = 0; names[i]; i++)
        if (!strcmp(names[i], given)) {
            *place = i;
            return true;
        }
    options_usage(options, "--%s %s is not known", option, given);
    return false;
}

static bool choose_channel(struct rendering *r, const struct options *options)
{
    const char *names[CHANNELS + 1] = {NULL};
    static const char *const formats[] = {"markdown", "text", NULL};
    int count = 0;
    for (; count < CHANNELS && channel_of((enum config_channel)count); count++) names[count] = channel_of((enum config_channel)count)->name;
    if (!choose(options, "channel", channel_option, names, &r->endpoint.channel) || !choose(options, "format", format_option, formats, &r->endpoint.format)) return false;
    r->channel = channel_option ? channel_of((enum config_channel)r->endpoint.channel) : NULL;
    if (r->channel && !r->channel->words) r->channel = NULL;
    return true;
}

static bool open_words(struct rendering *r, const struct options *options)
{
    static const char *const languages[] = {"zh", "en", NULL};
    struct buffer faults;
    struct config *config = &r->look.config;
    if (!choose(options, "language", language_option, languages, &config->notify.language)) return false;
    if (!r->channel) return true;
    buffer_init(&faults, CONFIG_FAULTS_BYTES);
    r->words = words_open(config, true, &faults);
    if (*config->notify.units) r->units = units_load(config->notify.units, &faults);
    bool good = r->words && (r->units || !*config->notify.units);
    if (!good) fputs(buffer_text(&faults), stderr);
    buffer_free(&faults);
    return good;
}

/* --- showing --- */

static bool show_envelope(const struct envelope *envelope, const struct preview *preview, bool json)
{
    json_t *object = envelope_notice(envelope, &preview->demand, preview->id);
    bool good = json ? json_print_line(stdout, object) : json_dumpf(object, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF;
    json_decref(object);
    return good;
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string_nocheck(text) : json_null();
}

static bool show_message(const struct rendering *r, const struct message *message)
{
    if (r->look.options->json) {
        json_t *object = json_pack("{s:s,s:s,s:o,s:o,s:o,s:o,s:o}", "id", message->id, "channel", r->channel->name, "subject", text_or_null(message->subject), "body",
                                   text_or_null(message->body), "html", text_or_null(message->html), "calendar", text_or_null(message->calendar), "link",
                                   text_or_null(message->link));
        bool good = object && json_print_line(stdout, object);
        json_decref(object);
        return good;
    }
    printf("%s\n\n%s\n", message->subject, message->body);
    if (message->html) printf("\n%s\n", message->html);
    if (message->calendar) printf("\n%s", message->calendar);
    return !ferror(stdout);
}

static bool show_notice(struct rendering *r, const struct envelope *envelope)
{
    struct preview preview;
    struct message message;
    const char *none = preview_find(&preview, envelope, step_option);
    if (none) {
        fprintf(stderr, "bihuan-notify render: %s\n", none);
        return false;
    }
    if (!r->channel) return show_envelope(envelope, &preview, r->look.options->json);
    struct wording wording = {.envelope = envelope, .demand = &preview.demand, .units = r->units, .id = preview.id, .seen_link = "", .signed_link = ""};
    words_notice(r->words, &r->endpoint, &wording, &message, &r->pool);
    return show_message(r, &message);
}

/* --- the case --- */

/* A ticket of that name, or else a rating. */
static int render(struct rendering *r, struct text id)
{
    struct look *look = &r->look;
    struct case_file file = {.id = id};
    struct fold fold = {0};
    redisReply *reply = store_case(&look->store, OF_TICKET, id);
    if (reply && reply->type != REDIS_REPLY_STRING) {
        freeReplyObject(reply);
        file.of = OF_RATING;
        reply = store_case(&look->store, OF_RATING, id);
    }
    int code = EXIT_FAILED;
    const char *fault = reply && reply->type == REDIS_REPLY_STRING ? case_decode(reply->str, (size_t)reply->len, &file, &r->pool) : "no such case";
    if (!reply) {
        code = look_failed(look);
    } else if (fault) {
        fprintf(stderr, "bihuan-notify render: \"%.*s\": %s\n", (int)id.bytes, id.at, fault);
    } else {
        struct envelope envelope = {&file, &fold, rulebook_bind(look->store.book, &file), clock_business_ms(&look->store.clock)};
        fold_case(&fold, envelope.rules, &file, envelope.now_ms);
        if (show_notice(r, &envelope)) code = EXIT_OK;
    }
    if (reply) freeReplyObject(reply);
    case_clear(&file);
    fold_free(&fold);
    return code;
}

/* --- a digest --- */

static int render_digest(struct rendering *r, struct text name)
{
    struct look *look = &r->look;
    struct outfit outfit;
    struct digest_filling filling = {.recipient = 0};
    struct message message = {.id = NULL};
    struct buffer faults;
    char id[DIGEST_ID_BYTES];
    int code = EXIT_USAGE;
    buffer_init(&faults, CONFIG_FAULTS_BYTES);
    if (outfit_open(&outfit, &look->config, &faults, NULL)) {
        fputs(buffer_text(&faults), stderr);
    } else {
        const char *none = digest_preview(&filling, &look->store, &outfit, name, &r->pool);
        code = EXIT_FAILED;
        digest_id(id, filling.recipient, filling.digest.at_ms);
        if (none) fprintf(stderr, "bihuan-notify render: %.*s: %s\n", (int)name.bytes, name.at, none);
        else words_digest(r->words, &r->endpoint, &filling.digest, r->units, id, &message, &r->pool);
        if (!none && show_message(r, &message)) code = EXIT_OK;
    }
    digest_clear(&filling.digest);
    outfit_close(&outfit);
    buffer_free(&faults);
    return code;
}

int notify_render(const struct options *options)
{
    struct rendering r = {.endpoint = {.name = ""}};
    const char *id = case_option ? case_option : options->count ? options->operands[0] : NULL;
    if (!id == !digest_option || (case_option && options->count)) return options_usage(options, "exactly one of --case ID and --digest RECIPIENT is needed");
    if (!choose_channel(&r, options)) return EXIT_USAGE;
    if (digest_option && !r.channel) return options_usage(options, "--digest needs a --channel that sends words");
    int code = look_open(&r.look, options);
    if (code != EXIT_OK) return code;
    if (!open_words(&r, options)) code = EXIT_USAGE;
    else code = digest_option ? render_digest(&r, (struct text){digest_option, strlen(digest_option)}) : render(&r, (struct text){id, strlen(id)});
    words_close(r.words);
    units_free(r.units);
    pool_free(&r.pool);
    look_close(&r.look);
    return code;
}
