/* Pages. The trap: every text in them comes from outside, a case's id as well, so all go through one escape. */
#include "notify/ack_page.h"

#include <string.h>

static const char head[] =
    "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n"
    "<title>闭环 Bihuan</title>\n<style>\n"
    ":root{color-scheme:light dark}\n"
    "body{margin:0;font:17px/1.6 system-ui,-apple-system,\"PingFang SC\",\"Noto Sans CJK SC\",\"Microsoft YaHei\",sans-serif;background:#f2f3f5;color:#1d2129}\n"
    "main{box-sizing:border-box;max-width:30em;margin:0 auto;padding:1.5em 1.25em 3em;background:#fff;min-height:100vh}\n"
    "h1{font-size:1.35em;line-height:1.3;margin:0 0 1em}\n.en{display:block;font-size:.8em;font-weight:normal;color:#5a6270;line-height:1.4}\n"
    "dl{margin:0 0 1.5em;border-top:1px solid #dcdfe4}\ndt{color:#5a6270;font-size:.85em;padding-top:.7em}\n"
    "dd{margin:0;padding-bottom:.7em;border-bottom:1px solid #dcdfe4;overflow-wrap:anywhere}\np{margin:0 0 1em}\n"
    "button{display:block;width:100%;min-height:3.2em;border:0;border-radius:.5em;font:inherit;font-weight:600;background:#1456c0;color:#fff;line-height:1.3;padding:.6em}\n"
    "button .en{color:#dbe6fa}\nbutton:focus-visible{outline:3px solid #f5a623}\n"
    "@media(prefers-color-scheme:dark){body{background:#111418;color:#e6e8eb}main{background:#1a1e24}.en,dt{color:#a3abb8}dl,dd{border-color:#333a45}}\n"
    "</style>\n</head>\n<body>\n<main>\n";
static const char foot[] = "</main>\n</body>\n</html>\n";

static void add_escaped(struct buffer *out, struct text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        char c = text.at[i];
        if (c == '&') buffer_add_text(out, "&amp;");
        else if (c == '<') buffer_add_text(out, "&lt;");
        else if (c == '>') buffer_add_text(out, "&gt;");
        else if (c == '"') buffer_add_text(out, "&quot;");
        else if (c == '\'') buffer_add_text(out, "&#39;");
        else if ((unsigned char)c >= ' ' && c != 0x7f) buffer_add(out, &c, 1);
        else buffer_add(out, " ", 1);
    }
}

static void add_both(struct buffer *out, const char *tag, const char *chinese, const char *english)
{
    buffer_addf(out, "<%s>%s<span class=\"en\" lang=\"en\">%s</span></%s>\n", tag, chinese, english, tag);
}

static void add_row(struct buffer *out, const char *name, struct text value)
{
    buffer_addf(out, "<dt>%s</dt><dd>", name);
    if (value.bytes) add_escaped(out, value);
    else buffer_add_text(out, "—");
    buffer_add_text(out, "</dd>\n");
}

static void add_rows(struct buffer *out, const struct ack *ack)
{
    bool sign = ack->action == ACK_SIGNED;
    buffer_add_text(out, "<dl>\n");
    add_row(out, ack->of == OF_TICKET ? "工单 Case" : "评价 Rating", ack->id);
    buffer_addf(out, "<dt>登记内容 Recorded</dt><dd>%s</dd>\n", sign ? "签收 signed for" : "已阅 seen");
    if (ack->unit.bytes) add_row(out, "单位 Unit", ack->unit);
    add_row(out, "登记人 By", ack->recipient);
    add_row(out, "通知 Notice", ack->notice);
    buffer_add_text(out, "</dl>\n");
}

static void add_form(struct buffer *out, const struct ack_page *page)
{
    bool sign = page->ack->action == ACK_SIGNED;
    add_both(out, "p", "按下按钮后才会登记。", "Nothing is recorded before you press the button.");
    buffer_add_text(out, "<form method=\"post\" action=\"?t=");
    add_escaped(out, (struct text){page->token, strlen(page->token)});
    buffer_add_text(out, "\">");
    if (sign) add_both(out, "button", "确认签收", "Sign for it");
    else add_both(out, "button", "确认已阅", "I have seen it");
    buffer_add_text(out, "</form>\n");
}

static const struct {
    unsigned status;
    const char *chinese, *english;
} words[PAGES] = {
    [PAGE_ASK] = {200, "通知回执", "Acknowledge a notice"},
    [PAGE_TAKEN] = {200, "已登记，谢谢", "Recorded. Thank you"},
    [PAGE_ALREADY] = {200, "此前已登记", "Already acknowledged"},
    [PAGE_NO_LINK] = {404, "请使用通知中的链接打开本页", "Please open this page by the link in a notice"},
    [PAGE_FORGED] = {403, "链接无效：内容不完整或被改动", "This link is not valid: it is incomplete or was changed"},
    [PAGE_EXPIRED] = {410, "链接已过期", "This link has expired"},
    [PAGE_UNKNOWN] = {404, "查无此件", "There is no such case"},
    [PAGE_AWAY] = {503, "暂时无法登记，请稍后再试", "It cannot be recorded just now. Please try again later"},
    [PAGE_BUSY] = {503, "访问过多，请稍后再试", "Too many requests. Please try again later"},
};

unsigned ack_page_status(enum ack_page_kind kind)
{
    return words[kind].status;
}

void ack_page_print(struct buffer *out, const struct ack_page *page)
{
    bool ended = page->closed && (page->kind == PAGE_ASK || page->kind == PAGE_TAKEN);
    buffer_add_text(out, head);
    if (page->kind == PAGE_ASK && page->ack->action == ACK_SIGNED) add_both(out, "h1", "工单签收", "Sign for a case");
    else add_both(out, "h1", words[page->kind].chinese, words[page->kind].english);
    if (page->kind == PAGE_ALREADY) {
        char at[INSTANT_TEXT_BYTES];
        instant_print(at, page->zone, page->at_ms);
        buffer_addf(out, "<p>登记时间 At<br><time>%s</time></p>\n", at);
    }
    if (page->ack) add_rows(out, page->ack);
    if (ended) add_both(out, "p", "此件已办结，登记仅作留痕，不影响时限。", "The case has ended: this is kept as a record and changes no deadline.");
    if (page->kind == PAGE_ASK) add_form(out, page);
    buffer_add_text(out, foot);
}
