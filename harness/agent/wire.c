/* The two formats of wire.h. */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes percent-encoding in place; FALSE on a stray percent sign. */
static BOOL percent_decode(char *text)
{
    char *to = text;
    for (char *from = text; *from; from++) {
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        int high = hex_digit(from[1]), low = high < 0 ? -1 : hex_digit(from[2]);
        if (low < 0)
            return FALSE;
        *to++ = (char)(high * 16 + low);
        from += 2;
    }
    *to = 0;
    return TRUE;
}

static WCHAR *widen(const char *text)
{
    int units = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    WCHAR *wide = malloc((size_t)units * sizeof(WCHAR));
    if (wide)
        MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, units);
    return wide;
}

BOOL request_parse(struct request *request, char *line)
{
    request->count = 0;
    request->verb = strtok(line, " \r\n");
    if (!request->verb)
        return FALSE;
    for (char *word; (word = strtok(NULL, " \r\n"));) {
        char *value = strchr(word, '=');
        if (!value || request->count == MOST_FIELDS)
            return FALSE;
        *value++ = 0;
        if (!percent_decode(value))
            return FALSE;
        WCHAR *text = widen(value);
        if (!text)
            return FALSE;
        request->fields[request->count].name = word;
        request->fields[request->count++].text = text;
    }
    return TRUE;
}

void request_free(struct request *request)
{
    while (request->count)
        free(request->fields[--request->count].text);
}

const WCHAR *field_text(const struct request *request, const char *name)
{
    for (int i = 0; i < request->count; i++)
        if (!strcmp(request->fields[i].name, name))
            return request->fields[i].text;
    return NULL;
}

ULONGLONG field_number(const struct request *request, const char *name, ULONGLONG otherwise)
{
    const WCHAR *text = field_text(request, name);
    return text ? _wcstoui64(text, NULL, 0) : otherwise;
}

static void append(struct json *json, const char *text, size_t length)
{
    if (json->length + length + 1 > json->room) {
        json->room = 2 * (json->length + length) + 256;
        json->text = realloc(json->text, json->room);
        if (!json->text)
            abort(); /* An agent without memory has no answer to give. */
    }
    memcpy(json->text + json->length, text, length);
    json->length += length;
    json->text[json->length] = 0;
}

static void append_name(struct json *json, const char *name)
{
    if (json->comma)
        append(json, ",", 1);
    json->comma = TRUE;
    if (name) {
        append(json, "\"", 1);
        append(json, name, strlen(name));
        append(json, "\":", 2);
    }
}

void json_open(struct json *json, const char *name, char bracket)
{
    append_name(json, name);
    append(json, &bracket, 1);
    json->comma = FALSE;
}

void json_close(struct json *json, char bracket)
{
    append(json, &bracket, 1);
    json->comma = TRUE;
}

void json_number(struct json *json, const char *name, LONGLONG value)
{
    char digits[24];
    append_name(json, name);
    _i64toa(value, digits, 10);
    append(json, digits, strlen(digits));
}

void json_flag(struct json *json, const char *name, BOOL value)
{
    append_name(json, name);
    append(json, value ? "true" : "false", value ? 4 : 5);
}

void json_text(struct json *json, const char *name, const WCHAR *text)
{
    append_name(json, name);
    append(json, "\"", 1);
    for (; *text; text++) {
        char escaped[8] = {(char)*text};
        BOOL plain = *text >= ' ' && *text < 127 && *text != '"' && *text != '\\';
        append(json, escaped, plain ? 1 : (size_t)sprintf(escaped, "\\u%04x", *text));
    }
    append(json, "\"", 1);
}

void json_ascii(struct json *json, const char *name, const char *text)
{
    append_name(json, name);
    append(json, "\"", 1);
    append(json, text, strlen(text));
    append(json, "\"", 1);
}

void json_hex(struct json *json, const char *name, const BYTE *bytes, size_t count)
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

void json_free(struct json *json)
{
    free(json->text);
    ZeroMemory(json, sizeof *json);
}
