/* cost.c - connects and disconnects LOCAL to REMOTE COUNT times; prints what each took, in us.
   The same source for Windows and Linux. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#ifdef _WIN32
#include <windows.h>
#endif
#include <winnetwk.h>

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

int main(int count, char **words)
{
    NETRESOURCEA resource = {0};
    double begun, connected, ended;
    DWORD code;
    int left;

    if (count != 4)
        return 2;
    resource.dwType = RESOURCETYPE_DISK;
    resource.lpLocalName = words[1];
    resource.lpRemoteName = words[2];
    for (left = atoi(words[3]); left > 0; left--) {
        begun = now();
        code = WNetAddConnection2A(&resource, NULL, NULL, 0);
        connected = now();
        if (!code)
            code = WNetCancelConnection2A(words[1], 0, FALSE);
        ended = now();
        if (code)
            return printf("failed %lu\n", (unsigned long)code), 1;
        printf("%.0f %.0f\n", connected - begun, ended - connected);
    }
    return 0;
}
