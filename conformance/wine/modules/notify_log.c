/* notify_log.c - logs what it is told, keeps a context, and forbids \\srv\forbidden */
#include "module.h"

EXPORT DWORD WINAPI AddConnectNotify(LPNOTIFYINFO info, LPNOTIFYADD add)
{
    int pre = info->dwNotifyStatus == NOTIFY_PRE;

    say("%s %s add %s %s provider %s status %lu", me(), pre ? "pre" : "post",
        shown(add->NetResource.lpLocalName), shown(add->NetResource.lpRemoteName),
        shown(add->NetResource.lpProvider), info->dwOperationStatus);
    if (pre && add->NetResource.lpRemoteName &&
        !_wcsicmp(add->NetResource.lpRemoteName, L"\\\\srv\\forbidden"))
        return WN_CANCEL;
    info->lpContext = (LPVOID)(ULONG_PTR)0x1234;
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI CancelConnectNotify(LPNOTIFYINFO info, LPNOTIFYCANCEL cancel)
{
    int pre = info->dwNotifyStatus == NOTIFY_PRE;

    say("%s %s cancel %s provider %s status %lu", me(), pre ? "pre" : "post",
        shown(cancel->lpName), shown(cancel->lpProvider), info->dwOperationStatus);
    info->lpContext = (LPVOID)(ULONG_PTR)0x1234;
    return WN_SUCCESS;
}
