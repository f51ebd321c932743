/* The stops of a held program; see stops.h. */
#include "stops.h"

void stops_begin(struct stops *stops, BOOL holding)
{
    InitializeCriticalSection(&stops->lock);
    InitializeConditionVariable(&stops->changed);
    stops->holding = holding;
    stops->to = 1;
}

void stops_free(struct stops *stops)
{
    DeleteCriticalSection(&stops->lock);
}

void stops_make(struct stops *stops)
{
    EnterCriticalSection(&stops->lock);
    stops->made += stops->holding;
    while (stops->holding && stops->made >= stops->to) {
        stops->held = TRUE;
        WakeAllConditionVariable(&stops->changed);
        SleepConditionVariableCS(&stops->changed, &stops->lock, INFINITE);
    }
    stops->held = FALSE;
    LeaveCriticalSection(&stops->lock);
}

void stops_end(struct stops *stops)
{
    EnterCriticalSection(&stops->lock);
    stops->ended = TRUE;
    WakeAllConditionVariable(&stops->changed);
    LeaveCriticalSection(&stops->lock);
}

void stops_release(struct stops *stops)
{
    EnterCriticalSection(&stops->lock);
    stops->holding = FALSE;
    WakeAllConditionVariable(&stops->changed);
    LeaveCriticalSection(&stops->lock);
}

void stops_go(struct stops *stops, ULONGLONG to)
{
    EnterCriticalSection(&stops->lock);
    stops->to = to ? to : stops->made + 1;
    if (stops->held && stops->made < stops->to) {
        stops->held = FALSE;
        WakeAllConditionVariable(&stops->changed);
    }
    LeaveCriticalSection(&stops->lock);
}

void stops_answer(struct stops *stops, struct json *answer, ULONGLONG end)
{
    EnterCriticalSection(&stops->lock);
    while (!stops->held && !stops->ended && until(end))
        SleepConditionVariableCS(&stops->changed, &stops->lock, until(end));
    json_flag(answer, "ended", stops->ended);
    json_flag(answer, "held", stops->held);
    json_number(answer, "stops", (LONGLONG)stops->made);
    LeaveCriticalSection(&stops->lock);
}
