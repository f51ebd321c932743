/* The agent's output; see answer.h. */
#include "answer.h"

#include <stdlib.h>
#include <string.h>

static void append(struct json *json, const char *text, size_t length)
{
    if (json->length + length > json->room) {
        json->room = 2 * (json->length + length) + 256;
        char *larger = realloc(json->text, json->room);
        if (!larger)
            abort(); /* An agent without memory has no answer to give. */
        json->text = larger;
    }
    memcpy(json->text + json->length, text, length);
    json->length += length;
}

static void append_name(struct json *json, const char *name)
{
    if (json->comma)
        append(json, ",", 1);
    json->comma = true;
    if (name) {
        append(json, "\"", 1);
        append(json, name, strlen(name));
        append(json, "\":", 2);
    }
}

static void append_unit(struct json *json, uint16_t unit)
{
    char escaped[8] = {(char)unit};
    bool plain = unit >= ' ' && unit < 127 && unit != '"' && unit != '\\';
    append(json, escaped, plain ? 1 : (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", unit));
}

void json_open(struct json *json, const char *name, char bracket)
{
    append_name(json, name);
    append(json, &bracket, 1);
    json->comma = false;
}

void json_close(struct json *json, char bracket)
{
    append(json, &bracket, 1);
    json->comma = true;
}

void json_number(struct json *json, const char *name, int64_t value)
{
    char digits[24], *digit = digits + sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--digit = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--digit = '-';
    append_name(json, name);
    append(json, digit, (size_t)(digits + sizeof digits - digit));
}

void json_flag(struct json *json, const char *name, bool value)
{
    append_name(json, name);
    append(json, value ? "true" : "false", value ? 4 : 5);
}

void json_text(struct json *json, const char *name, const uint16_t *text)
{
    append_name(json, name);
    append(json, "\"", 1);
    for (; *text; text++)
        append_unit(json, *text);
    append(json, "\"", 1);
}

void json_ascii(struct json *json, const char *name, const char *text)
{
    append_name(json, name);
    append(json, "\"", 1);
    for (; *text; text++)
        append_unit(json, (uint8_t)*text);
    append(json, "\"", 1);
}

void json_hex(struct json *json, const char *name, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    append_name(json, name);
    append(json, "\"", 1);
    for (size_t i = 0; i < count; i++) {
        char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        append(json, pair, 2);
    }
    append(json, "\"", 1);
}

void answer_begin(struct json *answer, uint32_t id)
{
    json_open(answer, NULL, '{');
    json_number(answer, "id", id);
}

void answer_refusal(struct json *answer, const char *why, const char *word)
{
    json_ascii(answer, "refused", why);
    if (word)
        json_ascii(answer, "word", word);
}

void answer_failure(struct json *answer, struct failure failure)
{
    json_ascii(answer, "failed", failure.call);
    json_number(answer, "error", failure.error);
}

bool answer_send(struct json *answer, FILE *to)
{
    json_close(answer, '}');
    append(answer, "\n", 1);
    bool sent = fwrite(answer->text, 1, answer->length, to) == answer->length && !fflush(to);
    free(answer->text);
    memset(answer, 0, sizeof *answer);
    return sent;
}
