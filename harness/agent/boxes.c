/* Message boxes of other processes: found by class and owner, read, answered. */
#include "programs.h"

#include <stdlib.h>
#include <wchar.h>

enum { TEXT_ITEM = 0xFFFF };

struct search {
    DWORD pid;
    size_t count;
    HWND *found; /* To be freed. */
};

/* A box that is being read: where to, and until when its program may answer. */
struct reading {
    struct json *answer;
    ULONGLONG end;
    BOOL icon;
};

static BOOL is_class(HWND window, const WCHAR *name)
{
    WCHAR class[16];
    return GetClassNameW(window, class, ARRAYSIZE(class)) && !_wcsicmp(class, name);
}

static BOOL CALLBACK visit_window(HWND window, LPARAM argument)
{
    struct search *search = (struct search *)argument;
    DWORD pid = 0;
    GetWindowThreadProcessId(window, &pid);
    if (pid == search->pid && IsWindowVisible(window) && is_class(window, L"#32770")) {
        HWND *larger = realloc(search->found, (search->count + 1) * sizeof *larger);
        if (!larger)
            abort();
        search->found = larger;
        search->found[search->count++] = window;
    }
    return TRUE;
}

static BOOL ask(const struct reading *reading, HWND window, UINT message, WPARAM w, LPARAM l,
                DWORD_PTR *result)
{
    DWORD left = until(reading->end);
    return left && SendMessageTimeoutW(window, message, w, l, SMTO_ABORTIFHUNG, left, result);
}

/* A window of a program that hangs does not answer; then there is no text to report. */
static void answer_window_text(const struct reading *reading, const char *name, HWND window)
{
    DWORD_PTR length = 0;
    if (!ask(reading, window, WM_GETTEXTLENGTH, 0, 0, &length))
        return;
    WCHAR *text = allocate((length + 1) * sizeof(WCHAR));
    if (ask(reading, window, WM_GETTEXT, length + 1, (LPARAM)text, &length))
        json_text(reading->answer, name, text);
    free(text);
}

static BOOL CALLBACK visit_button(HWND child, LPARAM argument)
{
    const struct reading *reading = (const struct reading *)argument;
    if (is_class(child, L"Button")) {
        json_open(reading->answer, NULL, '{');
        json_number(reading->answer, "id", GetDlgCtrlID(child));
        answer_window_text(reading, "label", child);
        json_close(reading->answer, '}');
    }
    return TRUE;
}

/* The control of an icon has another id on each system, so it is known by its style. */
static BOOL CALLBACK visit_icon(HWND child, LPARAM argument)
{
    struct reading *reading = (struct reading *)argument;
    DWORD_PTR icon = 0;
    if (is_class(child, L"Static") && (GetWindowLongW(child, GWL_STYLE) & SS_TYPEMASK) == SS_ICON &&
        ask(reading, child, STM_GETICON, 0, 0, &icon) && icon)
        reading->icon = TRUE;
    return TRUE;
}

static void describe(struct reading *reading, HWND box)
{
    struct json *answer = reading->answer;
    DWORD_PTR nothing;
    json_open(answer, NULL, '{');
    /* A handle to a window has 32 bits that count, on every system. */
    json_number(answer, "window", (ULONG)(ULONG_PTR)box);
    json_number(answer, "owner", (ULONG)(ULONG_PTR)GetWindow(box, GW_OWNER));
    /* A program that hangs would let each question wait in vain, so one is asked first. */
    BOOL hangs = !ask(reading, box, WM_NULL, 0, 0, &nothing);
    json_flag(answer, "hangs", hangs);
    if (!hangs) {
        reading->icon = FALSE;
        answer_window_text(reading, "title", box);
        if (GetDlgItem(box, TEXT_ITEM))
            answer_window_text(reading, "text", GetDlgItem(box, TEXT_ITEM));
        EnumChildWindows(box, visit_icon, (LPARAM)reading);
        json_flag(answer, "icon", reading->icon);
        json_open(answer, "buttons", '[');
        EnumChildWindows(box, visit_button, (LPARAM)reading);
        json_close(answer, ']');
    }
    json_close(answer, '}');
}

/* boxes program=N [ms=N]: its open message boxes, as soon as there is one; an empty list when it
 * ended or the time is over. A box says its window and owner, whether its program hangs, and
 * unless it does, its title, text, icon and buttons. */
void handle_boxes(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    if (!program)
        return;
    struct search search = {.pid = program->pid};
    for (;;) {
        EnumWindows(visit_window, (LPARAM)&search);
        /* Nothing announces another process's windows; waiting for its end paces the search. */
        if (search.count || !until(due(request)) || program_ended(program, 1))
            break;
    }
    ULONGLONG end = GetTickCount64() + GRACE_MS;
    json_open(answer, "boxes", '[');
    for (size_t i = 0; i < search.count; i++) {
        /* Each has its share of the time, so that one that hangs takes no other's. */
        DWORD share = until(end) / (DWORD)(search.count - i);
        struct reading reading = {answer, GetTickCount64() + share, FALSE};
        describe(&reading, search.found[i]);
    }
    json_close(answer, ']');
    free(search.found);
}

/* answer program=N window=HWND button=ID: presses that button of its box. */
void handle_answer(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    HWND box = (HWND)(LONG_PTR)(LONG)request->value[f_window].number;
    int id = (int)request->value[f_button].number;
    DWORD pid = 0;
    if (!program)
        return;
    if (!GetWindowThreadProcessId(box, &pid) || pid != program->pid) {
        answer_refusal(answer, "no such window of the program", NULL);
        return;
    }
    HWND button = GetDlgItem(box, id);
    if (!button)
        answer_last_error(answer, "GetDlgItem");
    else if (!PostMessageW(box, WM_COMMAND, MAKEWPARAM(id, BN_CLICKED), (LPARAM)button))
        answer_last_error(answer, "PostMessage");
}
