/* Templates by the names of their files, and which of them a message is made of.
 *
 * The trap: which steps a policy has is not known here, so every file that is there is compiled, and the most particular one
 * that a notice has is chosen when it is filled in. */
#include "notify/words.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uthash.h>

#include "common/alloc.h"
#include "notify/facts.h"
#include "notify/icalendar.h"

enum { FILE_NAME_BYTES = 128, PATH_BYTES = 4096 };

/* What a file is a template of: the last part of its name. */
enum form { FORM_SUBJECT, FORM_LEAD, FORM_MARKDOWN, FORM_TEXT_ALONE, FORM_HTML, FORM_SMS, FORMS };
static const char *const form_names[FORMS] = {"subject", "lead", "md", "txt", "html", "sms"};

struct sheet {
    char name[FILE_NAME_BYTES]; /* of its file */
    struct template *template;
    UT_hash_handle hh;
};

struct words {
    const struct config *config;
    struct names *names;         /* NULL: no endpoint needs words */
    struct template *case_link;  /* NULL for none */
    struct sheet *sheets;
};

/* --- which forms a channel needs --- */

/* The form of a channel's body; of mail the plain one. */
static enum form body_form(const struct channel *channel, int format)
{
    if (channel->markup == MARKUP_MARKDOWN) return format == FORMAT_TEXT ? FORM_TEXT_ALONE : FORM_MARKDOWN;
    return channel->markup == MARKUP_HTML ? FORM_TEXT_ALONE : FORM_SMS;
}

static unsigned forms_of(const struct channel *channel, int format)
{
    unsigned forms = 1U << FORM_SUBJECT | 1U << FORM_LEAD | 1U << body_form(channel, format);
    return channel->markup == MARKUP_HTML ? forms | 1U << FORM_HTML : forms;
}

/* Of all endpoints; 0: none needs words. */
static unsigned forms_needed(const struct config *config, bool all)
{
    unsigned forms = 0;
    if (all) return (1U << FORMS) - 1;
    for (size_t i = 0; i < config->endpoints.count; i++) {
        const struct config_endpoint *endpoint = &config->endpoints.at[i];
        const struct channel *channel = channel_of((enum config_channel)endpoint->channel);
        if (channel->words) forms |= forms_of(channel, endpoint->format);
    }
    return forms;
}

/* --- reading --- */

static const struct sheet *sheet_find(const struct words *words, const char *name)
{
    struct sheet *sheet;
    HASH_FIND_STR(words->sheets, name, sheet);
    return sheet;
}

static bool is_channel(const char *name, size_t bytes)
{
    for (int i = 0; i < CHANNELS; i++) {
        const struct channel *channel = channel_of((enum config_channel)i);
        if (channel && channel->words && strlen(channel->words) == bytes && memcmp(channel->words, name, bytes) == 0) return true;
    }
    return false;
}

/* Is it called NOTICE.FORM or NOTICE.CHANNEL.FORM? NULL, or what is wrong with it. */
static const char *name_fault(const char *name)
{
    const char *form = strrchr(name, '.'), *dot = strchr(name, '.');
    int i = 0;
    if (strlen(name) >= FILE_NAME_BYTES) return "too long a name";
    if (!form || dot == name) return "is called neither NOTICE.FORM nor NOTICE.CHANNEL.FORM";
    while (i < FORMS && strcmp(form_names[i], form + 1) != 0) i++;
    if (i == FORMS) return "no such form: a template ends in .subject, .lead, .md, .txt, .html or .sms";
    if (dot != form && !is_channel(dot + 1, (size_t)(form - dot) - 1)) return "no such channel: it is called neither NOTICE.FORM nor NOTICE.CHANNEL.FORM";
    return NULL;
}

/* Filled in with values as long as titles and cases' names can be, of characters that take the most room, it must not be too much. */
static bool fits(const struct template *template)
{
    enum { LONGEST = 128, COLUMNS = 16 };
    static char longest[LONGEST];
    struct text value[DIGEST_LINES_MAX * COLUMNS];
    struct template_list list[FACT_LISTS];
    struct buffer out;
    _Static_assert(FACTS <= DIGEST_LINES_MAX * COLUMNS, "one table serves for both");
    memset(longest, '"', sizeof longest);
    for (size_t i = 0; i < sizeof value / sizeof *value; i++) value[i] = (struct text){longest, sizeof longest};
    for (size_t i = 0; i < FACT_LISTS; i++) list[i] = (struct template_list){DIGEST_LINES_MAX, COLUMNS, value};
    buffer_init(&out, TEMPLATE_OUTPUT_MAX_BYTES);
    bool good = template_fill(template, MARKUP_HTML, &(struct template_values){value, list}, &out);
    buffer_free(&out);
    return good;
}

