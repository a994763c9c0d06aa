/* A notifyee that accepts and wants to be told afterwards. */
#include "npapi.h"

static DWORD told(LPNOTIFYINFO info)
{
    if (info->dwNotifyStatus == NOTIFY_PRE)
        info->lpContext = (LPVOID)1;
    return WN_SUCCESS;
}

DWORD WINAPI AddConnectNotify(LPNOTIFYINFO info, LPNOTIFYADD details)
{
    (void)details;
    return told(info);
}

DWORD WINAPI CancelConnectNotify(LPNOTIFYINFO info, LPNOTIFYCANCEL details)
{
    (void)details;
    return told(info);
}
