#ifndef BIHUAN_INGEST_CITIZEN_H
#define BIHUAN_INGEST_CITIZEN_H
/* Where a citizen's identity ends: the only readers of the clear name, phone, id_no and
 * title of a decoded event. What comes out may go to Redis, logs, notices and
 * pages (个人信息保护法 6, 51; DOMAIN: keyed hash, masks, scrubbed title). */
#include "common/config.h"
#include "sla/event_decode.h"

enum {
    CITIZEN_TEXT_BYTES = 128, /* of citizen_text, with its NUL */
    CITIZEN_TITLE_BYTES = 120, /* of a title that leaves ingest */
    CITIZEN_KEY_MIN_BYTES = 16,
};

/* The installation's key. Not changed after open: any number of threads. */
struct citizen;

/* Reads the key of [privacy]. Never without reason NULL: then error[error_bytes] says what is
 * wrong with key_file, key_env or key_id. No key configured is no fault: the
 * result makes masks only, and error holds a warning for `check` ("" when all
 * is well). The caller owns the result (citizen_close). */
struct citizen *citizen_open(const struct config *config, char *error, size_t error_bytes) __attribute__((warn_unused_result));
/* Overwrites the key and frees. Accepts NULL. */
void citizen_close(struct citizen *citizen);

/* What is kept of the citizen of an event (event.detail.citizen), into
 * text[CITIZEN_TEXT_BYTES], with a NUL; returns its bytes, 0 for no citizen:
 *
 *   KEYID:HASH:NAME:PHONE:ID_NO     k1:3q2-7wAAEjRWeJq83v_-EA:王*:138****1234:310***********1234
 *
 * always four colons. HASH is HMAC-SHA256 under the key, its first 16 bytes in
 * base64url (22 characters), over the normal form (ingest/normal.h) of id_no, else of
 * phone; of neither, or of one that is no identity (masked already, fewer than 6
 * or 7 digits, all digits alike), KEYID and HASH are empty. The other three are masks,
 * empty where the event has nothing: never a whole value, however short. */
size_t citizen_text(const struct citizen *citizen, const struct decoded *decoded, char text[CITIZEN_TEXT_BYTES]);

/* The title as it may leave, into title[CITIZEN_TITLE_BYTES + 1], with a NUL; returns its
 * bytes. First scrubbed, then cut at a character's border; valid UTF-8. "***" stands for
 *   - e-mail addresses;
 *   - mobile numbers 1[3-9]…, land lines 0xx(x)-…, ID numbers of 18 (with X) and
 *     15, also in full-width digits, Chinese numerals, split by blanks or hyphens;
 *   - any other 7 digits or more in a row, unless they belong to a number with
 *     letters (ML2024093000123): a case number without letters goes, too;
 *   - the event's own name (2 characters or more), phone and id_no wherever they
 *     occur, also split.
 * One pass; at most what fills the title is read, and the number that crosses its end. */
size_t scrub_title(const struct decoded *decoded, char title[CITIZEN_TITLE_BYTES + 1]);

#endif
