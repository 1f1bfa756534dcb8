/* Reads a time by a form. Second 60 and hour 24 are no times here, as in the
 * canonical event. */
#include "ingest/time_form.h"

#include <string.h>

struct reading {
    const char *at, *end;
    int64_t year, month, dom, hour, minute, second, fraction_ms, since_ms, offset_ms;
    bool has_offset, has_since;
};

static bool take_number(struct reading *r, size_t least, size_t most, int64_t *out)
{
    size_t digits = 0;
    *out = 0;
    for (; digits < most && r->at < r->end && *r->at >= '0' && *r->at <= '9'; digits++) *out = *out * 10 + (*r->at++ - '0');
    return digits >= least;
}

static bool take_fraction(struct reading *r)
{
    const char *from = r->at;
    int64_t value;
    if (!take_number(r, 1, 9, &value)) return false;
    for (size_t digits = (size_t)(r->at - from); digits < 9; digits++) value *= 10;
    r->fraction_ms = value / 1000000;
    return true;
}

static bool take_offset(struct reading *r)
{
    int64_t hours, minutes = 0;
    r->has_offset = true;
    if (r->at < r->end && (*r->at == 'Z' || *r->at == 'z')) return r->at++, true;
    if (r->at == r->end || (*r->at != '+' && *r->at != '-')) return false;
    bool west = *r->at++ == '-';
    if (!take_number(r, 2, 2, &hours)) return false;
    bool colon = r->at < r->end && *r->at == ':';
    r->at += colon;
    if ((colon || r->at < r->end) && !take_number(r, 2, 2, &minutes)) return false;
    r->offset_ms = (hours * 60 + minutes) * (west ? -60000 : 60000);
    return hours < 24 && minutes < 60;
}

static bool take_since(struct reading *r, int64_t unit_ms)
{
    if (!take_number(r, 1, 15, &r->since_ms)) return false;
    r->since_ms *= unit_ms;
    return r->has_since = true;
}

static bool take(struct reading *r, char directive)
{
    switch (directive) {
    case 'Y': return take_number(r, 4, 4, &r->year);
    case 'm': return take_number(r, 1, 2, &r->month);
    case 'd': return take_number(r, 1, 2, &r->dom);
    case 'H': return take_number(r, 1, 2, &r->hour);
    case 'M': return take_number(r, 1, 2, &r->minute);
    case 'S': return take_number(r, 1, 2, &r->second);
    case 'f': return take_fraction(r);
    case 'z': return take_offset(r);
    case 's': return take_since(r, 1000);
    case 'Q': return take_since(r, 1);
    case '%': return r->at < r->end && *r->at++ == '%';
    default: return false;
    }
}

const char *time_form_fault(const char *form)
{
    unsigned seen = 0;
    static const char directives[] = "YmdHMSfzsQ%";
    for (const char *c = form; *c; c++) {
        if (*c != '%') continue;
        const char *which = *++c ? strchr(directives, *c) : NULL;
        if (!which) return "expected one of %Y %m %d %H %M %S %f %z %s %Q %% behind each %";
        seen |= 1u << (which - directives);
    }
    bool day = (seen & 7u) == 7u, since = seen & (1u << 8 | 1u << 9);
    return day || since ? NULL : "expected %Y, %m and %d, or %s, or %Q";
}

static bool walk(struct reading *r, const char *form)
{
    for (; *form; form++) {
        if (*form == ' ') {
            while (r->at < r->end && (*r->at == ' ' || *r->at == '\t')) r->at++;
        } else if (*form == '%') {
            if (!take(r, *++form)) return false;
        } else if (r->at == r->end || *r->at++ != *form) {
            return false;
        }
    }
    return r->at == r->end;
}

bool time_form_read(const char *form, const char *text, size_t bytes, const struct zone *zone, int64_t *at_ms)
{
    struct reading r = {.at = text, .end = text + bytes};
    int year, month, dom;
    if (!walk(&r, form)) return false;
    if (r.has_since) return *at_ms = r.since_ms + r.fraction_ms, true;
    if (r.month < 1 || r.month > 12 || r.dom < 1 || r.dom > 31 || r.hour > 23 || r.minute > 59 || r.second > 59) return false;
    int32_t day = day_from_civil((int)r.year, (int)r.month, (int)r.dom);
    day_to_civil(day, &year, &month, &dom);
    if (month != r.month || dom != r.dom) return false;
    int32_t of_day_ms = (int32_t)(((r.hour * 60 + r.minute) * 60 + r.second) * 1000 + r.fraction_ms);
    *at_ms = r.has_offset ? (int64_t)day * DAY_MS + of_day_ms - r.offset_ms : zone_instant_ms(zone, day, of_day_ms);
    return true;
}
