/* The agent's input: lines of the form
 *
 *     ID VERB NAME=VALUE …
 *
 * in printable ASCII, with one blank between two words, ended by a line feed. What a line says is
 * checked here against the tables of protocol.h, all of it before any handler sees it. This file
 * and answer.h need no Windows, so that sanitizers can watch them. */
#pragma once
#include "protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The most bytes of a line that are kept; a longer one is read to its end and refused. */
enum { LONGEST_LINE = 1 << 18 };

struct line {
    size_t length; /* Of the line, even where it was too long to be kept. */
    char bytes[LONGEST_LINE];
};

struct request {
    uint32_t id; /* From 1 on; 0 where the line has none. */
    enum verb verb;
    uint32_t given;   /* The set of its fields. */
    uint64_t arrived; /* When, by a clock in milliseconds; the reader of lines says it. */
    struct {
        uint64_t number;      /* Or the number of a word. */
        const uint16_t *text; /* UTF-16 with a NUL at its end. */
        const uint8_t *bytes;
        size_t count; /* Of the bytes. */
    } value[FIELD_COUNT];
    const char *refusal, *word; /* Why it is none, and the word that is wrong, or NULL. */
};

/* Reads a line; false at the end of the input, which a line without an end does not outlive. */
bool wire_read(FILE *from, struct line *line);
/* Takes the line apart, in place; false where it is refused. Either way, request_free follows. */
bool request_parse(struct request *request, struct line *line);
void request_free(struct request *request);

bool has(const struct request *request, enum field field);
/* The number given in that field, or `otherwise`. */
uint64_t number_or(const struct request *request, enum field field, uint64_t otherwise);
