/* Named objects, held by the agent until they are closed: file mappings above all, which it makes,
 * opens, maps, reads and writes as any other process may. */
#pragma once
#include "agent.h"

/* Keeps a new handle of any kind under a number of its own, which it puts into the answer with
 * whether the object existed; or the failure of `call`, if the handle is NULL. Call it right
 * after the Win32 call: it takes the last error. */
void object_keep(struct json *answer, HANDLE handle, const char *call);
