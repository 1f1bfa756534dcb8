#ifndef BIHUAN_NOTIFY_FACTS_H
#define BIHUAN_NOTIFY_FACTS_H
/* What a notice, an alert or a digest says, as fields of templates (docs/TEMPLATES.md lists them). Pure. */
#include "notify/names.h"
#include "notify/template.h"
#include "notify/words.h"

enum fact {
    /* of every message */
    FACT_TRIAL, FACT_ELSEWHERE, FACT_LEAD, FACT_NOW,
    /* of a notice */
    FACT_NOTICE, FACT_CASE, FACT_OF, FACT_RATING, FACT_TITLE, FACT_TITLE_SHORT, FACT_ITEM, FACT_AREA, FACT_UNIT, FACT_CLASS, FACT_CLOCK, FACT_POLICY,
    FACT_POLICY_NAME, FACT_LIMIT, FACT_DEADLINE, FACT_DEADLINE_SHORT, FACT_DEADLINE_BEFORE, FACT_LEFT, FACT_AFTER_HOURS, FACT_LATE, FACT_OVERDUE,
    FACT_OWED, FACT_OWED_BY, FACT_ROUND, FACT_EXTENDED, FACT_SUSPENDED, FACT_PROVISIONAL, FACT_STATE, FACT_URGENCY, FACT_RECEIVED, FACT_TIMES,
    FACT_LINK, FACT_SEEN_LINK, FACT_SIGNED_LINK,
    /* of an alert */
    FACT_CITIZENS, FACT_SINCE, FACT_UNTIL, FACT_MORE,
    /* of a digest */
    FACT_RECIPIENT, FACT_COUNT, FACT_COUNT_OVERDUE, FACT_COUNT_TODAY, FACT_COUNT_TOMORROW, FACT_COUNT_OTHER, FACT_MORE_OVERDUE,
    FACT_MORE_TODAY, FACT_MORE_TOMORROW, FACT_MORE_OTHER,
    FACTS
};

enum fact_list { LIST_CASES, LIST_SECTION /* and the other sections behind it */, FACT_LISTS = LIST_SECTION + DIGEST_SECTIONS };
enum { ALERT_CASES_SHOWN = 10 };

extern const struct template_field fact_fields[];
/* Of [notify] case_link: case and of. */
extern const struct template_field link_fields[];

struct facts {
    struct text text[FACTS];
    struct template_list list[FACT_LISTS];
};

/* What facts are made with. Borrowed; case_link NULL for none. */
struct facts_maker {
    const struct names *names;
    const struct template *case_link;
    struct pool *pool;
};

/* The kind of a notice, as its templates are called: by what it is, else by its step and whom that addresses. */
const char *facts_kind(const struct demand *demand);

/* *facts is all set; FACT_LEAD is empty. */
void facts_of_notice(struct facts *facts, const struct facts_maker *maker, const struct wording *wording);
void facts_of_digest(struct facts *facts, const struct facts_maker *maker, const struct digest *digest, const struct units *units);

/* A copy of a text with a NUL behind it. */
const char *facts_string(struct pool *pool, struct text text);

#endif
