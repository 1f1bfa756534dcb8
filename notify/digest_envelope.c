/* Digests for programs. Deadlines and the like as in a notice's envelope (sla/envelope.c). */
#include "notify/digest_envelope.h"

#include "sla/case_json.h"

static json_t *line_json(const struct digest *digest, const struct digest_line *line)
{
    char last_day[DAY_TEXT_BYTES];
    json_t *object = json_object();
    day_print(last_day, line->last_day);
    json_object_set_new_nocheck(object, "case", json_text(line->case_id));
    json_object_set_new_nocheck(object, "of", json_string_nocheck(of_name(line->of)));
    json_object_set_new_nocheck(object, "unit", json_text_or_null(line->unit));
    json_object_set_new_nocheck(object, "class", json_string_nocheck(line->class));
    json_object_set_new_nocheck(object, "clock", line->clock ? json_string_nocheck(line->clock) : json_null());
    json_object_set_new_nocheck(object, "deadline", line->clock ? json_instant(digest->zone, line->deadline_ms) : json_null());
    json_object_set_new_nocheck(object, "last_day", line->clock ? json_string_nocheck(last_day) : json_null());
    json_object_set_new_nocheck(object, "time_left_ms", line->clock ? json_integer(line->time_left_ms) : json_null());
    json_object_set_new_nocheck(object, "urgency", line->urgency ? json_string_nocheck(urgency_name((enum urgency)line->urgency)) : json_null());
    json_object_set_new_nocheck(object, "title", json_text_or_null(line->title));
    return object;
}

static json_t *section_json(const struct digest *digest, enum digest_section section)
{
    json_t *object = json_object(), *list = json_array();
    for (size_t i = 0; i < digest->lines[section]; i++) json_array_append_new(list, line_json(digest, &digest->line[section][i]));
    json_object_set_new_nocheck(object, "total", json_integer((json_int_t)digest->total[section]));
    json_object_set_new_nocheck(object, "cases", list);
    return object;
}

json_t *digest_envelope(const struct digest *digest, const char *id)
{
    json_t *object = json_object(), *data = json_object();
    json_object_set_new_nocheck(data, "recipient", json_text_or_null(digest->recipient));
    for (int i = 0; i < DIGEST_SECTIONS; i++)
        json_object_set_new_nocheck(data, digest_section_name((enum digest_section)i), section_json(digest, (enum digest_section)i));
    json_object_set_new_nocheck(object, "specversion", json_string_nocheck("1.0"));
    json_object_set_new_nocheck(object, "id", json_string_nocheck(id));
    json_object_set_new_nocheck(object, "source", json_string_nocheck(ENVELOPE_SOURCE));
    json_object_set_new_nocheck(object, "type", json_string_nocheck("digest"));
    json_object_set_new_nocheck(object, "time", json_instant(digest->zone, digest->at_ms));
    json_object_set_new_nocheck(object, "datacontenttype", json_string_nocheck("application/json"));
    json_object_set_new_nocheck(object, "data", data);
    return object;
}
