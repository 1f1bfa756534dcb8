/* WeCom 企业微信: a group robot. Its key is in the url; markdown mentions members by id alone, text by phone number as well. */
#include "notify/robot.h"

enum { TEXT_MAX_BYTES = 2048, MARKDOWN_MAX_BYTES = 4096, RATE_A_MINUTE = 20, THROTTLED_MS = 60000 };

static size_t open(const struct config_endpoint *config, void **secrets, struct buffer *faults, struct buffer *warnings)
{
    return robot_open(config, false, secrets, faults, warnings);
}

static const char *address(struct text address)
{
    return robot_address(address, true);
}

static json_t *markdown_body(const struct channel_call *call, struct pool *pool)
{
    struct buffer mentions;
    buffer_init(&mentions, MARKDOWN_MAX_BYTES / 2);
    for (size_t i = 0; i < call->addresses; i++)
        if (!robot_is_phone(call->address[i])) robot_mention(&mentions, "<@", call->address[i], ">");
    const char *content = robot_content(call, buffer_text(&mentions), MARKDOWN_MAX_BYTES, pool);
    buffer_free(&mentions);
    return json_pack("{s:s,s:{s:s}}", "msgtype", "markdown", "markdown", "content", content);
}

static json_t *text_body(const struct channel_call *call, struct pool *pool)
{
    json_t *text = json_pack("{s:s}", "content", robot_content(call, "", TEXT_MAX_BYTES, pool)), *phones = json_array(), *members = json_array();
    for (size_t i = 0; i < call->addresses; i++)
        json_array_append_new(robot_is_phone(call->address[i]) ? phones : members, json_stringn(call->address[i].at, call->address[i].bytes));
    if (json_array_size(members)) json_object_set(text, "mentioned_list", members);
    if (json_array_size(phones)) json_object_set(text, "mentioned_mobile_list", phones);
    json_decref(members);
    json_decref(phones);
    return json_pack("{s:s,s:o}", "msgtype", "text", "text", text);
}

static bool compose(const struct channel_call *call, struct request *request, struct pool *pool, char *error)
{
    json_t *body = call->config->format == FORMAT_MARKDOWN ? markdown_body(call, pool) : text_body(call, pool);
    return robot_request(call, call->config->url, body, request, pool, error);
}

static void judge(const void *secrets, const struct answer *answer, struct verdict *verdict)
{
    (void)secrets;
    static const struct robot_code known[] = {
        {45009, VERDICT_SLOW_DOWN, "too many messages"},
        {93000, VERDICT_REFUSED, "the key is bad"},
        {40058, VERDICT_REFUSED, "a parameter is bad"},
    };
    robot_judge(&(struct robot_codes){"errcode", "errmsg", THROTTLED_MS, sizeof known / sizeof *known, known}, answer, verdict);
}

const struct channel channel_wecom = {.name = "wecom", .words = "wecom", .markup = MARKUP_MARKDOWN, .rate_a_minute = RATE_A_MINUTE, .throttled_ms = THROTTLED_MS,
                                      .open = open, .close = robot_close, .address = address, .compose = compose, .judge = judge};
