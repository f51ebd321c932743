/* A program that runs under the agent as its debugger. */
#pragma once
#include "programs.h"

/* Starts the program traced (the fields of `start`); 0 or the last error. */
DWORD trace_begin(struct program *program, const struct launch *launch,
                  const struct request *request);
/* Never holds the program again. One that was ended while it is held needs this: Windows ends a
 * process only when its debugger has seen its last event. NULL is allowed. */
void trace_release(struct trace *trace);
/* Lets go of a program that has ended, and frees the trace; NULL is allowed. */
void trace_end(struct trace *trace);

handler trace_calls, trace_held, trace_go;
