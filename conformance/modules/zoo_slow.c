/* P13: one connect takes as long as somebody holds the pipe "gate" beside the log; then it works. */
#include "provider_table.h"

EXPORT DWORD WINAPI NPGetCaps(DWORD nIndex)
{
    return usual_caps(nIndex, CONNECTS, 0);
}

EXPORT DWORD WINAPI NPAddConnection3(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                     LPWSTR lpPassword, LPWSTR lpUserName, DWORD dwFlags)
{
    char gate[TEXT], byte;
    int file;

    (void)hwndOwner;
    (void)lpPassword;
    (void)dwFlags;
    snprintf(gate, sizeof gate, "%s/gate", getenv("MPR_ROOT"));
    say("slow begins");
    file = open(gate, O_RDONLY | O_CLOEXEC); /* until somebody opens the other end */
    while (read(file, &byte, 1) > 0) /* until that is closed */
        ;
    close(file);
    say("slow ends");
    return table_add(lpNetResource, lpUserName);
}

EXPORT DWORD WINAPI NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen)
{
    return table_remote(lpLocalName, lpRemoteName, lpnBufferLen);
}