static bool take_file(struct words *words, const char *folder, const char *name, struct buffer *faults)
{
    const char *fault = name_fault(name);
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0) abort();
    struct template *template = fault ? NULL : template_load(path, fact_fields, faults);
    if (template && !fits(template)) fault = "can grow beyond all bounds";
    if (fault && faults) buffer_addf(faults, "%s: %s\n", path, fault);
    free(path);
    if (fault || !template) {
        template_free(template);
        return false;
    }
    struct sheet *sheet = xcalloc(1, sizeof *sheet);
    snprintf(sheet->name, sizeof sheet->name, "%s", name);
    sheet->template = template;
    HASH_ADD_STR(words->sheets, name, sheet);
    return true;
}

static int is_visible(const struct dirent *entry)
{
    return *entry->d_name != '.' && strcmp(entry->d_name, "names.json") != 0;
}

static bool take_folder(struct words *words, const char *folder, struct buffer *faults)
{
    struct dirent **entry;
    bool good = true;
    int count = scandir(folder, &entry, is_visible, alphasort);
    if (count < 0) {
        if (faults) buffer_addf(faults, "%s: %s\n", folder, strerror(errno));
        return false;
    }
    for (int i = 0; i < count; i++) {
        good &= take_file(words, folder, entry[i]->d_name, faults);
        free(entry[i]);
    }
    free(entry);
    return good;
}

/* What every notice, alert and digest falls back on; of a digest its lines are all it has, and no lead. */
static bool has_all(const char *folder, unsigned forms, struct buffer *faults)
{
    static const char *const bases[] = {"notice", "cluster", "digest"};
    bool good = true;
    for (size_t base = 0; base < sizeof bases / sizeof *bases; base++)
        for (int form = 0; form < FORMS; form++) {
            char *path = NULL;
            if (!(forms >> form & 1) || (form == FORM_LEAD && strcmp(bases[base], "digest") == 0)) continue;
            if (asprintf(&path, "%s/%s.%s", folder, bases[base], form_names[form]) < 0) abort();
            bool there = access(path, F_OK) == 0;
            if (!there && faults) buffer_addf(faults, "%s: is missing\n", path);
            free(path);
            good &= there;
        }
    return good;
}

static bool take_case_link(struct words *words, struct buffer *faults)
{
    const char *link = words->config->notify.case_link;
    if (!*link) return true;
    words->case_link = template_parse("[notify] case_link", link, strlen(link), link_fields, faults);
    return words->case_link != NULL;
}

struct words *words_open(const struct config *config, bool all, struct buffer *faults)
{
    char folder[PATH_BYTES], file[PATH_BYTES + 16];
    struct words *words = xcalloc(1, sizeof *words);
    unsigned forms = forms_needed(config, all);
    words->config = config;
    bool good = take_case_link(words, faults);
    if (forms) {
        snprintf(folder, sizeof folder, "%s/%s", config->notify.templates, config->notify.language == LANGUAGE_EN ? "en" : "zh");
        snprintf(file, sizeof file, "%s/names.json", folder);
        words->names = names_load(file, faults);
        good &= words->names != NULL;
        good &= take_folder(words, folder, faults);
        good &= access(folder, F_OK) != 0 || has_all(folder, forms, faults);
    }
    if (good) return words;
    words_close(words);
    return NULL;
}

void words_close(struct words *words)
{
    struct sheet *sheet, *next;
    if (!words) return;
    HASH_ITER(hh, words->sheets, sheet, next) {
        HASH_DEL(words->sheets, sheet);
        template_free(sheet->template);
        free(sheet);
    }
    names_free(words->names);
    template_free(words->case_link);
    free(words);
}

/* --- filling --- */

/* What a message is made of, the most particular name first. */
struct sought {
    const char *name[3]; /* of the step, of the kind of notice, and what it falls back on; NULL: none */
    const char *channel;
};

