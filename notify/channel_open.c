/* Checks of an endpoint's options. Messages name options and files, never what a secret or a key in a url says. */
#include "notify/channel_open.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "common/secret.h"

enum { LINE_BYTES = 1024, FAULT_BYTES = 512 };

size_t channel_say(struct buffer *lines, const struct config_endpoint *config, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (lines) buffer_addf(lines, "[endpoint %s] %s\n", config->name, text);
    return 1;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK && text && *text;
    curl_free(text);
    return has;
}

static bool has_scheme(const char *url, const char *scheme)
{
    size_t bytes = strlen(scheme);
    return !strncmp(url, scheme, bytes) && !strncmp(url + bytes, "://", 3);
}

size_t channel_url(const struct config_endpoint *config, const char *scheme, const char *secure, struct buffer *faults)
{
    if (!has_scheme(config->url, scheme) && !has_scheme(config->url, secure))
        return channel_say(faults, config, "url: expected %s:// or %s://", secure, scheme);
    size_t found = 0;
    CURLU *url = curl_url();
    CURLUcode code = url ? curl_url_set(url, CURLUPART_URL, config->url, CURLU_NON_SUPPORT_SCHEME) : CURLUE_OUT_OF_MEMORY;
    if (code != CURLUE_OK) found += channel_say(faults, config, "url: is none: %s", curl_url_strerror(code));
    else if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD))
        found += channel_say(faults, config, "url: must not hold a name or password");
    else if (has_part(url, CURLUPART_FRAGMENT)) found += channel_say(faults, config, "url: must not hold a fragment (#)");
    curl_url_cleanup(url);
    if (*config->ca_file && access(config->ca_file, R_OK)) found += channel_say(faults, config, "ca_file: %s: %s", config->ca_file, strerror(errno));
    return found;
}

size_t channel_unused(const struct config_endpoint *config, const char *used, struct buffer *faults)
{
    const struct {
        const char *name, *value;
    } option[] = {{" url ", config->url}, {" secret_file ", config->secret_file}, {" secret_env ", config->secret_env}, {" keyword ", config->keyword},
                  {" topic ", config->topic}, {" gateway ", config->gateway}, {" from ", config->from}, {" user ", config->user},
                  {" password_file ", config->password_file}, {" ca_file ", config->ca_file}};
    size_t found = 0;
    for (size_t i = 0; i < sizeof option / sizeof *option; i++)
        if (*option[i].value && !strstr(used, option[i].name))
            found += channel_say(faults, config, "%.*s: means nothing to this channel", (int)strlen(option[i].name) - 2, option[i].name + 1);
    return found;
}

const char *channel_secret_source(const struct config_endpoint *config)
{
    return *config->secret_file ? config->secret_file : config->secret_env;
}

char *channel_secret(const struct config_endpoint *config, size_t *count, struct buffer *faults)
{
    char fault[FAULT_BYTES];
    char *secret = secret_read(config->secret_file, config->secret_env, fault, sizeof fault);
    if (!secret && *fault) *count += channel_say(faults, config, "%s", fault);
    return secret;
}
