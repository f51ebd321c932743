"""Programs as people write them, with all claims that each of them breaks."""
from __future__ import annotations

from typing import Any, List

from harness.selftests.mutants.variant import READER, Variant, WRITER, fault

_MAIN = "int _tmain(void) {"
_KEY, _END = "_getch();", "UnmapViewOfFile(pBuf); CloseHandle(hMapFile); return 0;"
_COPY = "CopyMemory((PVOID)pBuf, szMsg, (_tcslen(szMsg) * sizeof(TCHAR)));"
_BOX = "MessageBox(NULL, pBuf, TEXT(\"Process2\"), MB_OK);"
_VIEW = "CloseHandle(hMapFile); return 1;"
_NULL = "if (hMapFile == NULL) {"
_NAME = "Global\\\\MyFileMappingObject"
_CREATE = ("CreateFileMapping(INVALID_HANDLE_VALUE, // use the paging file NULL, // default "
           "security PAGE_READWRITE, // read/write access 0, // size, high-order DWORD")
_MAKE = "CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, BUF_SIZE, szName)"
_LOOK = "OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, szName)"
_VIEW_CALL = "(LPTSTR)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE)"
_OPEN = ("OpenFileMapping(FILE_MAP_ALL_ACCESS, // read/write access "
         "FALSE, // children do not inherit the handle szName);")
_SAYS = ('_tprintf(TEXT("Could not {} file mapping object (%d).\\n"), (int)GetLastError());')


def _w(name: str, claims: str, *edits: Any, **more: Any) -> Variant:
    return fault(WRITER, f"wild: {name}", claims, *edits, **more)


def _r(name: str, claims: str, *edits: Any, **more: Any) -> Variant:
    return fault(READER, f"wild: {name}", claims, *edits, **more)


def _start(text: str) -> Any:
    """Return the edit that puts the code at the start of main."""
    return (_MAIN, f"int _tmain(void) {{ {text}")