static const struct template *choose(const struct words *words, const struct sought *sought, enum form form)
{
    char name[FILE_NAME_BYTES];
    for (size_t i = 0; i < sizeof sought->name / sizeof *sought->name; i++) {
        const struct sheet *sheet;
        if (!sought->name[i]) continue;
        snprintf(name, sizeof name, "%s.%s.%s", sought->name[i], sought->channel, form_names[form]);
        if ((sheet = sheet_find(words, name))) return sheet->template;
        snprintf(name, sizeof name, "%s.%s", sought->name[i], form_names[form]);
        if ((sheet = sheet_find(words, name))) return sheet->template;
    }
    return NULL;
}

/* A form filled in; of everything but a lead itself with the lead in it. */
static struct text fill(const struct words *words, const struct sought *sought, enum form form, enum markup markup, struct facts *facts,
                        struct pool *pool)
{
    const struct template *template = choose(words, sought, form);
    struct buffer out;
    if (!template) return (struct text){"", 0};
    facts->text[FACT_LEAD] = (struct text){0};
    if (form != FORM_LEAD) facts->text[FACT_LEAD] = fill(words, sought, FORM_LEAD, markup, facts, pool);
    buffer_init(&out, TEMPLATE_OUTPUT_MAX_BYTES);
    template_fill(template, markup, &(struct template_values){facts->text, facts->list}, &out);
    struct text text = {pool_copy(pool, buffer_text(&out), out.bytes + 1), out.bytes};
    buffer_free(&out);
    return text;
}

/* One line: what a subject may be. */
static const char *one_line(struct text text, struct pool *pool)
{
    char *line = pool_copy(pool, text.at, text.bytes + 1);
    for (char *c = line; *c; c++)
        if (*c == '\n' || *c == '\r' || *c == '\t') *c = ' ';
    return line;
}

static void fill_all(const struct words *words, const struct config_endpoint *endpoint, const struct sought *sought, struct facts *facts,
                     struct message *message, struct pool *pool)
{
    const struct channel *channel = channel_of((enum config_channel)endpoint->channel);
    enum form form = body_form(channel, endpoint->format);
    message->subject = message->body = "";
    message->html = NULL;
    if (!channel->words || !words->names) return;
    message->subject = one_line(fill(words, sought, FORM_SUBJECT, MARKUP_PLAIN, facts, pool), pool);
    message->body = fill(words, sought, form, form == FORM_MARKDOWN ? MARKUP_MARKDOWN : MARKUP_PLAIN, facts, pool).at;
    if (channel->markup == MARKUP_HTML) message->html = fill(words, sought, FORM_HTML, MARKUP_HTML, facts, pool).at;
}

/* Names that no step's file can have, as they are others'. */
static bool is_reserved(const char *name)
{
    return !strcmp(name, "notice") || !strcmp(name, "cluster") || !strcmp(name, "digest");
}

void words_notice(const struct words *words, const struct config_endpoint *endpoint, const struct wording *wording, struct message *message,
                  struct pool *pool)
{
    const struct channel *channel = channel_of((enum config_channel)endpoint->channel);
    const struct policy_step *step = wording->demand->step;
    struct sought sought = {{step && !is_reserved(step->name) ? step->name : NULL, facts_kind(wording->demand), wording->alert ? NULL : "notice"},
                            channel->words};
    struct facts facts = {0};
    message->id = wording->id;
    message->key = facts_string(pool, wording->alert ? wording->alert->place : wording->envelope->file->id);
    message->calendar = NULL;
    message->link = "";
    if (words->names) {
        struct facts_maker maker = {words->names, words->case_link, pool};
        facts_of_notice(&facts, &maker, wording);
        message->link = facts_string(pool, facts.text[FACT_LINK]);
    }
    fill_all(words, endpoint, &sought, &facts, message, pool);
    if (channel->markup == MARKUP_HTML && words->names) message->calendar = icalendar_of(wording, message->subject, message->link, pool);
}

void words_digest(const struct words *words, const struct config_endpoint *endpoint, const struct digest *digest, const struct units *units,
                  const char *id, struct message *message, struct pool *pool)
{
    const struct channel *channel = channel_of((enum config_channel)endpoint->channel);
    struct sought sought = {{"digest", NULL, NULL}, channel->words};
    struct facts facts = {0};
    message->id = id;
    message->key = message->link = "";
    message->calendar = NULL;
    if (words->names) {
        struct facts_maker maker = {words->names, words->case_link, pool};
        facts_of_digest(&facts, &maker, digest, units);
    }
    fill_all(words, endpoint, &sought, &facts, message, pool);
}
