/*
 * A notifyee that checks the protocol by itself, from any number of threads: each PRE gets a
 * context of its own, each POST brings one back that is open, on the same thread. It logs faults,
 * and at the end how many operations it saw.
 */
#include "common.h"

#include <pthread.h>

typedef struct {
    unsigned magic;
    pthread_t thread;
    int cancel;
} OPERATION;

static atomic_uint opened, closed, faults;
static _Thread_local unsigned depth;

__attribute__((destructor)) static void finished(void)
{
    say("%s opened=%s closed=%s faults=%u", me(), opened ? "some" : "none",
        opened == closed ? "all" : "NOT ALL", (unsigned)faults);
}

static DWORD told(LPNOTIFYINFO info, int cancel)
{
    OPERATION *operation = info->lpContext;

    if (info->dwNotifyStatus == NOTIFY_PRE) {
        faults += operation || depth;
        operation = malloc(sizeof *operation);
        *operation = (OPERATION){ 0xC0FFEE, pthread_self(), cancel };
        info->lpContext = operation;
        opened++;
        depth++;
        return WN_SUCCESS;
    }
    faults += !operation || operation->magic != 0xC0FFEE || operation->cancel != cancel ||
              !pthread_equal(operation->thread, pthread_self()) || depth != 1;
    if (operation)
        operation->magic = 0;
    free(operation);
    closed++;
    depth--;
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI AddConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYADD lpAddInfo)
{
    (void)lpAddInfo;
    return told(lpNotifyInfo, 0);
}

EXPORT DWORD WINAPI CancelConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYCANCEL lpCancelInfo)
{
    (void)lpCancelInfo;
    return told(lpNotifyInfo, 1);
}
