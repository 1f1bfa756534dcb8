/* Entries of what was told. The trap: the text must read back to the very same entry, also where a number has all its 64
 * bits (an acceptance keeps the notice's id in its deadline), so numbers are hex digits of a fixed order, and nothing is left out. */
#include "sla/told.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sla/tally.h"

/* Once it has ended. Unless all have the notice, those that have it say who must hear of a correction, or not hear of it twice. */
static void forget_recipients(struct case_file *file, const struct told *notice)
{
    for (size_t i = file->tolds; i-- > 0;) {
        const struct told *told = &file->told[i];
        if (told->kind != TOLD_RECIPIENT || (uint64_t)told->deadline_ms != notice->id) continue;
        if (notice->status == TOLD_DELIVERED || told->status != TOLD_DELIVERED) case_untell(file, TOLD_RECIPIENT, told->id);
    }
}

bool told_apply(struct case_file *file, const struct told *told)
{
    if (file->stub && file->events == 0) return true; /* of what it was before it shrank nothing is remembered */
    if (!case_tell(file, told)) return false;
    if (told->kind == TOLD_NOTICE && told->status != TOLD_PENDING) forget_recipients(file, told);
    return true;
}

/* --- as text --- */

size_t told_print(char *text, const struct told *told)
{
    return (size_t)snprintf(text, TOLD_TEXT_BYTES, "%x %x %x %x %x %x %x %x %" PRIx32 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %016" PRIx64, TOLD_FORMAT, told->kind,
                            told->status, told->clock, told->attempts, told->step, told->day, told->edition, told->which, (uint64_t)told->deadline_ms,
                            (uint64_t)told->at_ms, (uint64_t)told->next_try_ms, told->id);
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next number, at most `max`, and the blank behind it. */
static bool take_hex(struct text *text, uint64_t max, uint64_t *number)
{
    size_t n = 0;
    *number = 0;
    for (; n < text->bytes && n < 16 && digit_of(text->at[n]) >= 0; n++) *number = *number << 4 | (uint64_t)digit_of(text->at[n]);
    bool last = n == text->bytes;
    if (n == 0 || *number > max || (!last && text->at[n] != ' ')) return false;
    text->at += n + !last;
    text->bytes -= n + !last;
    return true;
}

bool told_parse(struct text text, struct told *told)
{
    static const uint64_t most[] = {TOLD_FORMAT, TOLD_RECIPIENT, TOLD_GATHERED, UINT8_MAX, UINT8_MAX, UINT16_MAX, UINT8_MAX, UINT8_MAX, UINT32_MAX,
                                    UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    enum { NUMBERS = sizeof most / sizeof *most };
    uint64_t n[NUMBERS];
    if (text.bytes && text.at[text.bytes - 1] == ' ') return false;
    for (int i = 0; i < NUMBERS; i++)
        if (!take_hex(&text, most[i], &n[i])) return false;
    *told = (struct told){.kind = (uint8_t)n[1], .status = (uint8_t)n[2], .clock = (uint8_t)n[3], .attempts = (uint8_t)n[4], .step = (uint16_t)n[5],
                          .day = (uint8_t)n[6], .edition = (uint8_t)n[7], .which = (uint32_t)n[8], .deadline_ms = (int64_t)n[9], .at_ms = (int64_t)n[10],
                          .next_try_ms = (int64_t)n[11], .id = n[12]};
    return n[0] == TOLD_FORMAT && text.bytes == 0;
}

size_t told_counts_print(char *text, const int32_t *counts)
{
    size_t bytes = 0;
    for (int i = 0; i < NOTICE_COUNTERS; i++)
        bytes += (size_t)snprintf(text + bytes, TOLD_COUNTS_BYTES - bytes, "%s%" PRIx32, i ? " " : "", (uint32_t)counts[i]);
    return bytes;
}

bool told_counts_parse(struct text text, int32_t *counts)
{
    memset(counts, 0, NOTICE_COUNTERS * sizeof *counts);
    for (int i = 0; i < NOTICE_COUNTERS; i++) {
        uint64_t number;
        if (!take_hex(&text, UINT32_MAX, &number)) return false;
        counts[i] = (int32_t)(uint32_t)number;
    }
    return text.bytes == 0;
}
