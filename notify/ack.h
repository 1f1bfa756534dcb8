#ifndef BIHUAN_NOTIFY_ACK_H
#define BIHUAN_NOTIFY_ACK_H
/* Acknowledgements: the signed link in a message by which its recipient says that it was seen, or that the case is signed for. Pure but
 * for ack_keys_open. docs/PROOF.md says what a link proves.
 *
 * A token is base64url, without padding, of: 1 byte format, 1 byte case's kind and action, 4 bytes second at which it ends (big-endian),
 * then a byte of length and the bytes of case, notice, recipient and unit, and HMAC-SHA256 of all that. */
#include "common/config.h"
#include "notify/ledger.h"

enum {
    ACK_KEYS_MAX = 8,
    ACK_KEY_MIN_BYTES = 16, ACK_KEY_MAX_BYTES = 256,
    ACK_TEXT_MAX_BYTES = 128,   /* of each text */
    ACK_TOKEN_BYTES = 768,      /* with the NUL */
    ACK_LINK_BYTES = 2048,
    ACK_EVENT_ID_BYTES = 40,
};
#define ACK_SOURCE "/bihuan/acknowledge"

enum ack_action { ACK_SEEN, ACK_SIGNED, ACK_ACTIONS };
const char *ack_action_name(enum ack_action action);

/* What a link says. Borrowed texts. */
struct ack {
    enum of of;             /* OF_TICKET or OF_RATING; only a ticket is signed for */
    enum ack_action action;
    struct text id;         /* of the case */
    struct text notice;     /* its id */
    struct text recipient;  /* person's id, or endpoint's name */
    struct text unit;       /* that is told; may be empty */
    int64_t until_ms;       /* real time; kept in whole seconds */
};

/* The keys; the first signs, all are good. */
struct ack_keys {
    size_t count;
    struct {
        unsigned char at[ACK_KEY_MAX_BYTES];
        size_t bytes;
    } key[ACK_KEYS_MAX];
};
/* Keys from text, one a line, blank lines passed over. NULL, or what is wrong with it (static text). */
const char *ack_keys_parse(struct ack_keys *keys, const char *text) __attribute__((warn_unused_result));
/* The same as [acknowledge] says; neither key_file nor key_env: none, and no fault. False: why, in error. */
bool ack_keys_open(struct ack_keys *keys, const struct config *config, char *error, size_t error_bytes) __attribute__((warn_unused_result));
/* Overwrites them. */
void ack_keys_close(struct ack_keys *keys);
/* Can links begin so? NULL, or what is wrong with [acknowledge] url (static text). */
const char *ack_url_check(const char *url);

/* The token into text[ACK_TOKEN_BYTES]. False: there is no key, a text is too long or missing, or a rating is to be signed for. */
bool ack_print(char *text, const struct ack_keys *keys, const struct ack *ack) __attribute__((warn_unused_result));
/* The whole link into text[ACK_LINK_BYTES]; "" where there can be none, or url is "". */
void ack_link(char *text, const char *url, const struct ack_keys *keys, const struct ack *ack);

enum ack_read { ACK_GOOD, ACK_FORGED /* or damaged */, ACK_EXPIRED };
/* Reads a token, as of a real time. *ack is set when good or expired, its texts in `room`. */
enum ack_read ack_read(const char *token, const struct ack_keys *keys, int64_t now_ms, struct ack *ack, char room[ACK_TOKEN_BYTES])
    __attribute__((warn_unused_result));

/* Id of its event, "ack_" and 32 hex digits: a function of case, notice, recipient and action, so that a second click is the same event. */
void ack_event_id(char text[ACK_EVENT_ID_BYTES], const struct ack *ack);
/* The event's key among those of the case. */
void ack_event_key(uint8_t key[8], const struct ack *ack);
/* The event as a CloudEvent. A new reference. */
json_t *ack_event(const struct ack *ack, const struct zone *zone, int64_t now_ms);

#endif
