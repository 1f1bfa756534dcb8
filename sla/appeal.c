/* Appeals and the names of what gathers them.
 *
 * The names are hashes of 72 bits: a short field saves 16 bytes of Redis a case, and whoever shows a link looks at the
 * cases themselves, so two that share a name are not taken for one. */
#include "sla/appeal.h"

#include <string.h>
#include <xxhash.h>

#include "common/zone.h"

enum { HOUR_MS = 3600000 };

struct appeal_rules appeal_rules(const struct config *config)
{
    return (struct appeal_rules){.window_ms = config->appeals.window_days * DAY_MS,
                                 .cluster_ms = config->appeals.cluster_hours * HOUR_MS,
                                 .citizens = (size_t)config->appeals.cluster_citizens,
                                 .dispatcher = {config->appeals.dispatcher, strlen(config->appeals.dispatcher)}};
}

/* KEYID:HASH:NAME:PHONE:ID_NO → KEYID:HASH; empty where nobody was identified. */
static struct text identity(struct text citizen)
{
    const char *key_end = citizen.bytes ? memchr(citizen.at, ':', citizen.bytes) : NULL;
    if (!key_end) return (struct text){0};
    const char *hash = key_end + 1, *end = citizen.at + citizen.bytes;
    const char *hash_end = hash < end ? memchr(hash, ':', (size_t)(end - hash)) : NULL;
    if (!hash_end || hash_end == hash) return (struct text){0};
    return (struct text){citizen.at, (size_t)(hash_end - citizen.at)};
}

bool appeal_of(const struct event *event, struct appeal *appeal)
{
    if (event->type != TICKET_RECEIVED || event->flags & EVENT_LINK || !event->detail || !event->detail->item.bytes) return false;
    *appeal = (struct appeal){identity(event->detail->citizen), event->detail->item, event->detail->area};
    return appeal->citizen.bytes > 0;
}

static uint64_t digest(struct text text)
{
    return XXH3_64bits(text.bytes ? text.at : "", text.bytes);
}

struct text appeal_id(struct pool *pool, enum of of, const struct appeal *appeal)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (of == OF_PLACE && !appeal->area.bytes) return (struct text){0};
    uint64_t parts[] = {of == OF_APPELLANT ? digest(appeal->citizen) : 0, digest(appeal->item), digest(appeal->area)};
    XXH128_hash_t hash = XXH3_128bits_withSeed(parts, sizeof parts, of);
    char *text = pool_take(pool, APPEAL_ID_CHARACTERS + 1);
    for (int i = 0; i < APPEAL_ID_CHARACTERS; i++) {
        text[i] = digits[hash.low64 & 63];
        hash.low64 = hash.low64 >> 6 | hash.high64 << 58;
        hash.high64 >>= 6;
    }
    text[APPEAL_ID_CHARACTERS] = 0;
    return (struct text){text, APPEAL_ID_CHARACTERS};
}

static struct text field_of(struct pool *pool, enum of of, const struct appeal *appeal)
{
    struct text id = appeal_id(pool, of, appeal);
    if (!id.bytes) return id;
    char *field = pool_take(pool, id.bytes + 1);
    field[0] = of_letter(of);
    memcpy(field + 1, id.at, id.bytes);
    return (struct text){field, id.bytes + 1};
}

void appeal_names(struct pool *pool, const struct event *event, struct text *appellant, struct text *place)
{
    struct appeal appeal;
    *appellant = *place = (struct text){0};
    if (!appeal_of(event, &appeal)) return;
    *appellant = field_of(pool, OF_APPELLANT, &appeal);
    *place = field_of(pool, OF_PLACE, &appeal);
}

uint64_t appeal_citizen(struct text citizen)
{
    return digest(citizen);
}
