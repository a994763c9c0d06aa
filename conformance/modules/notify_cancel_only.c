/* A notifyee with one of the two functions (U12). */
#include "common.h"

EXPORT DWORD WINAPI CancelConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYCANCEL lpCancelInfo)
{
    (void)lpNotifyInfo;
    (void)lpCancelInfo;
    say("pre %s cancel", me());
    return WN_SUCCESS;
}
