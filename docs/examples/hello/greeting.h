/* Greetings. */
#ifndef GREETING_H
#define GREETING_H
#include <wchar.h>

/* Writes a greeting for `name` into `text`, which has room for `size` characters, the terminating
 * null included. Returns the number of characters written, or -1 if there is no room. */
int greet(wchar_t *text, size_t size, const wchar_t *name);

#endif
