/* What the two halves of tracer.dll share: tracer.c notes calls, imports.c leads them there. There
 * is no C run-time library in this DLL: a program's own must not be the second one to be loaded. */
#pragma once
#include "functions.h"
#include "record.h"

struct function {
    const char *name, *kinds;
    char letter, result; /* A, W, or - where there is one function for both character sets. */
    void (*hook)(void);
};

extern const struct function functions[];

/* Notes a call before and after it, and holds its thread there; `returns_to` is the address after
 * the call. The record may be full: then there is no place for the call, and it is NULL. */
struct call *enter(int number, ULONG_PTR returns_to, const ULONG_PTR *arguments);
ULONG_PTR leave(struct call *call, int number, ULONG_PTR result);
/* Whether this call of the function is the one that is to fail (the last error is set then), and
 * what it is to return. */
BOOL fails(int number);
ULONG_PTR failure(void);

const IMAGE_NT_HEADERS *headers_of(ULONG_PTR image);
/* Gives the program its own headers back, which name the tracer so that the loader loads it. */
void restore_directories(ULONG_PTR image, const struct record *record);
void redirect_imports(ULONG_PTR image);
void copy(BYTE *to, const BYTE *from, SIZE_T bytes);
