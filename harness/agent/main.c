/* agent.exe: a resident Win32 process that does for the harness what only Win32 can do. It takes
 * one-line requests on standard input and gives one-line answers on standard output, one at a
 * time and in order; wire.h has their form. The end of its input is its end, and the end of
 * every program that it started. With any argument it opens a message box instead and ends when
 * that is answered: the smallest program that shows whether boxes work here. */
#include "agent.h"
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_LINE = 1 << 18 };

void answer_failure(struct json *answer, const char *call, DWORD error)
{
    json_ascii(answer, "failed", call);
    json_number(answer, "error", error);
}

void answer_refusal(struct json *answer, const char *why)
{
    json_ascii(answer, "refused", why);
}

static const struct {
    const char *verb;
    handler *handle;
} verbs[] = {
    {"start", start},        {"wait", wait_exit},        {"terminate", terminate},
    {"forget", forget},      {"press", press},           {"screen", screen},
    {"boxes", boxes},        {"answer", answer_box},     {"create", create_object},
    {"open", open_object},   {"map", map_object},        {"read", read_object},
    {"write", write_object}, {"unmap", unmap_object},    {"section", section_object},
    {"close", close_object}, {"occupy", occupy},         {"directory", directory},
    {"whoami", whoami},      {"calls", trace_calls},     {"held", trace_held},
    {"go", trace_go},        {"handles", count_handles},
};

static void handle(struct request *request, struct json *answer)
{
    for (size_t i = 0; i < ARRAYSIZE(verbs); i++)
        if (!strcmp(request->verb, verbs[i].verb)) {
            verbs[i].handle(request, answer);
            return;
        }
    answer_refusal(answer, "no such verb");
}

/* Ctrl-C is for the programs in the agent's console. */
static BOOL WINAPI ignore(DWORD event)
{
    return event == CTRL_C_EVENT;
}

int main(int argc, char **argv)
{
    static char line[LONGEST_LINE];
    if (argc > 1)
        return MessageBoxA(NULL, argv[1], "agent", MB_OK) != IDOK;
    /* A program that crashes is to end, and not to open a window about it. */
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    SetConsoleCtrlHandler(ignore, TRUE);
    while (fgets(line, sizeof line, stdin)) {
        struct request request;
        struct json answer = {0};
        json_open(&answer, NULL, '{');
        if (request_parse(&request, line))
            handle(&request, &answer);
        else
            answer_refusal(&answer, "not a request");
        json_close(&answer, '}');
        printf("%s\n", answer.text);
        fflush(stdout);
        request_free(&request);
        json_free(&answer);
    }
    return 0;
}
