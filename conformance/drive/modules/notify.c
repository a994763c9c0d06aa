/* notify.c - writes what it is told to the file that DRIVE_LOG names */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <winnetwk.h>
#include <npapi.h>

static void say(const char *what, LPNOTIFYINFO info, const wchar_t *name, const wchar_t *remote)
{
    char file[MAX_PATH];
    FILE *log;

    if (!GetEnvironmentVariableA("DRIVE_LOG", file, sizeof file) || !(log = fopen(file, "a")))
        return;
    fprintf(log, "%s %s %ls %ls %lu\n", info->dwNotifyStatus == NOTIFY_PRE ? "before" : "after",
            what, name ? name : L"-", remote ? remote : L"-", info->dwOperationStatus);
    fclose(log);
    info->lpContext = log;
}

__declspec(dllexport) DWORD WINAPI AddConnectNotify(LPNOTIFYINFO info, LPNOTIFYADD add)
{
    say("add", info, (wchar_t *)add->NetResource.lpLocalName,
        (wchar_t *)add->NetResource.lpRemoteName);
    return WN_SUCCESS;
}

__declspec(dllexport) DWORD WINAPI CancelConnectNotify(LPNOTIFYINFO info, LPNOTIFYCANCEL cancel)
{
    say("cancel", info, (wchar_t *)cancel->lpName, NULL);
    return WN_SUCCESS;
}
