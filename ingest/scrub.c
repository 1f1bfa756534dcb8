/* The title as it may leave ingest: numbers, addresses and the citizen's own words
 * give way to asterisks, then it is cut.
 *
 * Not a search for every personal datum: it errs towards hiding. The traps: cut
 * first, and half a telephone number stays; look for digits of one writing, and
 * full-width ones stay. */
#include "ingest/citizen.h"
#include "ingest/normal.h"

#include <string.h>

enum {
    DIGITS_MAX = 24,   /* looked at together: an ID number with something before it */
    GAP_MAX = 3,       /* separators in a row inside a number or a name */
    RUN_MIN = 7,       /* this many digits in a row are hidden */
    TOKEN_REACH = 64,  /* how far letters are looked for around a number, bytes */
    OWN_MAX = 5,
    OWN_PHONE_MIN = 5, /* digits, or glyphs, below which an own number is not looked for */
    OWN_ID_MIN = 4,
};

struct scrub {
    struct text title;
    size_t at;      /* read so far */
    size_t settled; /* digits before this have been judged: they stay */
    bool inside;    /* the character before `at` may be part of an e-mail address, and stayed */
    size_t owns;
    uint32_t first[OWN_MAX]; /* characters of the own words, for most comparisons enough */
    struct normal own[OWN_MAX];
    char *out;
    size_t bytes;
};

/* Digits from some place on, over separators. */
struct digits {
    size_t count;
    char value[DIGITS_MAX];
    size_t end[DIGITS_MAX];  /* where in the title the digit ends */
    bool closes[DIGITS_MAX]; /* no digit touches it from behind */
};

static struct glyph glyph_in(struct text title, size_t at)
{
    return at < title.bytes ? glyph_next(title.at + at, title.bytes - at) : (struct glyph){0, 0};
}

static void gather(struct text title, size_t at, struct digits *digits)
{
    size_t gap = 0;
    digits->count = 0;
    while (digits->count < DIGITS_MAX) {
        struct glyph glyph = glyph_in(title, at);
        at += glyph.bytes;
        if (glyph_is_digit(glyph.code)) {
            digits->value[digits->count] = (char)glyph.code;
            digits->closes[digits->count] = false;
            digits->end[digits->count++] = at;
            gap = 0;
            continue;
        }
        if (digits->count) digits->closes[digits->count - 1] = true;
        if (!glyph_separates(glyph.code) || gap++ == GAP_MAX) return;
    }
}

static bool between(const char *digits, int low, int high)
{
    int value = (digits[0] - '0') * 10 + digits[1] - '0';
    return value >= low && value <= high;
}

/* Each pattern returns where it ends in the title, 0 for no match. */

static size_t id_18(struct text title, const struct digits *d)
{
    if (d->count < 17 || d->value[0] == '0' || !between(d->value + 6, 18, 20) || !between(d->value + 10, 1, 12) || !between(d->value + 12, 1, 31))
        return 0;
    if (d->count >= 18 && d->closes[17]) return d->end[17];
    if (!d->closes[16]) return 0;
    struct glyph glyph = glyph_in(title, d->end[16]);
    size_t at = d->end[16];
    if (glyph_separates(glyph.code)) glyph = glyph_in(title, at += glyph.bytes);
    return glyph.code == 'X' ? at + glyph.bytes : 0;
}

static size_t id_15(const struct digits *d)
{
    bool birth = d->count >= 15 && d->closes[14] && d->value[0] != '0' && between(d->value + 8, 1, 12) && between(d->value + 10, 1, 31);
    return birth ? d->end[14] : 0;
}

static size_t mobile(const struct digits *d)
{
    static const char *const prefixes[] = {"", "0", "86", "086", "0086"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t skip = strlen(prefixes[i]), last = skip + 10;
        if (d->count > last && d->closes[last] && memcmp(d->value, prefixes[i], skip) == 0 && d->value[skip] == '1' && d->value[skip + 1] >= '3')
            return d->end[last];
    }
    return 0;
}

/* 0xx(x), something between, 7 or 8 digits. */
static size_t land_line(const struct digits *d)
{
    size_t area = d->count > 3 && d->closes[2] ? 3 : d->count > 4 && !d->closes[2] && d->closes[3] ? 4 : 0;
    if (!area || d->value[0] != '0' || d->closes[0] || d->closes[1]) return 0;
    for (size_t last = area + 7; last >= area + 6; last--)
        if (d->count > last && d->closes[last]) return d->end[last];
    return 0;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool in_token(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || (c && strchr("-_/.", c));
}

/* Whether the digits between belong to a number with letters in it. */
static bool has_letters(struct text title, size_t from, size_t to)
{
    for (size_t i = from; i > 0 && from - i < TOKEN_REACH && in_token(title.at[i - 1]); i--)
        if (is_letter(title.at[i - 1])) return true;
    for (size_t i = to; i < title.bytes && i - to < TOKEN_REACH && in_token(title.at[i]); i++)
        if (is_letter(title.at[i])) return true;
    return false;
}

/* Whether the letters right before say that a way to reach somebody follows. */
static bool is_contact(struct text title, size_t from)
{
    static const char *const words[] = {"q", "qq", "v", "vx", "wx", "weixin", "wechat", "tel", "phone", "mobile", "fax"};
    size_t start = from;
    while (start > 0 && is_letter(title.at[start - 1])) start--;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == from - start && strncasecmp(words[i], title.at + start, from - start) == 0) return true;
    return false;
}

