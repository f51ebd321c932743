/* Gates: code in the debuggee through which it calls its imported functions, and which stops it
 * there.
 *
 * What stops it is HLT, a privileged instruction (EXCEPTION_PRIV_INSTRUCTION), which is better than
 * a breakpoint in one thing: the program stops at it and not after it, so that it can go on
 * without its registers being set. Under Wine 8.0 neither int3 nor SetThreadContext works in a
 * 32-bit program on a 64-bit system.
 *
 * A gate is two bytes and a jump to the function. While the first byte is HLT, the second does
 * nothing; to let a thread in, they change places, and they change back when it stops at the
 * second. So the gate never stands open, and a second thread that comes is stopped as well. */
#pragma once
#include "debuggee.h"

struct gate {
    ULONG_PTR at, function;
};

/* Room in the debuggee for `count` gates, which cannot be none; 0 if there is no room. */
ULONG_PTR gate_room(const struct debuggee *debuggee, int count);
/* Builds gate `number` in that room, to a function that takes `popped` arguments off the stack. */
BOOL gate_build(struct gate *gate, const struct debuggee *debuggee, ULONG_PTR room, int number,
                ULONG_PTR function, int popped);
/* Whether a thread that stopped at that address did so at the gate. */
BOOL gate_holds(const struct gate *gate, ULONG_PTR address);
/* Lets that thread go on; returns whether it is through, and not only half way. */
BOOL gate_pass(const struct gate *gate, const struct debuggee *debuggee, ULONG_PTR address);
/* Where code is that returns 0 at once, as the gate's function would. */
ULONG_PTR gate_failure(const struct gate *gate);
/* Makes the gate lead there, or to the function again. */
void gate_close(const struct gate *gate, const struct debuggee *debuggee);
void gate_open(const struct gate *gate, const struct debuggee *debuggee);
