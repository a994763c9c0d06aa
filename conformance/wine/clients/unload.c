/* unload.c - loads mpr.dll, uses it on two threads, and lets it go before or after one of them */
#include <stdio.h>
#include <windows.h>
#include <winnetwk.h>

static HMODULE mpr;
static HANDLE used, go;

static void use(void)
{
    typedef DWORD(WINAPI * Get)(LPCWSTR, LPWSTR, LPDWORD);
    Get get = (Get)(void (*)(void))GetProcAddress(mpr, "WNetGetConnectionW");
    WCHAR name[300];
    DWORD room = 300;

    /* A failure, which leaves a story with the thread. */
    get(L"R:", name, &room);
}

static DWORD WINAPI other(void *unused)
{
    (void)unused;
    use();
    SetEvent(used);
    WaitForSingleObject(go, INFINITE);
    return 0;
}

int main(void)
{
    int i;

    for (i = 0; i < 20; i++) {
        HANDLE thread;

        mpr = LoadLibraryA("mpr.dll");
        if (!mpr) {
            puts("not there");
            return 1;
        }
        used = CreateEventA(NULL, TRUE, FALSE, NULL);
        go = CreateEventA(NULL, TRUE, FALSE, NULL);
        thread = CreateThread(NULL, 0, other, NULL, 0, NULL);
        WaitForSingleObject(used, INFINITE);
        use();
        if (i % 2)
            FreeLibrary(mpr);
        SetEvent(go);
        WaitForSingleObject(thread, INFINITE);
        if (!(i % 2))
            FreeLibrary(mpr);
        if (GetModuleHandleA("mpr.dll")) {
            puts("still there");
            return 1;
        }
    }
    puts("survived");
    return 0;
}
