/* The agent's output: one line of JSON for each request, which repeats its id. What goes wrong is
 * said in one of two ways: `refused` where the request makes no sense or asks for more than there
 * can be, `failed` with the name of the Win32 call and its error where that call failed. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A Win32 call that failed, and its last error. */
struct failure {
    const char *call;
    uint32_t error;
};

/* An object of JSON that grows; begins as all zero. */
struct json {
    char *text;
    size_t length, room;
    bool comma;
};

void answer_begin(struct json *answer, uint32_t id);
/* `word` is what is wrong with the request, or NULL. */
void answer_refusal(struct json *answer, const char *why, const char *word);
void answer_failure(struct json *answer, struct failure failure);
/* Ends the line and writes it; false where nobody reads. */
bool answer_send(struct json *answer, FILE *to);

/* Brackets: '{', '}', '[' or ']'. Members have a name; elements of a list have NULL. */
void json_open(struct json *json, const char *name, char bracket);
void json_close(struct json *json, char bracket);
void json_number(struct json *json, const char *name, int64_t value);
void json_flag(struct json *json, const char *name, bool value);
/* UTF-16, lone surrogates included: every unit outside ASCII is escaped. */
void json_text(struct json *json, const char *name, const uint16_t *text);
/* Any bytes, each of which is a character. */
void json_ascii(struct json *json, const char *name, const char *text);
void json_hex(struct json *json, const char *name, const uint8_t *bytes, size_t count);
