/* What is asked about traced programs. */
#include "programs.h"
#include "trace.h"

/* What was seen of the program; NULL, with the reason in the answer, if it is not traced, or not
 * all was seen. */
static struct watch *watch_of(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    if (!program)
        return NULL;
    if (!program->trace) {
        answer_refusal(answer, "the program is not traced", NULL);
        return NULL;
    }
    struct watch *watch = trace_watch(program->trace);
    AcquireSRWLockExclusive(&watch->calls.lock);
    struct failure failure = watch->failure;
    ReleaseSRWLockExclusive(&watch->calls.lock);
    if (failure.call)
        answer_failure(answer, failure);
    return failure.call ? NULL : watch;
}

/* calls program=N: what a traced program has called so far. A call says its function, thread and
 * arguments, whether it has returned, and if so, its result and the last error then. */
void handle_calls(const struct request *request, struct json *answer)
{
    struct watch *watch = watch_of(request, answer);
    if (watch)
        calls_answer(&watch->calls, answer);
}

static void answer_place(struct watch *watch, struct json *answer, ULONGLONG end)
{
    stops_answer(&watch->stops, answer, end);
    calls_answer_last(&watch->calls, answer);
}

/* held program=N [ms=N]: where a program started with hold=1 stands, once it does: how many stops
 * it has made, whether it is held there or has ended, and its last call. */
void handle_held(const struct request *request, struct json *answer)
{
    struct watch *watch = watch_of(request, answer);
    if (watch)
        answer_place(watch, answer, due(request));
}

/* go program=N [to=STOP] [ms=N]: lets it go on to its next stop, or until it has made as many as
 * `to` says, and tells where it stands then. With ms=0 it is let go and not waited for. */
void handle_go(const struct request *request, struct json *answer)
{
    struct watch *watch = watch_of(request, answer);
    if (!watch)
        return;
    stops_go(&watch->stops, number_or(request, f_to, 0));
    answer_place(watch, answer, due(request));
}
