/* The console that the agent is a member of: one at a time. A program is started in the console
 * that the agent is in, and keys go where the program reads them. */
#pragma once
#include "agent.h"

/* A Ctrl-C for a program reaches all members of its console. It is none of the agent's business,
 * and the programs get to know nothing of that. */
void console_ignore_ctrl_c(void);
/* Makes the agent a member of a console of its own that nobody else uses; its number, or 0. */
int console_new(struct failure *failure);
/* The number of the console that the agent is in now; 0 where it is in none. */
int console_current(void);
/* Whether nobody reads from the agent's console and its mode is that of a new one. A program that
 * ends while it reads keys can leave its read behind (Wine), which takes the next key. So one is
 * written, a release, which no program waits for: a read that was left behind takes it. */
BOOL console_untouched(void);
/* Joins the console of that number and process, which lives as long as any member does. */
BOOL console_join(int console, DWORD pid, struct failure *failure);
/* The input of the agent's console, inheritable, emptied of earlier keys; or NULL. */
HANDLE console_input(struct failure *failure);
