/* The interface between the two halves of tracer.dll: imports.c redirects calls, tracer.c records
 * them. The DLL uses no C run-time library: it would be loaded before the program's own. */
#pragma once
#include "functions.h"
#include "record.h"

struct function {
    const char *name, *kinds;
    char letter, result; /* letter: A, W, or - for a function without character set. */
    void (*hook)(void);
};

extern const struct function functions[];

/* Record a call before and after it, and hold its thread there. `returns_to` is the return address.
 * `enter` returns NULL if the record is full. */
struct call *enter(int number, ULONG_PTR returns_to, const ULONG_PTR *arguments);
ULONG_PTR leave(struct call *call, int number, ULONG_PTR result);
/* Whether this call of the function must fail (then the last error is set), and what it must
 * return. */
BOOL fails(int number);
ULONG_PTR failure(void);

const IMAGE_NT_HEADERS *headers_of(ULONG_PTR image);
/* Restores the program's own headers, which were changed so that the loader loads the tracer. */
void restore_directories(ULONG_PTR image, const struct record *record);
void redirect_imports(ULONG_PTR image);
void copy(BYTE *to, const BYTE *from, SIZE_T bytes);
