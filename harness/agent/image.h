/* The program's own image, as the loader has put it into memory: what it imports. */
#pragma once
#include "debuggee.h"

typedef void import_visitor(const char *name, ULONG_PTR slot, ULONG_PTR function, void *argument);
/* Calls `visit` with each function that the image imports by a name of reasonable length, its slot
 * in the import table and the address that the loader has put there. FALSE where the image cannot
 * be read. */
BOOL image_imports(const struct debuggee *debuggee, import_visitor *visit, void *argument);
