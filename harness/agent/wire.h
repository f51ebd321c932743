/* The agent's two formats: requests (`verb name=value …`, values percent-encoded UTF-8) and
 * answers (one line of JSON). */
#pragma once
#include <windows.h>

enum { MOST_FIELDS = 16 };

struct request {
    const char *verb;
    int count;
    struct {
        const char *name;
        WCHAR *text;
    } fields[MOST_FIELDS];
};

/* Takes `line` apart in place; FALSE if it is not of the form above or memory ran out. */
BOOL request_parse(struct request *request, char *line);
void request_free(struct request *request);
/* The field's text, or NULL where the request does not have it. */
const WCHAR *field_text(const struct request *request, const char *name);
/* The field as a number (decimal, or hexadecimal after 0x), or `otherwise` without the field. */
ULONGLONG field_number(const struct request *request, const char *name, ULONGLONG otherwise);

/* A piece of JSON that grows; begins as all zero, ends with json_free. */
struct json {
    char *text;
    size_t length, room;
    BOOL comma;
};

/* Brackets: '{', '}', '[' or ']'. Members have a name; elements of a list have NULL. */
void json_open(struct json *json, const char *name, char bracket);
void json_close(struct json *json, char bracket);
void json_number(struct json *json, const char *name, LONGLONG value);
void json_flag(struct json *json, const char *name, BOOL value);
/* UTF-16, lone surrogates included: every unit outside ASCII is escaped. */
void json_text(struct json *json, const char *name, const WCHAR *text);
void json_ascii(struct json *json, const char *name, const char *text);
void json_hex(struct json *json, const char *name, const BYTE *bytes, size_t count);
void json_free(struct json *json);
