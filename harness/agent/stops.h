/* The stops at which a program started with hold=1 is held: its start, and one before and one
 * after each call. The debugger waits here for a request to let it go. */
#pragma once
#include "agent.h"

/* Begins as all zero, but for `holding` and `to`. */
struct stops {
    SRWLOCK lock; /* Guards all of this. */
    CONDITION_VARIABLE changed;
    BOOL holding;       /* Whether it is held at all. */
    BOOL held, ended;   /* What it is now, if it is not running. */
    ULONGLONG made, to; /* How many it has made, and at which it is to be held next. */
};

/* For the debugger: the program makes a stop, and stays there as long as it is to be held. */
void stops_make(struct stops *stops);
/* For the debugger: the program has ended. */
void stops_end(struct stops *stops);
/* Never holds the program again. */
void stops_release(struct stops *stops);
/* Lets it go on to that stop, or to the next one if that is 0. */
void stops_go(struct stops *stops, ULONGLONG to);
/* Waits until that tick for it to be held or to end, and answers `held`, `ended` and the number of
 * `stops` made. */
void stops_answer(struct stops *stops, struct json *answer, ULONGLONG end);
