/* Tokens of acknowledgement as anybody may send them: refused, or what was signed, and then printed back to the same bytes. The first
 * byte chooses whether the rest is a token, or what is to be signed. */
#include <assert.h>
#include <string.h>

#include "notify/ack.h"
#include "notify/ack_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static struct ack_keys keys;
static struct zone zone;

static void show(const struct ack *ack, const char *token)
{
    struct buffer out;
    struct ack_page page = {.kind = PAGE_ASK, .ack = ack, .token = token, .zone = &zone};
    buffer_init(&out, 1 << 20);
    ack_page_print(&out, &page);
    assert(!out.overflow && !strstr(buffer_text(&out), "<script"));
    buffer_free(&out);
}

static void read_token(const char *token)
{
    struct ack ack;
    char room[ACK_TOKEN_BYTES], again[ACK_TOKEN_BYTES];
    if (ack_read(token, &keys, 0, &ack, room) == ACK_FORGED) return;
    assert(ack_print(again, &keys, &ack) && !strcmp(token, again));
    show(&ack, token);
}

/* Texts cut out of the bytes, signed, and read back. */
static void sign_texts(const uint8_t *data, size_t bytes)
{
    struct text text[4] = {{0}};
    struct ack ack = {.of = (enum of)(bytes & 1), .action = bytes & 2 ? ACK_SIGNED : ACK_SEEN, .until_ms = 1000}, back;
    char token[ACK_TOKEN_BYTES], room[ACK_TOKEN_BYTES], id[ACK_EVENT_ID_BYTES];
    for (int i = 0; i < 4 && bytes; i++) {
        size_t length = data[0] < bytes - 1 ? data[0] : bytes - 1;
        text[i] = (struct text){(const char *)data + 1, length};
        data += 1 + length;
        bytes -= 1 + length;
    }
    ack.id = text[0], ack.notice = text[1], ack.recipient = text[2], ack.unit = text[3];
    if (!ack_print(token, &keys, &ack)) return;
    assert(ack_read(token, &keys, 999, &back, room) == ACK_GOOD && ack_read(token, &keys, 1000, &back, room) == ACK_EXPIRED);
    assert(text_equal(back.id, ack.id) && text_equal(back.notice, ack.notice) && text_equal(back.recipient, ack.recipient) && text_equal(back.unit, ack.unit));
    ack_event_id(id, &ack);
    assert(strlen(id) == 36);
    read_token(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char token[1024];
    if (keys.count == 0 && (ack_keys_parse(&keys, "0123456789abcdef") || !zone_load(&zone, "Asia/Shanghai"))) return -1;
    if (bytes == 0) return 0;
    if (data[0] & 1) {
        sign_texts(data + 1, bytes - 1);
    } else if (bytes <= sizeof token) {
        memcpy(token, data + 1, bytes - 1);
        token[bytes - 1] = 0;
        read_token(token);
    }
    return 0;
}
