#ifndef BIHUAN_NOTIFY_TRANSFER_H
#define BIHUAN_NOTIFY_TRANSFER_H
/* One request over HTTP or SMTP as libcurl's easy interface has it; the sender (notify/sender.h) owns it and drives many at once. */
#include <curl/curl.h>

#include "common/buffer.h"
#include "notify/mail_sockets.h"
#include "notify/request.h"

struct config;

/* Asked when the connection stands and the request is about to be written. False: it is withheld. */
typedef bool transfer_ready(void *context, void *opaque);

struct transfer {
    const struct config *config;  /* borrowed */
    struct mail_sockets *sockets; /* shared, borrowed */
    transfer_ready *ready;
    void *context;
    CURL *easy;                   /* kept, with its options, from one request to the next */
    struct request request;
    int kept;                     /* what `easy` is set up for: 1 + enum transport; 0: nothing */
    struct curl_slist header[REQUEST_HEADERS_MAX + 2];
    struct buffer answer;
    bool long_answer;             /* it was longer than REQUEST_ANSWER_MAX_BYTES */
    size_t read;                  /* of the mail */
    bool withheld, asked;         /* `asked`: the connection stands */
    int local_port;
    long refusal;                 /* the mail server's code that ended the matter; 0: none */
    char refused[REQUEST_ERROR_BYTES]; /* why the address was not spoken to; "" */
    char error[CURL_ERROR_SIZE];
};

void transfer_open(struct transfer *transfer, const struct config *config, struct mail_sockets *sockets, transfer_ready *ready, void *context);
void transfer_close(struct transfer *transfer);

/* Sets up `easy`, which bears the transfer as its private pointer. False: memory is out, or the request is none. */
bool transfer_prepare(struct transfer *transfer, const struct request *request) __attribute__((warn_unused_result));
/* What came of it; the body lives in the transfer. */
void transfer_answer(struct transfer *transfer, CURLcode code, struct answer *answer);
/* Gives back what a long answer took. */
void transfer_rest(struct transfer *transfer);

#endif
