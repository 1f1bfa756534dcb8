/* E-mail: one mail to one address, by SMTP with STARTTLS or SMTPS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/secret.h"
#include "notify/channel_open.h"
#include "notify/mime.h"
#include "notify/verdict.h"

enum { FAULT_BYTES = 512, WORDS_BYTES = 144, RECEIPT_WORDS_BYTES = 512 };

/* *secrets is the password, NULL where none is given. */
static size_t open(const struct config_endpoint *config, void **secrets, struct buffer *faults, struct buffer *warnings)
{
    char fault[FAULT_BYTES];
    size_t found = channel_url(config, "smtp", "smtps", faults) + channel_unused(config, " url from user password_file ca_file ", faults);
    (void)warnings;
    *secrets = NULL;
    if (!*config->from) found += channel_say(faults, config, "from: is required: the sender's address");
    else if (!mime_address((struct text){config->from, strlen(config->from)})) found += channel_say(faults, config, "from: is no e-mail address");
    if (!*config->user != !*config->password_file) found += channel_say(faults, config, "user and password_file go together");
    if (!*config->password_file) return found;
    *secrets = secret_read(config->password_file, NULL, fault, sizeof fault);
    return *secrets ? found : found + channel_say(faults, config, "%s", fault);
}

static void close(void *secrets)
{
    secret_free(secrets);
}

static const char *address(struct text address)
{
    return mime_address(address) ? NULL : "expected an e-mail address";
}

static bool compose(const struct channel_call *call, struct request *request, struct pool *pool, char *error)
{
    const struct message *message = call->message;
    const char *why = "there is no address";
    struct buffer mail;
    buffer_init(&mail, MIME_MAIL_MAX_BYTES);
    struct mime_mail of = {.from = call->config->from, .to = call->addresses ? *call->address : TEXT(""), .subject = message->subject, .id = message->id,
                           .real_ms = call->real_ms, .text = message->body, .html = message->html, .calendar = message->calendar};
    bool good = call->addresses == 1 && mime_write(&mail, &of, &why);
    if (good) {
        char *to = pool_take(pool, of.to.bytes + 1);
        memcpy(to, of.to.at, of.to.bytes);
        to[of.to.bytes] = 0;
        *request = (struct request){.transport = TRANSPORT_SMTP, .url = call->config->url, .body = pool_copy(pool, mail.data, mail.bytes), .bytes = mail.bytes,
                                    .from = call->config->from, .to = to, .user = call->config->user, .password = call->secrets ? call->secrets : "",
                                    .ca_file = call->config->ca_file};
    } else {
        snprintf(error, REQUEST_ERROR_BYTES, "%s", why);
    }
    buffer_free(&mail);
    return good;
}

/* "250 2.0.0 Ok: queued as 4XyZ" */
static void read_receipt(const struct answer *answer, struct verdict *verdict)
{
    static const char before[] = "queued as ";
    char words[RECEIPT_WORDS_BYTES];
    verdict_words(words, sizeof words, answer->body, answer->bytes);
    const char *found = strstr(words, before);
    if (found) verdict_words(verdict->receipt, sizeof verdict->receipt, found + sizeof before - 1, strcspn(found + sizeof before - 1, " "));
}

static void judge(const void *secrets, const struct answer *answer, struct verdict *verdict)
{
    char words[WORDS_BYTES];
    (void)secrets;
    *verdict = (struct verdict){.kind = VERDICT_DELIVERED, .code = answer->status};
    verdict_words(words, sizeof words, answer->body, answer->bytes);
    if (answer->status >= 200 && answer->status < 300) read_receipt(answer, verdict);
    else if (answer->status == 0) verdict_say(verdict, VERDICT_RETRY, "%s", *answer->error ? answer->error : "no answer");
    else if (answer->status == 421) verdict_say(verdict, VERDICT_SLOW_DOWN, "SMTP %s", *words ? words : "421");
    else verdict_say(verdict, answer->status >= 500 ? VERDICT_REFUSED : VERDICT_RETRY, "SMTP %s", *words ? words : "said no");
}

const struct channel channel_email = {.name = "email", .words = "email", .markup = MARKUP_HTML, .addressed = true, .open = open, .close = close, .address = address,
                                      .compose = compose, .judge = judge};
