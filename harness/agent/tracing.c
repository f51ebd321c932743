/* What is asked about traced programs. */
#include "programs.h"
#include "trace.h"

/* The trace of the program; NULL, with the reason in the answer, if it has none that is whole. */
static struct trace *trace_of(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    struct failure failure;
    if (!program)
        return NULL;
    if (!program->trace) {
        answer_refusal(answer, "the program is not traced", NULL);
        return NULL;
    }
    if (trace_failed(program->trace, &failure)) {
        answer_failure(answer, failure);
        return NULL;
    }
    return program->trace;
}

/* calls program=N: what a traced program has called so far. A call says its function, thread and
 * arguments, whether it has returned, and if so, its result and the last error then. */
void handle_calls(const struct request *request, struct json *answer)
{
    struct trace *trace = trace_of(request, answer);
    if (trace)
        calls_answer(trace_calls_of(trace), answer);
}

static void answer_place(struct trace *trace, struct json *answer, ULONGLONG end)
{
    stops_answer(trace_stops_of(trace), answer, end);
    calls_answer_last(trace_calls_of(trace), answer);
}

/* held program=N [ms=N]: where a program started with hold=1 stands, once it does: how many stops
 * it has made, whether it is held there or has ended, and its last call. */
void handle_held(const struct request *request, struct json *answer)
{
    struct trace *trace = trace_of(request, answer);
    if (trace)
        answer_place(trace, answer, due(request));
}

/* go program=N [to=STOP] [ms=N]: lets it go on to its next stop, or until it has made as many as
 * `to` says, and tells where it stands then. With ms=0 it is let go and not waited for. */
void handle_go(const struct request *request, struct json *answer)
{
    struct trace *trace = trace_of(request, answer);
    if (!trace)
        return;
    stops_go(trace_stops_of(trace), number_or(request, f_to, 0));
    answer_place(trace, answer, due(request));
}
