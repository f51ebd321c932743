/* The part of Wine's test.h that the tests in docs/gaps need, to run them outside of Wine's
 * sources. The exit code is the number of failed checks that are no todo. */
#include <conio.h>
#include <stdio.h>
#include <windows.h>

static int failures;
static int todo;

#define todo_wine_if(is) for (int once = todo = !!(is), left = 1; left; left = todo = 0, (void)once)
#define todo_wine todo_wine_if(1)
#define ok(holds, ...)                                                                             \
    do {                                                                                           \
        int held = !!(holds);                                                                      \
        failures += !held && !todo;                                                                \
        printf("%s%s", todo ? "todo: " : "", held ? "ok\n" : "failed: ");                          \
        if (!held)                                                                                 \
            printf(__VA_ARGS__);                                                                   \
    } while (0)
#define START_TEST(name)                                                                           \
    static void test(void);                                                                        \
    int main(void)                                                                                 \
    {                                                                                              \
        test();                                                                                    \
        return failures;                                                                           \
    }                                                                                              \
    static void test(void)
