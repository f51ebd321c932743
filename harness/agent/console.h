/* The console that the agent is a member of: one at a time. A program is started in the console
 * that the agent is in, and keys go where the program reads them. */
#pragma once
#include "agent.h"

/* A Ctrl-C for a program reaches all members of its console. It is none of the agent's business,
 * and the programs get to know nothing of that. */
void console_ignore_ctrl_c(void);
/* Makes the agent a member of a console of its own that nobody else uses; its number, or 0. */
int console_new(struct failure *failure);
/* The console that the agent is in now, or else a new one; its number, or 0. */
int console_current(struct failure *failure);
/* Joins the console of that number and process, which lives as long as any member does. */
BOOL console_join(int console, DWORD pid, struct failure *failure);
/* A program of that console was killed. If it was reading keys, Wine may leave its read behind,
 * which takes the next key; then the next program is started in a new console. */
void console_suspect(int console);
/* The input of the agent's console, inheritable, emptied of earlier keys; or NULL. */
HANDLE console_input(struct failure *failure);
