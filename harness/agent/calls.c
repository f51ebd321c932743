/* The calls of a traced program; see calls.h. */
#include "calls.h"

#include <stdlib.h>

void calls_add(struct calls *calls, struct call *call)
{
    AcquireSRWLockExclusive(&calls->lock);
    if (calls->last)
        calls->last->later = call;
    else
        calls->first = call;
    calls->last = call;
    ReleaseSRWLockExclusive(&calls->lock);
}

void calls_leave(struct calls *calls, struct call *call, enum state state, ULONG_PTR result,
                 DWORD error)
{
    AcquireSRWLockExclusive(&calls->lock);
    call->result = call->api->result == 'd' ? (ULONG_PTR)(int)result : result;
    call->error = error;
    call->state = state;
    ReleaseSRWLockExclusive(&calls->lock);
}

void calls_free(struct calls *calls)
{
    for (struct call *call; (call = calls->first);) {
        calls->first = call->later;
        for (int i = 0; i < MOST_ARGUMENTS; i++)
            free(call->texts[i]);
        free(call);
    }
}

/* A string argument is a list: the address and, where one can be read there, the text. */
static void answer_argument(struct json *answer, const struct call *call, int number)
{
    char kind = call->api->arguments[number];
    LONGLONG value = (LONGLONG)(LONG_PTR)call->arguments[number];
    if (kind == 'n' || kind == 'd') {
        json_number(answer, NULL, kind == 'd' ? (DWORD)value : value);
        return;
    }
    json_open(answer, NULL, '[');
    json_number(answer, NULL, value);
    if (call->texts[number])
        json_text(answer, NULL, call->texts[number]);
    json_close(answer, ']');
}

static void answer_call(struct json *answer, const char *name, const struct call *call)
{
    json_open(answer, name, '{');
    json_ascii(answer, "name", call->api->name);
    json_number(answer, "thread", call->thread);
    json_open(answer, "arguments", '[');
    for (int i = 0; call->api->arguments[i]; i++)
        answer_argument(answer, call, i);
    json_close(answer, ']');
    json_flag(answer, "returned", call->state == RETURNED);
    if (call->state == RETURNED) {
        json_number(answer, "result", (LONGLONG)(LONG_PTR)call->result);
        json_number(answer, "error", call->error);
    }
    json_close(answer, '}');
}

void calls_answer(struct calls *calls, struct json *answer)
{
    AcquireSRWLockExclusive(&calls->lock);
    json_open(answer, "calls", '[');
    for (const struct call *call = calls->first; call; call = call->later)
        answer_call(answer, NULL, call);
    json_close(answer, ']');
    ReleaseSRWLockExclusive(&calls->lock);
}

void calls_answer_last(struct calls *calls, struct json *answer)
{
    AcquireSRWLockExclusive(&calls->lock);
    if (calls->last)
        answer_call(answer, "call", calls->last);
    ReleaseSRWLockExclusive(&calls->lock);
}
