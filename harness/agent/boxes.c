/* Message boxes of other processes: found by class and owner, read, answered. */
#include "programs.h"

#include <stdlib.h>
#include <wchar.h>

enum { MOST_BOXES = 16, TALK_MS = 2000, TEXT_ITEM = 0xFFFF };

struct search {
    DWORD pid;
    int count;
    HWND found[MOST_BOXES];
};

static BOOL CALLBACK visit_window(HWND window, LPARAM argument)
{
    struct search *search = (struct search *)argument;
    WCHAR class[16];
    DWORD pid;
    GetWindowThreadProcessId(window, &pid);
    if (pid == search->pid && IsWindowVisible(window) &&
        GetClassNameW(window, class, ARRAYSIZE(class)) && !wcscmp(class, L"#32770") &&
        search->count < MOST_BOXES)
        search->found[search->count++] = window;
    return TRUE;
}

/* A window of a program that hangs does not answer; then there is no text to report. */
static void answer_window_text(struct json *answer, const char *name, HWND window)
{
    DWORD_PTR length = 0;
    WCHAR *text = NULL;
    if (SendMessageTimeoutW(window, WM_GETTEXTLENGTH, 0, 0, SMTO_ABORTIFHUNG, TALK_MS, &length) &&
        (text = calloc(length + 1, sizeof(WCHAR))) &&
        SendMessageTimeoutW(window, WM_GETTEXT, length + 1, (LPARAM)text, SMTO_ABORTIFHUNG, TALK_MS,
                            &length))
        json_text(answer, name, text);
    free(text);
}

static BOOL CALLBACK visit_child(HWND child, LPARAM argument)
{
    struct json *answer = (struct json *)argument;
    WCHAR class[16];
    if (GetClassNameW(child, class, ARRAYSIZE(class)) && !_wcsicmp(class, L"Button")) {
        json_open(answer, NULL, '{');
        json_number(answer, "id", GetDlgCtrlID(child));
        answer_window_text(answer, "label", child);
        json_close(answer, '}');
    }
    return TRUE;
}

/* The control of an icon has another id on each system, so it is known by its style. */
static BOOL CALLBACK visit_icon(HWND child, LPARAM argument)
{
    WCHAR class[16];
    DWORD_PTR icon = 0;
    if (GetClassNameW(child, class, ARRAYSIZE(class)) && !_wcsicmp(class, L"Static") &&
        (GetWindowLongW(child, GWL_STYLE) & SS_TYPEMASK) == SS_ICON &&
        SendMessageTimeoutW(child, STM_GETICON, 0, 0, SMTO_ABORTIFHUNG, TALK_MS, &icon) && icon)
        *(BOOL *)argument = TRUE;
    return TRUE;
}

static void answer_contents(struct json *answer, HWND box)
{
    BOOL icon = FALSE;
    answer_window_text(answer, "title", box);
    if (GetDlgItem(box, TEXT_ITEM))
        answer_window_text(answer, "text", GetDlgItem(box, TEXT_ITEM));
    EnumChildWindows(box, visit_icon, (LPARAM)&icon);
    json_flag(answer, "icon", icon);
    json_open(answer, "buttons", '[');
    EnumChildWindows(box, visit_child, (LPARAM)answer);
    json_close(answer, ']');
}

static void describe(struct json *answer, HWND box)
{
    json_open(answer, NULL, '{');
    json_number(answer, "window", (LONGLONG)(LONG_PTR)box);
    json_number(answer, "owner", (LONGLONG)(LONG_PTR)GetWindow(box, GW_OWNER));
    /* A program that hangs would let each question wait in vain, so one is asked first. */
    if (SendMessageTimeoutW(box, WM_NULL, 0, 0, SMTO_ABORTIFHUNG, TALK_MS, NULL))
        answer_contents(answer, box);
    json_close(answer, '}');
}

/* boxes program=N ms=N: its open message boxes, as soon as there is one; an empty list when it
 * ended or the time is over. A box says its window and owner and, unless its program hangs, its
 * title, text, icon and buttons. */
void boxes(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    if (!program)
        return;
    ULONGLONG end = GetTickCount64() + field_number(request, "ms", 0);
    struct search search = {.pid = program->pid};
    for (;;) {
        EnumWindows(visit_window, (LPARAM)&search);
        /* Nobody tells of another process's windows; waiting for its end paces the search. */
        if (search.count || GetTickCount64() >= end || program_ended(program, 1))
            break;
    }
    json_open(answer, "boxes", '[');
    for (int i = 0; i < search.count; i++)
        describe(answer, search.found[i]);
    json_close(answer, ']');
}

/* answer window=HWND button=ID: presses that button of the box. */
void answer_box(const struct request *request, struct json *answer)
{
    HWND box = (HWND)(ULONG_PTR)field_number(request, "window", 0);
    int id = (int)field_number(request, "button", 0);
    HWND button = GetDlgItem(box, id);
    if (!button || !PostMessageW(box, WM_COMMAND, MAKEWPARAM(id, BN_CLICKED), (LPARAM)button))
        answer_failure(answer, "PostMessage", GetLastError());
}
