/* Watches the calls that a program's own code makes, as its debugger. */
#pragma once
#include "launch.h"
#include "watch.h"

struct trace;

/* Starts the program traced; NULL with the failure in `launch`. */
struct trace *trace_begin(struct launch *launch, const struct tracing *how);
/* Never holds the program again. One that was ended while it is held needs this: Windows ends a
 * process only when its debugger has seen its last event. NULL is allowed. */
void trace_release(struct trace *trace);
/* Frees the trace of a program that ends; FALSE if its debugger is not done by that tick. NULL is
 * allowed. */
BOOL trace_end(struct trace *trace, ULONGLONG end);

/* What it has seen so far. */
struct watch *trace_watch(struct trace *trace);
