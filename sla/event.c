/* Names of what can happen, and rule 2.1's order. */
#include "sla/event.h"

#include <string.h>

bool text_equal(struct text a, struct text b)
{
    return a.bytes == b.bytes && (a.bytes == 0 || memcmp(a.at, b.at, a.bytes) == 0);
}

int text_compare(struct text a, struct text b)
{
    size_t bytes = a.bytes < b.bytes ? a.bytes : b.bytes;
    int order = bytes ? memcmp(a.at, b.at, bytes) : 0;
    return order ? order : (a.bytes > b.bytes) - (a.bytes < b.bytes);
}

bool text_next(struct text *list, struct text *one)
{
    const char *end = list->bytes ? memchr(list->at, 0, list->bytes) : NULL;
    if (!end) return false;
    *one = (struct text){list->at, (size_t)(end - list->at)};
    list->bytes -= one->bytes + 1;
    list->at = end + 1;
    return true;
}

bool text_among(struct text list, struct text one)
{
    struct text next;
    while (text_next(&list, &next))
        if (text_equal(next, one)) return true;
    return false;
}

size_t text_find(const struct text *table, size_t count, const char *name, size_t bytes)
{
    size_t i = 0;
    while (i < count && (table[i].bytes != bytes || memcmp(table[i].at, name, bytes) != 0)) i++;
    return i;
}

static const struct text type_names[EVENT_TYPES] = {
    [EVENT_NONE] = {NULL, 0},
    [TICKET_RECEIVED] = {"ticket.received", sizeof "ticket.received" - 1},
    [TICKET_AMENDED] = {"ticket.amended", sizeof "ticket.amended" - 1},
    [TICKET_DISPATCHED] = {"ticket.dispatched", sizeof "ticket.dispatched" - 1},
    [TICKET_SIGNED] = {"ticket.signed", sizeof "ticket.signed" - 1},
    [TICKET_CONTACTED] = {"ticket.contacted", sizeof "ticket.contacted" - 1},
    [TICKET_TRANSFERRED] = {"ticket.transferred", sizeof "ticket.transferred" - 1},
    [TICKET_RETURNED] = {"ticket.returned", sizeof "ticket.returned" - 1},
    [TICKET_SUSPENDED] = {"ticket.suspended", sizeof "ticket.suspended" - 1},
    [TICKET_RESUMED] = {"ticket.resumed", sizeof "ticket.resumed" - 1},
    [TICKET_EXTENSION_REQUESTED] = {"ticket.extension_requested", sizeof "ticket.extension_requested" - 1},
    [TICKET_EXTENSION_GRANTED] = {"ticket.extension_granted", sizeof "ticket.extension_granted" - 1},
    [TICKET_EXTENSION_REFUSED] = {"ticket.extension_refused", sizeof "ticket.extension_refused" - 1},
    [TICKET_URGED] = {"ticket.urged", sizeof "ticket.urged" - 1},
    [TICKET_SUPERVISED] = {"ticket.supervised", sizeof "ticket.supervised" - 1},
    [TICKET_ANSWERED] = {"ticket.answered", sizeof "ticket.answered" - 1},
    [TICKET_CALLED_BACK] = {"ticket.called_back", sizeof "ticket.called_back" - 1},
    [TICKET_CLOSED] = {"ticket.closed", sizeof "ticket.closed" - 1},
    [TICKET_REOPENED] = {"ticket.reopened", sizeof "ticket.reopened" - 1},
    [TICKET_VOIDED] = {"ticket.voided", sizeof "ticket.voided" - 1},
    [TICKET_MERGED] = {"ticket.merged", sizeof "ticket.merged" - 1},
    [RATING_SUBMITTED] = {"rating.submitted", sizeof "rating.submitted" - 1},
    [RATING_VERIFIED] = {"rating.verified", sizeof "rating.verified" - 1},
    [RATING_RECTIFIED] = {"rating.rectified", sizeof "rating.rectified" - 1},
    [RATING_APPEALED] = {"rating.appealed", sizeof "rating.appealed" - 1},
    [RATING_APPEAL_UPHELD] = {"rating.appeal_upheld", sizeof "rating.appeal_upheld" - 1},
    [RATING_APPEAL_REJECTED] = {"rating.appeal_rejected", sizeof "rating.appeal_rejected" - 1},
    [RATING_REPLIED] = {"rating.replied", sizeof "rating.replied" - 1},
    [RATING_CALLED_BACK] = {"rating.called_back", sizeof "rating.called_back" - 1},
    [RATING_PUBLISHED] = {"rating.published", sizeof "rating.published" - 1},
    [TICKET_SEEN] = {"ticket.seen", sizeof "ticket.seen" - 1},
    [RATING_SEEN] = {"rating.seen", sizeof "rating.seen" - 1},
};

const char *event_type_name(enum event_type type)
{
    return type > EVENT_NONE && type < EVENT_TYPES ? type_names[type].at : NULL;
}

const char *event_type_chinese(enum event_type type)
{
    static const char *const names[EVENT_TYPES] = {
        "",     "受理",     "修改",     "派单",       "签收", "先行联系", "转派", "退单", "挂起", "恢复", "延期申请", "延期同意", "延期不同意", "催单", "督办",
        "办结答复", "回访", "结案", "重办", "作废", "并单", "评价", "核实", "整改", "申诉", "申诉成立", "申诉不成立", "反馈", "回访", "公开", "已阅", "已阅"};
    return names[type];
}

enum event_type event_type_parse(const char *name, size_t bytes)
{
    size_t type = text_find(type_names + 1, EVENT_TYPES - 1, name, bytes) + 1;
    return type < EVENT_TYPES ? (enum event_type)type : EVENT_NONE;
}

enum of event_type_of(enum event_type type)
{
    return type >= RATING_SUBMITTED && type != TICKET_SEEN ? OF_RATING : OF_TICKET;
}

const char *of_name(enum of of)
{
    static const char *const names[OFS] = {"ticket", "rating", "appellant", "place"};
    return names[of];
}

char of_letter(enum of of)
{
    return "trap"[of];
}

bool of_case(enum of of)
{
    return of <= OF_RATING;
}

const char *kind_name(enum kind kind)
{
    static const char *const names[KINDS] = {NULL,        "consultation", "suggestion", "opinion", "help",
                                             "complaint", "report",       "praise",     "other"};
    return names[kind];
}

const char *urgency_name(enum urgency urgency)
{
    static const char *const names[URGENCIES] = {NULL, "normal", "urgent", "critical"};
    return names[urgency];
}

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[OUTCOMES] = {NULL, "solved", "explained"};
    return names[outcome];
}

int event_compare(const struct event *a, const struct event *b)
{
    if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms ? -1 : 1;
    if (a->type != b->type) return a->type < b->type ? -1 : 1;
    return memcmp(a->key, b->key, sizeof a->key);
}

struct text event_citizen(const struct event *event)
{
    struct text kept = event->detail ? event->detail->citizen : (struct text){0};
    const char *colon = kept.bytes ? memchr(kept.at, ':', kept.bytes) : NULL;
    const char *end = colon ? memchr(colon + 1, ':', (size_t)(kept.at + kept.bytes - colon - 1)) : NULL;
    return end && end > colon + 1 ? (struct text){kept.at, (size_t)(end - kept.at)} : (struct text){0};
}
