/* The record of a traced program's calls: named shared memory, Local\named-shared-memory-trace-PID.
 * The harness creates it before the program runs (harness/driver/win32/tracing.py, which has this
 * layout, too), and tracer.dll fills it inside the program. The layout is the same in 32 and 64
 * bits. Like every new file mapping, it is initially all zero. */
#pragma once
#include <stdint.h>
#include <windows.h>

#define RECORD_NAME L"Local\\named-shared-memory-trace-"

enum {
    MOST_ARGUMENTS = 7,
    MOST_TEXTS = 2,       /* No traced function takes more. */
    LONGEST_TEXT = 16384, /* In bytes; longer texts are cut. */
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
    uint64_t returns_to; /* The return address, as an offset into the image; 0 outside of it. */
    int64_t result;
    int64_t arguments[MOST_ARGUMENTS];
    struct {
        int32_t at; /* Offset in `texts`; -1 if nothing could be read. */
        uint32_t bytes;
    } texts[MOST_TEXTS];
};

struct record {
    /* Written by the harness before the program runs. */
    struct {
        uint32_t at, size;
    } directories[2];        /* The program's own import directory and bound imports. */
    uint64_t stopped, go;    /* The program's handles to two events: "stopped", and "read `to`". */
    uint32_t holds;          /* Whether it stops before and after each call. */
    uint32_t fails[2];       /* The function that must fail: the numbers of A and W, plus one. */
    uint32_t fails_with;     /* Its last error. */
    int64_t fails_returning; /* Its result. */
    LONG fails_in;           /* Which of its calls fails, counted from 1. */
    /* Written by both. */
    volatile LONG to; /* The stop at which a held program must wait. */
    /* Written by the program. */
    volatile LONG ready;  /* READY once the imports are redirected. */
    volatile LONG stops;  /* The number of stops so far; the first is its start. */
    volatile LONG unheld; /* The program has closed the events, and no longer stops. */
    volatile LONG count;  /* The number of calls so far. */
    volatile LONG bytes;  /* The number of bytes in `texts`. */
    uint32_t reserved;
    struct call calls[ROOM_FOR_CALLS];
    BYTE texts[ROOM_FOR_TEXTS];
};
