/* start.c - imports mpr.dll, asks it nothing that takes long, and ends: what a process start costs. */
#include <windows.h>
#include <winnetwk.h>

int main(void)
{
    WCHAR text[4];
    DWORD code;

    WNetGetLastErrorW(&code, text, 4, text, 4);
    return 0;
}
