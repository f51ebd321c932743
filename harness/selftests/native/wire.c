/* The agent's wire without the agent: answers each line of standard input by its id, and by its
 * refusal if it is none. Built for the machine at hand, so that sanitizers can watch. */
#include "../../agent/answer.h"
#include "../../agent/wire.h"

int main(void)
{
    static struct line line;
    while (wire_read(stdin, &line)) {
        struct request request;
        struct json answer = {0};
        bool good = request_parse(&request, &line);
        answer_begin(&answer, request.id);
        if (!good)
            answer_refusal(&answer, request.refusal, request.word);
        for (int field = 0; good && field < FIELD_COUNT; field++)
            if (request.value[field].text)
                json_text(&answer, "text", request.value[field].text);
            else if (request.value[field].bytes)
                json_hex(&answer, "bytes", request.value[field].bytes, request.value[field].count);
            else if (has(&request, (enum field)field))
                json_number(&answer, "number", (int64_t)request.value[field].number);
        request_free(&request);
        if (!answer_send(&answer, stdout))
            return 1;
    }
    return 0;
}