WILD: List[Variant] = [
    _w("asks for a line first", "W6", _start("char line[80]; fgets(line, 80, stdin);")),
    _w("asks for two lines first", "B4 W6", _start(
        'char a[80]; printf("Name? "); fflush(stdout); fgets(a, 80, stdin); printf("Text? "); '
        "fflush(stdout); fgets(a, 80, stdin);")),
    _w("asks for a key first", "W6", _start("_getch();")),
    _w("asks for the text and copies its own", "B4 W6",
       (_COPY, f'char a[80]; printf("Text? "); fflush(stdout); fgets(a, 80, stdin); {_COPY}')),
    _w("has a menu that wants a number", "B4 W6", _start(
        'int n = 0; while (n != 1) { printf("1) write 2) quit: "); fflush(stdout); '
        'if (scanf("%d", &n) != 1) break; }')),
    _w("sleeps before it creates", "", _start("Sleep(1500);")),
    _w("says each of its steps", "B4", (_COPY, f'puts("mapped"); {_COPY} puts("copied");'),
       (_END, f'puts("closing"); {_END}')),
    _w("writes a log to standard error", "B4", (_KEY, 'fputs("waiting\\n", stderr); _getch();')),
    _w("floods the console", "B4", (_KEY, 'for (int i = 0; i < 200000; i++) puts("working"); '
                                          "_getch();")),
    _w("prompts in another script", "B4 W6",
       (_KEY, 'printf("\\xd0\\x9d\\xd0\\xb0\\xd0\\xb6\\xd0\\xbc\\xd0\\xb8: "); fflush(stdout); '
              "getchar();")),
    _w("waits with scanf", "W6", (_KEY, 'char c; scanf("%c", &c);')),
    _w("sleeps a minute instead of waiting", "B4 W6",
       (_KEY, 'puts("Message written."); fflush(stdout); Sleep(60000);')),
    _w("looks at the keyboard instead of waiting", "W6",
       (_KEY, "while (!(GetAsyncKeyState(VK_RETURN) & 1)) Sleep(20);"),
       make=("LDFLAGS=-luser32",)),
    _w("waits until q is pressed", "B4 W6",
       (_KEY, 'puts("q quits"); fflush(stdout); while (_getch() != \'q\');')),
    _w("writes again and again until a key is pressed", "W6",
       (_KEY, f"while (!_kbhit()) {{ {_COPY} Sleep(30); }} _getch();")),
    _w("waits twice", "W6 B4",
       (_KEY, '_getch(); printf("Again"); fflush(stdout); _getch();')),
    _w("writes a struct", "W5",
       (_COPY, "struct { int length; TCHAR text[64]; } m = {27, {0}}; lstrcpy(m.text, szMsg); "
               "memcpy((PVOID)pBuf, &m, sizeof m);")),
    _w("writes a number", "W5", (_COPY, "*(double *)pBuf = 3.25;")),
    _w("writes with lstrcpy", "W5", (_COPY, "lstrcpy((LPTSTR)pBuf, szMsg);")),
    _w("has a mutex and an event beside it", "",
       _start('HANDLE m = CreateMutex(NULL, FALSE, TEXT("Mine")), e = CreateEvent(NULL, TRUE, '
              'FALSE, TEXT("Ready"));'),
       (_KEY, "SetEvent(e); WaitForSingleObject(m, 100); ReleaseMutex(m); _getch(); "
              "CloseHandle(m); CloseHandle(e);")),
    _w("has two more objects beside it", "",
       _start('HANDLE o = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 64, '
              'TEXT("Global\\\\Other"));'),
       (_KEY, "HANDLE r = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READONLY, 0, 64, "
              "NULL); PVOID q = MapViewOfFile(r, FILE_MAP_READ, 0, 0, 0); _getch(); "
              "UnmapViewOfFile(q); "
              "CloseHandle(r); CloseHandle(o);")),
    _w("gives back in an atexit function", "",
       (_END, "p = pBuf; h = hMapFile; atexit(leave); return 0;"),
       (_MAIN, "static PVOID p; static HANDLE h; static void unmap(void) { UnmapViewOfFile(p); } "
               "static void leave(void) { unmap(); CloseHandle(h); } " + _MAIN)),
    _w("says that the object exists already", "B4",
       (_NULL, 'if (GetLastError() == ERROR_ALREADY_EXISTS) puts("exists"); ' + _NULL)),
    _w("opens before it creates", "W1",
       (_CREATE, f"{_LOOK}; if (!hMapFile) hMapFile = CreateFileMapping(INVALID_HANDLE_VALUE, "
                 "NULL, PAGE_READWRITE, 0,"), calls=True),
    _w("tries to create three times", "W2",
       (_NULL, f"for (int i = 0; i < 2 && !hMapFile; i++) hMapFile = {_MAKE}; {_NULL}"),
       calls=True),
    _w("uses perror and exit(-1)", "W2",
       (_SAYS.format("create"), 'fprintf(stderr, "CreateFileMapping: %lu\\n", GetLastError());'),
       ("return 1; } /* The object has no", "return -1; } /* The object has no")),
    _w("waits for Enter after an error", "W2 W4",
       (_VIEW, "CloseHandle(hMapFile); getchar(); return 1;"),
       ("return 1; } /* The object has no", "getchar(); return 1; } /* The object has no")),
    _w("has the key read by a second thread", "",
       (_KEY, "HANDLE t = CreateThread(NULL, 0, key, NULL, 0, NULL); "
              "WaitForSingleObject(t, INFINITE); CloseHandle(t);"),
       (_MAIN, "static DWORD WINAPI key(PVOID p) { (void)p; return (DWORD)_getch(); } " + _MAIN)),
    _w("gives nothing back and asks for Enter at its end", "W6 W7",
       (_END, "getchar(); return 0;"), seen="W6"),
    _w("opens the object once more at its end", "W7", (_END, f"UnmapViewOfFile(pBuf); "
       f"CloseHandle(hMapFile); {_LOOK}; return 0;"), calls=True),
    _w("crashes on its first line", "W1", _start("fclose(fopen(\"none\", \"r\")); "
                                                 "*(volatile int *)0 = 0;")),
    _w("wants an argument", "W1", (
        _MAIN, 'int _tmain(int argc, TCHAR **argv) { if (argc < 2) { puts("usage"); return 2; } '
        "(void)argv;")),
    _w("has another name and asks for Enter", "B3 W6", (_NAME, "Local\\\\Mine"),
       (_KEY, "getchar();")),
    _w("prompts on its console", "B4", (_KEY, '_cputs("Press any key"); _getch();')),
    _w("waits for an answer in the memory", "W6",
       (_KEY, "while (*(volatile TCHAR *)pBuf) Sleep(50);")),
    _w("counts in the memory for ever", "W5 W6",
       (_KEY, 'for (int n = 0;; Sleep(500)) wsprintf((LPTSTR)pBuf, TEXT("Message %d"), n++);'),
       make=("LDFLAGS=-luser32",)),
    _w("waits until Ctrl-C", "B4 W6",
       (_MAIN, "static volatile int on = 1; static BOOL WINAPI stop(DWORD e) "
               f"{{ (void)e; on = 0; return TRUE; }} {_MAIN} SetConsoleCtrlHandler(stop, TRUE);"),
       (_KEY, 'puts("Ctrl-C ends it"); fflush(stdout); while (on) Sleep(50);')),
    _w("maps with MapViewOfFileEx", "W3", ("(LPTSTR)MapViewOfFile(", "(LPTSTR)MapViewOfFileEx("),
       ("0, 0, // from the first byte on BUF_SIZE);", "0, 0, BUF_SIZE, NULL);"), calls=True),
    _w("asks for a choice by key, in a menu", "W6", _start(
        'for (;;) { puts("w writes"); if (_getch() == \'w\') break; }'), seen="W1"),
    _w("explains each error in words of the system", "W2 W4",
       (_MAIN, "static void say(void) { char t[200]; FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM, "
               "NULL, GetLastError(), 0, t, 200, NULL); fputs(t, stderr); } " + _MAIN),
       (_SAYS.format("create"), "say();"),
       ('_tprintf(TEXT("Could not map view of file (%d).\\n"), (int)GetLastError());', "say();")),
    _w("unmaps its view and maps it again", "W3",
       (_COPY, f"UnmapViewOfFile(pBuf); pBuf = {_VIEW_CALL}; {_COPY}"), calls=True),
    _w("opens its object once more", "W1",
       (_COPY, f"HANDLE again = {_LOOK}; {_COPY}"),
       (_END, f"CloseHandle(again); {_END}"), calls=True),
    _w("ends with the last error of its creation", "W7",
       (_NULL, f"DWORD last = GetLastError(); {_NULL}"),
       (_END, _END.replace("return 0", "return (int)last"))),
    _r("makes an object for its answer", "",
       _start('HANDLE o = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 64, '
              'TEXT("Local\\\\Answer"));'),
       (_BOX, f"{_BOX} CloseHandle(o);")),
    _r("greets whenever it starts", "B4", _start('puts("Reader started");')),
    _r("shows a window of its own", "R5",
       (_MAIN, "static LRESULT CALLBACK run(HWND w, UINT m, WPARAM a, LPARAM b) { if (m == "
               "WM_DESTROY) PostQuitMessage(0); return DefWindowProc(w, m, a, b); } " + _MAIN),
       (_BOX, 'WNDCLASS c = {0}; MSG m; c.lpfnWndProc = run; c.lpszClassName = TEXT("Mine"); '
              "RegisterClass(&c); HWND w = CreateWindow(c.lpszClassName, TEXT(\"Process2\"), "
              "WS_OVERLAPPEDWINDOW | WS_VISIBLE, 0, 0, 300, 200, NULL, NULL, NULL, NULL); "
              'CreateWindow(TEXT("STATIC"), pBuf, WS_CHILD | WS_VISIBLE, 0, 0, 200, 50, w, NULL, '
              "NULL, NULL); while (GetMessage(&m, NULL, 0, 0) > 0) DispatchMessage(&m);")),
    _r("asks in its box whether to show it again", "R5",
       (_BOX, "while (" + _BOX.replace("MB_OK);", "MB_RETRYCANCEL) == IDRETRY);"))),
    _r("asks in a box whether to try again", "R2",
       (_NULL, 'while (!hMapFile && MessageBox(NULL, TEXT("Again?"), TEXT("Process2"), '
               f"MB_RETRYCANCEL) == IDRETRY) hMapFile = {_LOOK}; {_NULL}")),
    _r("creates the object if there is none", "R1", (_NULL, f"if (!hMapFile) hMapFile = {_MAKE}; "
                                                            + _NULL)),
    _r("creates the object", "R1", (_OPEN, f"{_MAKE};")),
    _r("opens a mutex first", "R1", _start(
        'if (!OpenMutex(SYNCHRONIZE, FALSE, TEXT("Global\\\\Mine"))) '
        '{ puts("Could not open mutex"); return 1; }')),
    _r("waits for an event first", "R1", _start(
        'WaitForSingleObject(CreateEvent(NULL, TRUE, FALSE, TEXT("Ready")), INFINITE);')),
    _r("waits for a text, and for the object", "R1 R5",
       (_OPEN, f"NULL; while (!(hMapFile = {_LOOK})) Sleep(10);"),
       (_BOX, "while (!*(volatile const TCHAR *)pBuf) Sleep(10); " + _BOX)),
    _r("converts the text for its box", "B2",
       (_OPEN, 'OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, "Global\\\\MyFileMappingObject");'),
       (_BOX, "static WCHAR wide[4096]; MultiByteToWideChar(CP_ACP, 0, (LPCSTR)pBuf, -1, wide, "
              '4096); MessageBoxW(NULL, wide, L"Process2", MB_OK);')),
    _r("cuts the text at twenty characters", "R5",
       (_BOX, f"TCHAR cut[21]; lstrcpyn(cut, pBuf, 21); {_BOX.replace('pBuf', 'cut')}")),
    _r("shows its box in a second thread", "",
       (_MAIN, "static DWORD WINAPI show(PVOID text) { MessageBox(NULL, text, TEXT(\"Process2\"), "
               "MB_OK); return 0; } " + _MAIN),
       (_BOX, "HANDLE t = CreateThread(NULL, 0, show, (PVOID)pBuf, 0, NULL); "
              "WaitForSingleObject(t, INFINITE); CloseHandle(t);")),
    _r("prints instead of a box", "B4 R5 R7", (_BOX, '_tprintf(TEXT("%s\\n"), pBuf);')),
    _r("prints and waits for Enter", "B4 R5 R6 R7",
       (_BOX, '_tprintf(TEXT("%s\\n"), pBuf); fflush(stdout); getchar();')),
    _r("sleeps before it opens", "", _start("Sleep(1200);")),
    _r("asks for Enter before it opens", "B4 R6",
       _start('printf("Enter: "); fflush(stdout); getchar();')),
    _r("copies the text first", "",
       (_BOX, "LPTSTR copy = _tcsdup(pBuf); " + _BOX.replace("pBuf", "copy"))),
    _r("asks for Enter after its box", "B4 R6",
       (_BOX, f'{_BOX} puts("Press Enter."); fflush(stdout); getchar();')),
    _r("waits for the writer and says so", "R1",
       (_OPEN, f"NULL; while (!(hMapFile = {_LOOK})) {{ printf(\".\"); Sleep(50); }}")),
    _r("tries three times", "R1",
       (_NULL, f"for (int i = 0; i < 2 && !hMapFile; i++) hMapFile = {_LOOK}; {_NULL}"),
       calls=True),
    _r("shows its errors in a box", "R2", (_SAYS.format("open"), _BOX.replace("pBuf", "szName"))),
    _r("has another name and other error texts", "B3 R2", (_NAME, "Local\\\\Mine"),
       (_SAYS.format("open"), 'printf("Cannot open: %lu\\n", GetLastError());')),
    _r("says what it shows, with an icon", "B4 R5",
       (_BOX, '_tprintf(TEXT("%s\\n"), pBuf); ' + _BOX.replace("MB_OK", "MB_ICONINFORMATION"))),
    _r("gives nothing back", "R6", (_END, "return 0;"), calls=True),
    _r("only reads", "R1 R3", ("(FILE_MAP_ALL_ACCESS,", "(FILE_MAP_READ,"),
       ("FILE_MAP_ALL_ACCESS, // read/write permission", "FILE_MAP_READ,"), calls=True),
    _r("prints what looks like a failed harness", "B4",
       (_BOX, 'puts("HarnessError: Hang: on"); ' + _BOX)),
]
