/* The record of a traced program's calls: named shared memory, Local\named-shared-memory-trace-PID,
 * made by the harness before the program runs (harness/driver/win32/tracing.py, which knows this
 * layout too) and filled by tracer.dll inside the program. It is the same in 32 and 64 bits, and
 * all zero at first, as the bytes of every new file mapping are. */
#pragma once
#include <stdint.h>
#include <windows.h>

#define RECORD_NAME L"Local\\named-shared-memory-trace-"

enum {
    MOST_ARGUMENTS = 7,
    MOST_TEXTS = 2,       /* No function that is traced takes more. */
    LONGEST_TEXT = 16384, /* Bytes of a text that are kept. */
    ROOM_FOR_CALLS = 65536,
    ROOM_FOR_TEXTS = 8 << 20 /* Bytes. */
};

enum state { ENTERED = 1, RETURNED };

#define READY 0x43415254

struct call {
    volatile LONG state;
    uint32_t function; /* Its number in FUNCTIONS. */
    uint32_t thread;
    uint32_t error;      /* The last error after it. */
    uint64_t returns_to; /* The offset in the program's image that it returns to; else 0. */
    int64_t result;
    int64_t arguments[MOST_ARGUMENTS];
    struct {
        int32_t at; /* In `texts`; -1 where there was nothing to read. */
        uint32_t bytes;
    } texts[MOST_TEXTS];
};

struct record {
    /* Written by the harness before the program runs. */
    struct {
        uint32_t at, size;
    } directories[2];     /* The program's own import directory and bound imports. */
    uint64_t stopped, go; /* Events of the program's: it has come to a stop; look at `to` again. */
    uint32_t holds;       /* Whether it stops before and after each call. */
    uint32_t fails[2];    /* The numbers of a function that is to fail, A and W; plus one. */
    uint32_t fails_with;  /* Its last error. */
    int64_t fails_returning; /* Its result. */
    LONG fails_in;           /* At which call, from 1. */
    /* Written by both. */
    volatile LONG to; /* A program that holds goes on until it has made so many stops. */
    /* Written by the program. */
    volatile LONG ready;  /* READY once the imports are redirected. */
    volatile LONG stops;  /* How many stops it has come to; the first is its start. */
    volatile LONG unheld; /* The program has closed the events, and runs on. */
    volatile LONG count;  /* How many calls it has made. */
    volatile LONG bytes;  /* How many bytes of texts. */
    uint32_t reserved;
    struct call calls[ROOM_FOR_CALLS];
    BYTE texts[ROOM_FOR_TEXTS];
};
