/*
 * Remembers and forgets drives without end, until it is killed: prints a line once it has begun.
 */
#include "form.h"

int main(void)
{
    static CH local[] = L("S:"), remote[300] = L("\\\\srv\\");
    NETRES resource = { .dwType = RESOURCETYPE_DISK, .lpLocalName = local,
                        .lpRemoteName = remote };

    for (unsigned i = 0;; i++) {
        DWORD n = 6;

        /* Names of many lengths, so that a torn file would not look whole by accident. */
        for (; n < 7 + i * 37 % 240; n++)
            remote[n] = 'x';
        remote[n] = 0;
        local[0] = (CH)('D' + i % 20);
        if (F(WNetAddConnection2)(&resource, NULL, NULL, CONNECT_UPDATE_PROFILE) &&
            F(WNetCancelConnection2)(local, CONNECT_UPDATE_PROFILE, TRUE))
            return 1;
        if (i == 3) {
            puts("begun");
            fflush(stdout);
        }
    }
}
