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

static const char *const type_names[EVENT_TYPES] = {
    [TICKET_RECEIVED] = "ticket.received",
    [TICKET_AMENDED] = "ticket.amended",
    [TICKET_DISPATCHED] = "ticket.dispatched",
    [TICKET_SIGNED] = "ticket.signed",
    [TICKET_CONTACTED] = "ticket.contacted",
    [TICKET_TRANSFERRED] = "ticket.transferred",
    [TICKET_RETURNED] = "ticket.returned",
    [TICKET_SUSPENDED] = "ticket.suspended",
    [TICKET_RESUMED] = "ticket.resumed",
    [TICKET_EXTENSION_REQUESTED] = "ticket.extension_requested",
    [TICKET_EXTENSION_GRANTED] = "ticket.extension_granted",
    [TICKET_EXTENSION_REFUSED] = "ticket.extension_refused",
    [TICKET_URGED] = "ticket.urged",
    [TICKET_SUPERVISED] = "ticket.supervised",
    [TICKET_ANSWERED] = "ticket.answered",
    [TICKET_CALLED_BACK] = "ticket.called_back",
    [TICKET_CLOSED] = "ticket.closed",
    [TICKET_REOPENED] = "ticket.reopened",
    [TICKET_VOIDED] = "ticket.voided",
    [TICKET_MERGED] = "ticket.merged",
    [RATING_SUBMITTED] = "rating.submitted",
    [RATING_VERIFIED] = "rating.verified",
    [RATING_RECTIFIED] = "rating.rectified",
    [RATING_APPEALED] = "rating.appealed",
    [RATING_APPEAL_UPHELD] = "rating.appeal_upheld",
    [RATING_APPEAL_REJECTED] = "rating.appeal_rejected",
    [RATING_REPLIED] = "rating.replied",
    [RATING_CALLED_BACK] = "rating.called_back",
    [RATING_PUBLISHED] = "rating.published",
};

const char *event_type_name(enum event_type type)
{
    return type > EVENT_NONE && type < EVENT_TYPES ? type_names[type] : NULL;
}

enum event_type event_type_parse(const char *name, size_t bytes)
{
    for (int type = EVENT_NONE + 1; type < EVENT_TYPES; type++)
        if (strlen(type_names[type]) == bytes && memcmp(type_names[type], name, bytes) == 0)
            return (enum event_type)type;
    return EVENT_NONE;
}

enum of event_type_of(enum event_type type)
{
    return type >= RATING_SUBMITTED ? OF_RATING : OF_TICKET;
}

const char *of_name(enum of of)
{
    return of == OF_RATING ? "rating" : "ticket";
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
