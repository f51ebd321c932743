/* The agent's input; see wire.h. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum type type;
    uint64_t most;
    const char *words;
} rules[] = {
#define F(name, type, most, words) {#name, type, most, words},
    FIELDS(F)
#undef F
};

static const struct {
    const char *name;
    uint32_t needs, may;
} verbs[] = {
#define V(name, needs, may) {#name, needs, may},
    VERBS(V)
#undef V
};

bool wire_read(FILE *from, struct line *line)
{
    line->length = 0;
    for (int c; (c = getc(from)) != EOF && c != '\n'; line->length++)
        if (line->length < LONGEST_LINE)
            line->bytes[line->length] = (char)c;
    return !feof(from) && !ferror(from);
}

static bool refuse(struct request *request, const char *why, const char *word)
{
    request->refusal = why;
    request->word = word;
    return false;
}

/* Decimal digits and nothing else; 0 is written as 0. */
static bool read_number(const char *text, uint64_t most, uint64_t *number)
{
    *number = 0;
    if (!*text || (*text == '0' && text[1]))
        return false;
    for (; *text; text++) {
        unsigned digit = (unsigned)(*text - '0');
        if (digit > 9 || digit > most || *number > (most - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return true;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *found = c ? strchr(digits, c) : NULL;
    return !found ? -1 : found < digits + 16 ? (int)(found - digits) : (int)(found - digits) - 6;
}

/* The byte that two digits stand for, or -1. */
static int hex_byte(const char *digits)
{
    int high = hex_digit(digits[0]);
    int low = high < 0 ? -1 : hex_digit(digits[1]);
    return low < 0 ? -1 : high * 16 + low;
}

/* In place. */
static bool read_hex(char *text, const uint8_t **bytes, size_t *count)
{
    uint8_t *to = (uint8_t *)text;
    *bytes = to;
    for (; *text; text += 2) {
        int byte = hex_byte(text);
        if (byte < 0)
            return false;
        *to++ = (uint8_t)byte;
    }
    *count = (size_t)(to - *bytes);
    return true;
}

/* Undoes percent-encoding in place; NULL on a percent sign without its digits, and on a NUL. */
static const uint8_t *percent_decode(char *text)
{
    uint8_t *to = (uint8_t *)text;
    const uint8_t *start = to;
    for (; *text; text++) {
        int byte = (uint8_t)*text;
        if (*text == '%') {
            byte = hex_byte(text + 1);
            if (byte <= 0)
                return NULL;
            text += 2;
        }
        *to++ = (uint8_t)byte;
    }
    *to = 0;
    return start;
}

/* Takes one character of UTF-8 from before a NUL; 0 on bytes that are none, such as a longer form
 * than need be, a surrogate, or more than Unicode has. */
static uint32_t next_character(const uint8_t **at)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const uint8_t *from = *at;
    uint32_t first = *from++;
    int more = first < 0x80 ? 0 : first < 0xC0 ? -1 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if (more < 0 || first > 0xF4)
        return 0;
    uint32_t code = more ? first & (0x3Fu >> more) : first;
    for (int i = 0; i < more; i++, from++) {
        if ((*from & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (*from & 0x3Fu);
    }
    *at = from;
    return code < least[more] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : code;
}

static bool read_text(char *encoded, const uint16_t **text)
{
    const uint8_t *from = percent_decode(encoded);
    /* No character has more units in UTF-16 than bytes in UTF-8. */
    uint16_t *to = from ? malloc((strlen((const char *)from) + 1) * sizeof *to) : NULL;
    *text = to;
    if (!to)
        return false;
    while (*from) {
        uint32_t code = next_character(&from);
        if (!code)
            return false;
        if (code >= 0x10000) {
            *to++ = (uint16_t)(0xD7C0 + (code >> 10));
            code = 0xDC00 | (code & 0x3FF);
        }
        *to++ = (uint16_t)code;
    }
    *to = 0;
    return true;
}

static bool read_word(const char *text, const char *words, uint64_t *number)
{
    size_t length = strlen(text);
    for (*number = 0; words; ++*number) {
        if (!strncmp(words, text, length) && (words[length] == ' ' || !words[length]))
            return length != 0;
        words = strchr(words, ' ');
        words = words ? words + 1 : NULL;
    }
    return false;
}

static bool read_value(struct request *request, int field, char *text)
{
    switch (rules[field].type) {
    case NUMBER:
        return read_number(text, rules[field].most, &request->value[field].number);
    case TEXT:
        return read_text(text, &request->value[field].text);
    case HEX:
        return read_hex(text, &request->value[field].bytes, &request->value[field].count);
    case ONE_OF:
        break;
    }
    return read_word(text, rules[field].words, &request->value[field].number);
}

/* Cuts off the word up to the next blank; NULL at the end of the line. */
static char *next_word(char **rest)
{
    char *word = *rest, *blank = word ? strchr(word, ' ') : NULL;
    if (blank)
        *blank = 0;
    *rest = blank ? blank + 1 : NULL;
    return word;
}

static bool read_field(struct request *request, char *word)
{
    int field = 0;
    char *value = strchr(word, '=');
    if (!value)
        return refuse(request, "not of the form name=value", word);
    *value++ = 0;
    while (field < FIELD_COUNT && strcmp(word, rules[field].name))
        field++;
    if (field == FIELD_COUNT ||
        !((verbs[request->verb].needs | verbs[request->verb].may) & UINT32_C(1) << field))
        return refuse(request, "a field that this verb does not take", word);
    if (has(request, (enum field)field))
        return refuse(request, "a field given twice", word);
    request->given |= UINT32_C(1) << field;
    return read_value(request, field, value) || refuse(request, "a value of the wrong type", word);
}

bool request_parse(struct request *request, struct line *line)
{
    bool whole = line->length < LONGEST_LINE;
    size_t length = whole ? line->length : LONGEST_LINE - 1;
    uint64_t id = 0;
    int verb = 0;
    char *rest = line->bytes;
    bool plain = true;
    memset(request, 0, sizeof *request);
    for (size_t i = 0; i < length; i++)
        plain = plain && line->bytes[i] >= ' ' && line->bytes[i] <= '~';
    line->bytes[length] = 0;

    if (!read_number(next_word(&rest), UINT32_MAX, &id) || !id)
        return refuse(request, "no request id at the beginning", NULL);
    request->id = (uint32_t)id;
    if (!whole)
        return refuse(request, "a line that is too long", NULL);
    if (!plain)
        return refuse(request, "bytes other than printable ASCII", NULL);
    const char *name = next_word(&rest);
    while (name && verb < VERB_COUNT && strcmp(name, verbs[verb].name))
        verb++;
    if (!name || verb == VERB_COUNT)
        return refuse(request, "no such verb", name);
    request->verb = (enum verb)verb;
    for (char *word; (word = next_word(&rest));)
        if (!read_field(request, word))
            return false;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (verbs[verb].needs & ~request->given & UINT32_C(1) << field)
            return refuse(request, "a field is missing", rules[field].name);
    return true;
}

void request_free(struct request *request)
{
    for (int field = 0; field < FIELD_COUNT; field++)
        free((void *)request->value[field].text);
}

bool has(const struct request *request, enum field field)
{
    return (request->given & UINT32_C(1) << field) != 0;
}

uint64_t number_or(const struct request *request, enum field field, uint64_t otherwise)
{
    return has(request, field) ? request->value[field].number : otherwise;
}
