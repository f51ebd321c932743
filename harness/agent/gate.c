/* The code of a gate; see gate.h. */
#include "gate.h"

#include <stddef.h>

enum { GATE_SIZE = 32 };

#pragma pack(push, 1)
struct code {
    BYTE stops[2];
    BYTE jump[2]; /* jmp *target, which is an address on i686 and a distance on x86_64. */
    DWORD to;
    ULONG_PTR target;
    BYTE failure[3]; /* xor eax, eax; ret popped */
    WORD popped;
};
#pragma pack(pop)

ULONG_PTR gate_room(const struct debuggee *debuggee, int count)
{
    return (ULONG_PTR)VirtualAllocEx(debuggee->process, NULL, (SIZE_T)count * GATE_SIZE,
                                     MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
}

BOOL gate_build(struct gate *gate, const struct debuggee *debuggee, ULONG_PTR room, int number,
                ULONG_PTR function, int popped)
{
    gate->at = room + (ULONG_PTR)number * GATE_SIZE;
    gate->function = function;
    struct code code = {.stops = {HLT, NOP},
                        .jump = {0xFF, 0x25},
                        .target = function,
                        .failure = {0x31, 0xC0, 0xC2}};
#ifdef _WIN64
    code.to = 0;
    (void)popped; /* On x86_64 the caller keeps the stack. */
#else
    code.to = gate->at + offsetof(struct code, target);
    code.popped = (WORD)(popped * (int)sizeof function);
#endif
    return debuggee_patch(debuggee, gate->at, &code, sizeof code);
}

BOOL gate_holds(const struct gate *gate, ULONG_PTR address)
{
    return address - gate->at < sizeof((struct code *)0)->stops;
}

BOOL gate_pass(const struct gate *gate, const struct debuggee *debuggee, ULONG_PTR address)
{
    const BYTE shut[] = {HLT, NOP}, turned[] = {NOP, HLT};
    BOOL through = address != gate->at;
    debuggee_patch(debuggee, gate->at, through ? shut : turned, sizeof shut);
    return through;
}

static void lead_to(const struct gate *gate, const struct debuggee *debuggee, ULONG_PTR code)
{
    debuggee_patch(debuggee, gate->at + offsetof(struct code, target), &code, sizeof code);
}

ULONG_PTR gate_failure(const struct gate *gate)
{
    return gate->at + offsetof(struct code, failure);
}

void gate_close(const struct gate *gate, const struct debuggee *debuggee)
{
    lead_to(gate, debuggee, gate_failure(gate));
}

void gate_open(const struct gate *gate, const struct debuggee *debuggee)
{
    lead_to(gate, debuggee, gate->function);
}
