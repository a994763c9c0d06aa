/* launch.c - starts a program that has windows, waits until one answers, and closes it */
#include <stdio.h>
#include <string.h>
#include <windows.h>

/* Longest wait for what must happen soon on a busy machine, in milliseconds. */
#define PATIENCE 60000

static PROCESS_INFORMATION made;

/* Finds a window of the program's that can be seen. */
static BOOL CALLBACK find(HWND window, LPARAM found)
{
    DWORD owner;

    GetWindowThreadProcessId(window, &owner);
    if (owner != made.dwProcessId || !IsWindowVisible(window))
        return TRUE;
    *(HWND *)found = window;
    return FALSE;
}

int main(int count, char **words)
{
    STARTUPINFOA how = {.cb = sizeof how};
    DWORD_PTR answer;
    DWORD code = 0, begun = GetTickCount();
    HWND window = NULL;
    char line[1024] = "", name[64];
    int at;

    for (at = 1; at < count; at++)
        strcat(strcat(line, words[at]), " ");
    if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &how, &made))
        return 2;
    /* Ends early if the program does. */
    while (!window && GetTickCount() - begun < PATIENCE &&
           WaitForSingleObject(made.hProcess, 10) == WAIT_TIMEOUT)
        EnumWindows(find, (LPARAM)&window);
    if (window) {
        GetClassNameA(window, name, sizeof name);
        printf("window %s\n", name);
        if (SendMessageTimeoutA(window, WM_NULL, 0, 0, SMTO_NORMAL, PATIENCE, &answer))
            printf("answers\n");
        PostMessageA(window, WM_CLOSE, 0, 0);
    }
    if (WaitForSingleObject(made.hProcess, PATIENCE) == WAIT_TIMEOUT) {
        TerminateProcess(made.hProcess, 9);
        printf("stays\n");
    } else {
        GetExitCodeProcess(made.hProcess, &code);
        printf("ended %lu\n", code);
    }
    return 0;
}