/* At the first digit of a run: where what must be hidden ends, or 0 (it stays). */
static size_t match_number(struct scrub *scrub)
{
    struct digits digits;
    gather(scrub->title, scrub->at, &digits);
    size_t end = id_18(scrub->title, &digits), run = 0, stop = scrub->at;
    if (!end) end = mobile(&digits);
    if (!end) end = id_15(&digits);
    if (!end) end = land_line(&digits);
    if (end) return end;
    for (struct glyph glyph; glyph = glyph_in(scrub->title, stop), glyph_is_digit(glyph.code); run++) stop += glyph.bytes;
    if (run >= RUN_MIN && (!has_letters(scrub->title, scrub->at, stop) || is_contact(scrub->title, scrub->at))) return stop;
    scrub->settled = stop;
    return 0;
}

/* The title from here on as an own word, over separators; 0 when it is another. */
static size_t match_own(const struct scrub *scrub, const struct normal *own)
{
    size_t at = scrub->at, gap = 0;
    for (size_t k = 0; k < own->bytes;) {
        struct glyph glyph = glyph_in(scrub->title, at), wanted = glyph_next(own->at + k, own->bytes - k);
        bool same = glyph.code == wanted.code;
        if (!same && (k == 0 || !glyph_separates(glyph.code) || gap++ == GAP_MAX)) return 0;
        if (same) k += wanted.bytes, gap = 0;
        at += glyph.bytes;
    }
    return at;
}

static bool in_local_part(uint32_t code)
{
    return glyph_is_word(code) || (code < 0x80 && code && strchr("._%+-", (int)code));
}

/* An e-mail address whose first character stands here; a blank on either side of @ is let pass. */
static size_t match_email(const struct scrub *scrub)
{
    size_t at = scrub->at, domain = 0;
    struct glyph glyph = glyph_in(scrub->title, at);
    for (; in_local_part(glyph.code); glyph = glyph_in(scrub->title, at)) at += glyph.bytes;
    if (glyph.code == ' ') glyph = glyph_in(scrub->title, at += glyph.bytes);
    if (glyph.code != '@') return 0;
    glyph = glyph_in(scrub->title, at += glyph.bytes);
    if (glyph.code == ' ') glyph = glyph_in(scrub->title, at += glyph.bytes);
    for (; glyph_is_word(glyph.code) || glyph.code == '.' || glyph.code == '-'; glyph = glyph_in(scrub->title, at), domain++) at += glyph.bytes;
    return domain ? at : 0;
}

/* Where what must be hidden from here on ends, or 0. */
static size_t match(struct scrub *scrub, struct glyph glyph)
{
    size_t end = 0;
    if (!scrub->inside && in_local_part(glyph.code)) end = match_email(scrub);
    for (size_t i = 0; !end && i < scrub->owns; i++)
        if (glyph.code == scrub->first[i]) end = match_own(scrub, &scrub->own[i]);
    if (!end && glyph_is_digit(glyph.code) && scrub->at >= scrub->settled) end = match_number(scrub);
    return end;
}

static bool put(struct scrub *scrub, const char *at, size_t bytes)
{
    if (bytes > CITIZEN_TITLE_BYTES - scrub->bytes) return false;
    memcpy(scrub->out + scrub->bytes, at, bytes);
    scrub->bytes += bytes;
    return true;
}

static void add_own(struct scrub *scrub, const struct normal *normal, size_t glyphs_min)
{
    if (normal->glyphs < glyphs_min || scrub->owns == OWN_MAX) return;
    struct normal *own = &scrub->own[scrub->owns];
    own->bytes = normal->bytes;
    memcpy(own->at, normal->at, normal->bytes);
    scrub->first[scrub->owns++] = glyph_next(own->at, own->bytes).code;
}

/* The local part of a land line, its last 8 or 7 digits: people leave the area code out. */
static void add_local_phone(struct scrub *scrub, const struct normal *phone)
{
    if (phone->bytes < 10 || phone->bytes > 12 || phone->at[0] != '0') return;
    for (size_t bytes = 8; bytes >= 7; bytes--) {
        struct normal local;
        local.bytes = local.glyphs = bytes;
        memcpy(local.at, phone->at + phone->bytes - bytes, bytes);
        add_own(scrub, &local, bytes);
    }
}

static void add_owns(struct scrub *scrub, const struct decoded *decoded)
{
    struct normal normal;
    normal_text(&normal, decoded->citizen_id_no);
    add_own(scrub, &normal, OWN_ID_MIN);
    normal_phone(&normal, decoded->citizen_phone);
    add_own(scrub, &normal, OWN_PHONE_MIN);
    add_local_phone(scrub, &normal);
    normal_text(&normal, decoded->citizen_name);
    add_own(scrub, &normal, 2);
}

size_t scrub_title(const struct decoded *decoded, char title[CITIZEN_TITLE_BYTES + 1])
{
    struct scrub scrub; /* its words are not zeroed: this runs for every receipt */
    scrub.title = decoded->title;
    scrub.at = scrub.settled = scrub.owns = scrub.bytes = 0;
    scrub.inside = false;
    scrub.out = title;
    add_owns(&scrub, decoded);
    while (scrub.at < scrub.title.bytes) {
        struct glyph glyph = glyph_in(scrub.title, scrub.at);
        size_t end = match(&scrub, glyph);
        bool invalid = glyph.code == GLYPH_INVALID && glyph.bytes == 1;
        if (end ? !put(&scrub, "***", 3) : !put(&scrub, invalid ? "?" : scrub.title.at + scrub.at, glyph.bytes)) break;
        scrub.inside = !end && in_local_part(glyph.code);
        scrub.at = end ? end : scrub.at + glyph.bytes;
    }
    title[scrub.bytes] = 0;
    return scrub.bytes;
}
