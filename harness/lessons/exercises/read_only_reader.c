/* A solution of the exercise read-only: a reader that cannot harm the object. */
#include "solution.h"

int _tmain(void)
{
    HANDLE hMapFile;
    LPCTSTR pBuf;

    hMapFile = OpenFileMapping(FILE_MAP_READ, FALSE, szName);
    if (hMapFile == NULL)
        return Failed(TEXT("open file mapping object"));

    pBuf = MapView(hMapFile, FILE_MAP_READ);
    if (pBuf == NULL)
        return 1;

    MessageBox(NULL, pBuf, TEXT("Process2"), MB_OK);
    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    return 0;
}
