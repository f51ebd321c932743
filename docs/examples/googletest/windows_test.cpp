// Tests Windows itself. CTest starts the program anew for each test.
#include <gtest/gtest.h>
#include <windows.h>

TEST(LastError, SaysThatAFileIsMissing)
{
    EXPECT_EQ(GetFileAttributesA("C:\\none"), INVALID_FILE_ATTRIBUTES);
    EXPECT_EQ(GetLastError(), DWORD(ERROR_FILE_NOT_FOUND));
}

TEST(ProcessDeathTest, EndsWithTheCodeThatItIsGiven)
{
    EXPECT_EXIT(TerminateProcess(GetCurrentProcess(), 3), testing::ExitedWithCode(3), "");
}
