/* Reports what a program can find out about its Windows, a line for each question;
 * test_whole_windows.py compares the output in two kinds of prefixes. */
#include <winsock2.h>

#include <windows.h>

#include <iphlpapi.h>
#include <shlobj.h>
#include <stdio.h>
#include <string.h>
#include <wincrypt.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Prints all variables but Wine's own and Unix paths. */
static void variables(void)
{
    for (const char *one = GetEnvironmentStringsA(); *one; one += strlen(one) + 1)
        if (*one != '=' && strncmp(one, "WINE", 4) && !strstr(one, "=/"))
            printf("variable %.*s: %s\n", (int)strcspn(one, "="), one, strchr(one, '=') + 1);
}

static void processor(void)
{
    const BYTE *shared = (const BYTE *)0x7ffe0000; /* KUSER_SHARED_DATA */
    SYSTEM_INFO info;

    for (DWORD feature = 0; feature < 64; feature++)
        printf("processor feature %lu: %d\n", feature, IsProcessorFeaturePresent(feature));
    GetSystemInfo(&info);
    printf("processors: %lu, level %u, revision %x\n", info.dwNumberOfProcessors,
           info.wProcessorLevel, info.wProcessorRevision);
    for (int offset = 0x260; offset < 0x300; offset += 4)
        if (offset != 0x2e8) /* the size of memory, which changes in some machines */
            printf("shared data %x: %08lx\n", offset, *(const DWORD *)(shared + offset));
    for (int offset = 0x3c0; offset < 0x610; offset += 4)
        printf("shared data %x: %08lx\n", offset, *(const DWORD *)(shared + offset));
}

static void value(HKEY root, const char *key, const char *name)
{
    char data[300] = "";
    DWORD size = sizeof data, type = 0;
    LSTATUS status = RegGetValueA(root, key, name, RRF_RT_ANY, &type, data, &size);

    printf("registry %s %s: %ld, type %lu, %s\n", key, name, status, type,
           type == REG_SZ ? data : "");
}

static void registry(void)
{
    static const char nt[] = "Software\\Microsoft\\Windows NT\\CurrentVersion";
    static const char cpu[] = "Hardware\\Description\\System\\CentralProcessor\\0";
    static const char folders[] =
        "Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\Shell Folders";

    value(HKEY_LOCAL_MACHINE, nt, "CurrentBuild");
    value(HKEY_LOCAL_MACHINE, nt, "ProductName");
    value(HKEY_LOCAL_MACHINE, nt, "SystemRoot");
    value(HKEY_LOCAL_MACHINE, cpu, "~MHz");
    value(HKEY_LOCAL_MACHINE, cpu, "ProcessorNameString");
    value(HKEY_LOCAL_MACHINE, "System\\CurrentControlSet\\Control\\Nls\\CodePage", "ACP");
    value(HKEY_LOCAL_MACHINE, "Software\\Microsoft\\Windows\\CurrentVersion", "ProgramFilesDir");
    value(HKEY_CURRENT_USER, folders, "AppData");
    value(HKEY_CURRENT_USER, folders, "Personal");
    value(HKEY_CURRENT_USER, "Control Panel\\International", "LocaleName");
}

static void cryptography(void)
{
    static const DWORD types[] = {PROV_RSA_FULL, PROV_DSS, PROV_RSA_SCHANNEL, PROV_DSS_DH,
                                  PROV_RSA_AES};
    HCERTSTORE store = CertOpenSystemStoreA(0, "ROOT");
    const CERT_CONTEXT *certificate = NULL;
    int count = 0;

    for (size_t i = 0; i < COUNT(types); i++) {
        HCRYPTPROV provider;
        BOOL opened = CryptAcquireContextA(&provider, NULL, NULL, types[i], CRYPT_VERIFYCONTEXT);
        printf("cryptographic provider of type %lu: %d\n", types[i], opened);
    }
    while (store && (certificate = CertEnumCertificatesInStore(store, certificate)))
        count++;
    printf("certificates: %d\n", count);
}

static void folders(void)
{
    static const int known[] = {CSIDL_APPDATA,       CSIDL_LOCAL_APPDATA, CSIDL_COMMON_APPDATA,
                                CSIDL_PROFILE,       CSIDL_PERSONAL,      CSIDL_DESKTOPDIRECTORY,
                                CSIDL_PROGRAM_FILES, CSIDL_WINDOWS,       CSIDL_SYSTEM,
                                CSIDL_FONTS,         CSIDL_FAVORITES,     CSIDL_MYMUSIC};
    static const char *const files[] = {"C:\\windows\\system32\\kernel32.dll",
                                        "C:\\windows\\system32\\drivers\\etc\\hosts",
                                        "C:\\windows\\notepad.exe",
                                        "C:\\windows\\win.ini",
                                        "C:\\windows\\system32\\cmd.exe",
                                        "C:\\windows\\system32\\find.exe",
                                        "C:\\windows\\system32\\ping.exe",
                                        "C:\\windows\\system32\\reg.exe",
                                        "C:\\windows\\system32\\taskkill.exe",
                                        "C:\\windows\\system32\\where.exe",
                                        "C:\\Program Files",
                                        "C:\\users\\Public"};
    char path[MAX_PATH];

    for (size_t i = 0; i < COUNT(known); i++) {
        HRESULT result = SHGetFolderPathA(NULL, known[i], NULL, 0, path);
        printf("folder %x: %lx, %s, %d\n", known[i], (long)result, FAILED(result) ? "" : path,
               GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES);
    }
    for (size_t i = 0; i < COUNT(files); i++)
        printf("file %s: %d\n", files[i], GetFileAttributesA(files[i]) != INVALID_FILE_ATTRIBUTES);
}

static void surroundings(void)
{
    char name[MAX_PATH] = "";
    DWORD size = sizeof name;
    ULONG adapters = 0;
    TIME_ZONE_INFORMATION zone;
    DWORD state = GetTimeZoneInformation(&zone);
    BOOL named = GetComputerNameA(name, &size);
    SC_HANDLE services = OpenSCManagerA(NULL, NULL, SC_MANAGER_CONNECT);
    IUnknown *link = NULL;
    WSADATA data;

    printf("computer: %d, %s\n", named, name);
    size = sizeof name;
    named = GetUserNameA(name, &size);
    printf("user: %d, %s\n", named, name);
    printf("time zone: %lu, %ld, %ls\n", state, zone.Bias, zone.StandardName);
    printf("drives: %lx\n", GetLogicalDrives());
    printf("adapters: %lu\n", GetAdaptersAddresses(AF_INET, 0, NULL, NULL, &adapters));
    printf("services: %d\n", services != NULL);
    CoInitialize(NULL);
    printf("shell link: %lx\n", (long)CoCreateInstance(&CLSID_ShellLink, NULL, CLSCTX_INPROC_SERVER,
                                                       &IID_IUnknown, (void **)&link));
    WSAStartup(MAKEWORD(2, 2), &data);
    printf("protocol and service: %d %d\n", getprotobyname("tcp") != NULL,
           getservbyname("http", "tcp") != NULL);
}

int main(void)
{
    variables();
    processor();
    registry();
    cryptography();
    folders();
    surroundings();
    return 0;
}
