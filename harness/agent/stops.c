/* The stops of a held program; see stops.h. */
#include "stops.h"

void stops_make(struct stops *stops)
{
    AcquireSRWLockExclusive(&stops->lock);
    stops->made += stops->holding;
    while (stops->holding && stops->made >= stops->to) {
        stops->held = TRUE;
        WakeAllConditionVariable(&stops->changed);
        SleepConditionVariableSRW(&stops->changed, &stops->lock, INFINITE, 0);
    }
    stops->held = FALSE;
    ReleaseSRWLockExclusive(&stops->lock);
}

void stops_end(struct stops *stops)
{
    AcquireSRWLockExclusive(&stops->lock);
    stops->ended = TRUE;
    WakeAllConditionVariable(&stops->changed);
    ReleaseSRWLockExclusive(&stops->lock);
}

void stops_release(struct stops *stops)
{
    AcquireSRWLockExclusive(&stops->lock);
    stops->holding = FALSE;
    WakeAllConditionVariable(&stops->changed);
    ReleaseSRWLockExclusive(&stops->lock);
}

void stops_go(struct stops *stops, ULONGLONG to)
{
    AcquireSRWLockExclusive(&stops->lock);
    stops->to = to ? to : stops->made + 1;
    if (stops->held && stops->made < stops->to) {
        stops->held = FALSE;
        WakeAllConditionVariable(&stops->changed);
    }
    ReleaseSRWLockExclusive(&stops->lock);
}

void stops_answer(struct stops *stops, struct json *answer, ULONGLONG end)
{
    AcquireSRWLockExclusive(&stops->lock);
    while (!stops->held && !stops->ended && until(end))
        SleepConditionVariableSRW(&stops->changed, &stops->lock, until(end), 0);
    json_flag(answer, "ended", stops->ended);
    json_flag(answer, "held", stops->held);
    json_number(answer, "stops", (LONGLONG)stops->made);
    ReleaseSRWLockExclusive(&stops->lock);
}
