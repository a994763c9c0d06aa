/* P13: one connect takes until a byte comes through the pipe "gate" beside the log; then it works. */
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
    file = open(gate, O_RDWR | O_CLOEXEC); /* for reading alone it is at its end before anybody writes */
    if (read(file, &byte, 1) != 1)
        abort();
    close(file);
    say("slow ends");
    return table_add(lpNetResource, lpUserName);
}

EXPORT DWORD WINAPI NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen)
{
    return table_remote(lpLocalName, lpRemoteName, lpnBufferLen);
}
