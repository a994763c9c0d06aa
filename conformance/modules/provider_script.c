/*
 * A network that does what its script says; without a script it takes every \\srv\ name.
 * Lines of the script:
 *
 *   mine \\srv\        the names that it takes; empty: all
 *   connection 0x2f    capabilities; likewise enumeration, dialog, user, start, type, version
 *   flags 0            WNNC_CONNECTION_FLAGS
 *   add 59,0           answers instead of doing it, 0 does it; likewise cancel, get, asked-user
 *   text ...           the text that goes with 1208
 *   universal          answer NPGetUniversalName; else it says 50
 *   say-name X         the lpProvider of its entries
 *
 * Connections live as long as the process.
 */
#include "provider_table.h"

static atomic_uint adds, cancels, asked, users;

EXPORT DWORD WINAPI NPGetCaps(DWORD nIndex)
{
    switch (nIndex) {
    case WNNC_SPEC_VERSION:
        return WNNC_SPEC_VERSION51;
    case WNNC_NET_TYPE:
        return number("type", WNNC_NET_RDR2SAMPLE);
    case WNNC_DRIVER_VERSION:
        return number("version", 0x00010002);
    case WNNC_USER:
        return number("user", WNNC_USR_GETUSER);
    case WNNC_CONNECTION:
        return number("connection", CONNECTS | WNNC_CON_GETPERFORMANCE);
    case WNNC_DIALOG:
        return number("dialog", WNNC_DLG_FORMATNETWORKNAME | WNNC_DLG_GETRESOURCEPARENT |
                                    WNNC_DLG_GETRESOURCEINFORMATION);
    case WNNC_ENUMERATION:
        return number("enumeration", WNNC_ENUM_GLOBAL | WNNC_ENUM_LOCAL | WNNC_ENUM_CONTEXT);
    case WNNC_START:
        return number("start", WNNC_WAIT_FOR_START);
    case WNNC_CONNECTION_FLAGS:
        return number("flags", 0);
    default:
        return 0;
    }
}

/* An answer of the script; 1208 with its text. */
static DWORD scripted(const char *key, atomic_uint *turn)
{
    DWORD code = answer(key, turn, 0);
    char text[TEXT];
    WCHAR wide[TEXT];

    if (code == WN_EXTENDED_ERROR && script("text", text, sizeof text)) {
        widen(text, wide, TEXT);
        WNetSetLastErrorW(17, wide, (WCHAR[]){ u'S', u'c', u'r', u'i', u'p', u't', 0 });
    }
    return code;
}

static DWORD join(const char *call, NETRESOURCEW *resource, LPWSTR user, DWORD flags)
{
    DWORD code;

    if (!is_mine(resource->lpRemoteName))
        code = WN_BAD_NETNAME;
    else if (!(code = scripted("add", &adds)))
        code = table_add(resource, user);
    say("%s %s %s %s 0x%x", call, me(), shown(resource->lpLocalName),
        shown(resource->lpRemoteName), (unsigned)flags);
    return code;
}

EXPORT DWORD WINAPI NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword,
                                    LPWSTR lpUserName)
{
    (void)lpPassword;
    return join("add1", lpNetResource, lpUserName, 0);
}

EXPORT DWORD WINAPI NPAddConnection3(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                     LPWSTR lpPassword, LPWSTR lpUserName, DWORD dwFlags)
{
    char value[TEXT];

    (void)hwndOwner;
    if (script("credentials", value, sizeof value))
        say("credentials %s %s %s", me(), shown(lpUserName), shown(lpPassword));
    return join("add", lpNetResource, lpUserName, dwFlags);
}

EXPORT DWORD WINAPI NPAddConnection4(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                     LPVOID lpAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags,
                                     LPBYTE lpUseOptions, DWORD cbUseOptions)
{
    (void)hwndOwner;
    say("blocks %s %u:%d %u:%d", me(), (unsigned)cbAuthBuffer,
        lpAuthBuffer ? *(BYTE *)lpAuthBuffer : -1, (unsigned)cbUseOptions,
        lpUseOptions ? *lpUseOptions : -1);
    return join("add4", lpNetResource, NULL, dwFlags);
}

EXPORT DWORD WINAPI NPCancelConnection(LPWSTR lpName, BOOL fForce)
{
    DWORD code = scripted("cancel", &cancels);

    say("cancel %s %s %s", me(), shown(lpName), fForce ? "true" : "false");
    return code && !(code == WN_OPEN_FILES && fForce) ? code : table_cancel(lpName);
}

EXPORT DWORD WINAPI NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen)
{
    DWORD code = scripted("get", &asked);

    return code ? code : table_remote(lpLocalName, lpRemoteName, lpnBufferLen);
}

EXPORT DWORD WINAPI NPGetUser(LPWSTR lpName, LPWSTR lpUserName, LPDWORD lpnBufferLen)
{
    DWORD code = scripted("asked-user", &users);

    return code ? code : table_user(lpName, lpUserName, lpnBufferLen);
}

EXPORT DWORD WINAPI NPGetConnectionPerformance(LPCWSTR lpRemoteName,
                                               LPNETCONNECTINFOSTRUCT lpNetConnectInfo)
{
    if (!is_mine(lpRemoteName))
        return WN_NOT_CONNECTED;
    lpNetConnectInfo->dwFlags = WNCON_DYNAMIC;
    lpNetConnectInfo->dwSpeed = 10000;
    lpNetConnectInfo->dwDelay = 3;
    lpNetConnectInfo->dwOptDataSize = 65536;
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPGetUniversalName(LPWSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
                                       LPDWORD lpBufferSize)
{
    WCHAR remote[MAX_PATH], universal[2 * MAX_PATH], drive[3] = { lpLocalPath[0], u':', 0 };
    DWORD room = MAX_PATH, code = table_remote(drive, remote, &room);
    BOOL two = dwInfoLevel == REMOTE_NAME_INFO_LEVEL;
    size_t size = two ? sizeof(REMOTE_NAME_INFOW) : sizeof(UNIVERSAL_NAME_INFOW), end;
    char value[8];

    if (!script("universal", value, sizeof value))
        return WN_NOT_SUPPORTED;
    if (code)
        return code;
    copy(universal, remote);
    copy(universal + length(universal), lpLocalPath + 2);
    size += bytes(universal) + (two ? bytes(remote) + bytes(lpLocalPath + 2) : 0);
    if (*lpBufferSize < size) {
        *lpBufferSize = (DWORD)size;
        return WN_MORE_DATA;
    }
    end = *lpBufferSize & ~(size_t)1;
    ((UNIVERSAL_NAME_INFOW *)lpBuffer)->lpUniversalName = pack(lpBuffer, &end, universal);
    if (two) {
        ((REMOTE_NAME_INFOW *)lpBuffer)->lpConnectionName = pack(lpBuffer, &end, remote);
        ((REMOTE_NAME_INFOW *)lpBuffer)->lpRemainingPath = pack(lpBuffer, &end, lpLocalPath + 2);
    }
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPFormatNetworkName(LPWSTR lpRemoteName, LPWSTR lpFormattedName,
                                        LPDWORD lpnLength, DWORD dwFlags, DWORD dwAveCharPerLine)
{
    WCHAR *share = lpRemoteName;

    (void)dwAveCharPerLine;
    for (WCHAR *at = lpRemoteName; (dwFlags & WNFMT_ABBREVIATED) && *at; at++)
        if (*at == u'\\')
            share = at + 1;
    return give(share, lpFormattedName, lpnLength);
}
