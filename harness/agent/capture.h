/* What a program writes to one of its streams, read as it comes. */
#pragma once
#include "agent.h"

struct capture;

/* Makes the pipe and reads it from now on; `write_end` can be inherited. NULL with the failure. */
struct capture *capture_begin(HANDLE *write_end, struct failure *failure);
/* Answers the first 64 KiB, how many bytes there were in all, and whether the stream has ended,
 * for which it waits until that tick, if it is to wait and has not done so before. */
void capture_answer(struct capture *capture, struct json *answer, const char *name, BOOL wait,
                    ULONGLONG end);
/* Frees it, when the stream has ended; FALSE if it has not by that tick. NULL is allowed. */
BOOL capture_end(struct capture *capture, ULONGLONG end);
