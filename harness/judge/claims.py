"""Every documented claim, numbered, in our own words.

B: both programs; W: the writer, first_process; R: the reader, second_process; O: the object; H:
what goes wrong with the documented pattern, which tests pin down and the programs do not fix.
"""
from __future__ import annotations

CLAIMS = {
    "B1": "a console program that needs no DLL beyond those of Windows, in 32 and in 64 bit",
    "B2": "one source serves ANSI and Unicode, through TCHAR and the headers that define it",
    "B3": "BUF_SIZE is 256 bytes, and the name is Global\\MyFileMappingObject",
    "B4": "a failure is one line on standard output with GetLastError() as %d, and exit code 1; "
          "success prints nothing and exits with 0",
    "W1": "CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, BUF_SIZE, szName), "
          "backed by the paging file",
    "W2": "without an object: \"Could not create file mapping object (N).\" and exit code 1",
    "W3": "MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE)",
    "W4": "without a view: \"Could not map view of file (N).\", the handle closed, exit code 1",
    "W5": "the 27 characters of \"Message from first process.\" are copied, without a terminator",
    "W6": "_getch() waits for any one key, without Enter and without echo; the object stays",
    "W7": "UnmapViewOfFile, then CloseHandle, then exit code 0",
    "W8": "an object of that name that exists already is opened and written over",
    "R1": "OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, szName)",
    "R2": "without an object: \"Could not open file mapping object (N).\" and exit code 1",
    "R3": "MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE)",
    "R4": "without a view: \"Could not map view of file (N).\", the handle closed, exit code 1",
    "R5": "MessageBox(NULL, pBuf, \"Process2\", MB_OK): the text comes from the shared memory, up "
          "to the first terminator; one button, no owner",
    "R6": "UnmapViewOfFile, then CloseHandle, then exit code 0",
    "R7": "the reader links user32",
    "O1": "Global\\ puts the name where all sessions find it, and not under Local\\ or bare",
    "O2": "creating a file mapping in Global\\ outside session 0 needs SeCreateGlobalPrivilege; "
          "opening one does not",
    "O3": "the object lives until its last handle is closed, by whichever process; then an open "
          "fails with 2",
    "O4": "its bytes begin as zero, which is what terminates the message",
    "O5": "PAGE_READWRITE: a process that maps it with write access changes what all others see",
    "O6": "other kinds of object share the name space: a name in use by one gives 6",
    "O7": "names are case-sensitive",
    "H1": "over an older, longer text the reader shows the rest of that text after the message",
    "H2": "a pair of mixed character sets shows 14 wrong characters, or only an M",
    "H3": "a view is a whole page: the reader shows text that runs past byte 256",
    "H4": "a reader that comes before the writer, or after both have gone, fails with 2",
    "H5": "any process may take the name first: 6 if it is of another kind, 5 if its DACL lets "
          "nobody in, 5 at the view if it is a smaller file",
}
