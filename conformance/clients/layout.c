/* The structures of the notification interface as this compiler lays them out (notify.md §3). */
#include <stddef.h>

#include "form.h"

#define AT(type, member) (unsigned)offsetof(type, member)
#define INSIDE(member) (unsigned)(offsetof(NOTIFYADD, NetResource) + offsetof(NETRESOURCEW, member))

int main(void)
{
    printf("NOTIFYINFO %u: %u %u %u\n", (unsigned)sizeof(NOTIFYINFO),
           AT(NOTIFYINFO, dwNotifyStatus), AT(NOTIFYINFO, dwOperationStatus),
           AT(NOTIFYINFO, lpContext));
    printf("NOTIFYADD %u: %u %u %u\n", (unsigned)sizeof(NOTIFYADD), AT(NOTIFYADD, hwndOwner),
           AT(NOTIFYADD, NetResource), AT(NOTIFYADD, dwAddFlags));
    printf("NETRESOURCE in it: %u %u %u %u %u %u %u %u\n", INSIDE(dwScope), INSIDE(dwType),
           INSIDE(dwDisplayType), INSIDE(dwUsage), INSIDE(lpLocalName), INSIDE(lpRemoteName), INSIDE(lpComment),
           INSIDE(lpProvider));
    printf("NOTIFYCANCEL %u: %u %u %u %u\n", (unsigned)sizeof(NOTIFYCANCEL),
           AT(NOTIFYCANCEL, lpName), AT(NOTIFYCANCEL, lpProvider), AT(NOTIFYCANCEL, dwFlags),
           AT(NOTIFYCANCEL, fForce));
    return 0;
}
