/* What may be asked of the agent: every verb with the fields that it takes, and the type of each
 * field. What a verb does is said at its handler, handle_VERB. For a new request, add a row here,
 * the handler, and a method on the Python side. */
#pragma once
#include <stdint.h>

enum type {
    NUMBER, /* Decimal, without a sign or leading zeros, up to a greatest one. */
    TEXT,   /* Percent-encoded UTF-8 without a NUL. */
    HEX,    /* Bytes, two hexadecimal digits each. */
    ONE_OF  /* One of some words; its value is the word's place, from 0 on. */
};

enum { LONGEST_MS = 3600000 /* An hour: no request may wait longer. */ };

/* clang-format off */
#define FIELDS(F) \
    F(access, NUMBER, UINT32_MAX, 0) \
    F(button, NUMBER, UINT16_MAX, 0) \
    F(bytes, NUMBER, SIZE_MAX, 0) \
    F(char, NUMBER, UINT16_MAX, 0) \
    F(command, TEXT, 0, 0) \
    F(console, ONE_OF, 0, "new") \
    F(control, NUMBER, UINT32_MAX, 0) \
    F(count, NUMBER, UINT64_MAX, 0) \
    F(data, HEX, 0, 0) \
    F(error, NUMBER, UINT32_MAX, 0) \
    F(fail, TEXT, 0, 0) \
    F(file, TEXT, 0, 0) \
    F(folder, TEXT, 0, 0) \
    F(hold, NUMBER, 1, 0) \
    F(key, NUMBER, UINT16_MAX, 0) \
    F(kind, ONE_OF, 0, "event mutex semaphore timer job") \
    F(ms, NUMBER, LONGEST_MS, 0) \
    F(name, TEXT, 0, 0) \
    F(nth, NUMBER, UINT32_MAX, 0) \
    F(object, NUMBER, UINT32_MAX, 0) \
    F(offset, NUMBER, UINT64_MAX, 0) \
    F(path, TEXT, 0, 0) \
    F(program, NUMBER, UINT32_MAX, 0) \
    F(protect, NUMBER, UINT32_MAX, 0) \
    F(sddl, TEXT, 0, 0) \
    F(set, NUMBER, 1, 0) \
    F(size, NUMBER, UINT64_MAX, 0) \
    F(to, NUMBER, UINT32_MAX, 0) \
    F(token, ONE_OF, 0, "limited") \
    F(trace, NUMBER, 1, 0) \
    F(window, NUMBER, UINT32_MAX, 0)

#define SET(field) (UINT32_C(1) << f_##field)

/* Verb, the fields that it needs, and those that it may have. */
#define VERBS(V) \
    V(start, SET(command), SET(folder) | SET(console) | SET(token) | SET(trace) | SET(hold) | \
                           SET(fail) | SET(nth) | SET(error)) \
    V(wait, SET(program), SET(ms)) \
    V(terminate, SET(program), 0) \
    V(forget, SET(program), 0) \
    V(press, SET(program) | SET(key), SET(char) | SET(control)) \
    V(screen, SET(program), 0) \
    V(boxes, SET(program), SET(ms)) \
    V(answer, SET(program) | SET(window) | SET(button), 0) \
    V(create, SET(name) | SET(size) | SET(protect), SET(file) | SET(sddl)) \
    V(open, SET(name) | SET(access), 0) \
    V(map, SET(object) | SET(access), SET(bytes)) \
    V(read, SET(object) | SET(offset) | SET(count), 0) \
    V(write, SET(object) | SET(offset) | SET(data), 0) \
    V(unmap, SET(object), 0) \
    V(section, SET(object), 0) \
    V(handles, SET(object), 0) \
    V(close, SET(object), 0) \
    V(occupy, SET(name) | SET(kind), SET(set)) \
    V(directory, SET(path), 0) \
    V(whoami, 0, SET(token)) \
    V(calls, SET(program), 0) \
    V(held, SET(program), SET(ms)) \
    V(go, SET(program), SET(to) | SET(ms))

#define F(name, type, most, words) f_##name,
enum field { FIELDS(F) FIELD_COUNT };
#undef F
#define V(name, needs, may) v_##name,
enum verb { VERBS(V) VERB_COUNT };
#undef V
/* clang-format on */
