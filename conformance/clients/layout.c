/* The structures of the notification interface as this compiler lays them out (notify.md §3). */
#include <stddef.h>

#include "form.h"

#define AT(type, member) (unsigned)offsetof(type, member)
#define IN(member) (unsigned)(offsetof(NOTIFYADD, NetResource) + offsetof(NETRESOURCEW, member))

int main(void)
{
    printf("NOTIFYINFO %u: %u %u %u\n", (unsigned)sizeof(NOTIFYINFO),
           AT(NOTIFYINFO, dwNotifyStatus), AT(NOTIFYINFO, dwOperationStatus),
           AT(NOTIFYINFO, lpContext));
    printf("NOTIFYADD %u: %u %u %u\n", (unsigned)sizeof(NOTIFYADD), AT(NOTIFYADD, hwndOwner),
           AT(NOTIFYADD, NetResource), AT(NOTIFYADD, dwAddFlags));
    printf("NETRESOURCE in it: %u %u %u %u %u %u %u %u\n", IN(dwScope), IN(dwType),
           IN(dwDisplayType), IN(dwUsage), IN(lpLocalName), IN(lpRemoteName), IN(lpComment),
           IN(lpProvider));
    printf("NOTIFYCANCEL %u: %u %u %u %u\n", (unsigned)sizeof(NOTIFYCANCEL),
           AT(NOTIFYCANCEL, lpName), AT(NOTIFYCANCEL, lpProvider), AT(NOTIFYCANCEL, dwFlags),
           AT(NOTIFYCANCEL, fForce));
    return 0;
}
