// Tests of Windows itself, each of which CTest starts as a run of its own.
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
