/*
 * One good call of every function, in whatever world this runs: with a network, without any, with
 * one that is down, with one that has an error text. Lines: section of wnet.md, call, code.
 */
#include "form.h"

#define CALL(section, name, call) \
    printf("%s %s: %u\n", section, name, (unsigned)(call))

static CH share_name[] = L("\\\\srv\\share");

static NETRES share(CH *local, CH *provider)
{
    return (NETRES){ .dwType = RESOURCETYPE_DISK, .lpLocalName = local,
                     .lpRemoteName = share_name, .lpProvider = provider };
}

static void connecting(void)
{
    NETRES s = share(T("S:"), NULL), t = share(T("T:"), NULL), none = share(NULL, NULL);
    NETRES nobody = share(NULL, T("Nobody")), named = share(NULL, T("p"));
    CH name[300];
    DWORD room = 300, result;

    CALL("4", "AddConnection", F(WNetAddConnection)(T("\\\\srv\\one"), NULL, T("R:")));
    CALL("4", "AddConnection2", F(WNetAddConnection2)(&s, NULL, NULL, 0));
    CALL("4", "AddConnection3", F(WNetAddConnection3)(NULL, &none, T("password"), T("user"), 0));
    CALL("4", "AddConnection4", F(WNetAddConnection4)(NULL, &t, NULL, 0, 0, NULL, 0));
    CALL("4", "UseConnection",
         F(WNetUseConnection)(NULL, &none, NULL, NULL, CONNECT_REDIRECT, name, &room, &result));
    CALL("4", "UseConnection4", F(WNetUseConnection4)(NULL, &none, NULL, 0, 0, NULL, 0, name,
                                                      &room, &result));
    CALL("4.5", "AddConnection2 provider unknown", F(WNetAddConnection2)(&nobody, NULL, NULL, 0));
    CALL("4.2", "AddConnection2 provider named", F(WNetAddConnection2)(&named, NULL, NULL, 0));
    CALL("4.5", "AddConnection4 block nobody takes",
         F(WNetAddConnection4)(NULL, &none, T("x"), 1, 0, NULL, 0));
}

static void asking(void)
{
    NETRES in = share(NULL, T("P")), nobody = share(NULL, T("Nobody"));
    NETRES local = share(T("S:"), NULL);
    CH text[300], *rest;
    BYTE buffer[2000];
    DWORD room = 300, size = sizeof buffer;
    NETINFOSTRUCT info = { .cbStructure = sizeof info };
    NETCONNECTINFOSTRUCT figures = { .cbStructure = sizeof figures };

    CALL("6", "GetConnection", F(WNetGetConnection)(T("S:"), text, &room));
    CALL("6", "GetConnection not connected", F(WNetGetConnection)(T("B:"), text, &room));
    CALL("6", "GetUniversalName 1", F(WNetGetUniversalName)(T("S:\\a"), 1, buffer, &size));
    CALL("6", "GetUniversalName 2", F(WNetGetUniversalName)(T("S:\\a"), 2, buffer, &size));
    CALL("6", "GetUser device", F(WNetGetUser)(T("S:"), text, &room));
    CALL("6", "GetUser remote name", F(WNetGetUser)(T("\\\\srv\\share"), text, &room));
    CALL("6", "GetUser process", F(WNetGetUser)(NULL, text, &room));
    CALL("6", "GetProviderName", F(WNetGetProviderName)(0x250001, text, &room));
    CALL("6", "GetProviderName no such type", F(WNetGetProviderName)(0x990000, text, &room));
    CALL("6", "GetNetworkInformation", F(WNetGetNetworkInformation)(T("P"), &info));
    CALL("6", "GetNetworkInformation unknown", F(WNetGetNetworkInformation)(T("Nobody"), &info));
    CALL("6", "GetConnectionPerformance device",
         F(MultinetGetConnectionPerformance)(&local, &figures));
    CALL("6", "GetConnectionPerformance remote",
         F(MultinetGetConnectionPerformance)(&in, &figures));
    CALL("8", "GetResourceInformation",
         F(WNetGetResourceInformation)(&in, buffer, &size, &rest));
    CALL("8", "GetResourceInformation unknown",
         F(WNetGetResourceInformation)(&nobody, buffer, &size, &rest));
    CALL("8", "GetResourceParent", F(WNetGetResourceParent)(&in, buffer, &size));
    CALL("8", "GetResourceParent unknown", F(WNetGetResourceParent)(&nobody, buffer, &size));
    CALL("10", "FormatNetworkName",
         F(WNetFormatNetworkName)(T("P"), T("\\\\srv\\share"), text, &room, 1, 80));
    CALL("10", "FormatNetworkName unknown",
         F(WNetFormatNetworkName)(T("Nobody"), T("\\\\srv\\share"), text, &room, 1, 80));
}

static void listing(void)
{
    static const char *const SCOPES[] = { "0", "CONNECTED", "GLOBALNET", "REMEMBERED", "RECENT",
                                          "CONTEXT", "6" };
    DWORD scope, count, size;
    NETRES buffer[100];
    HANDLE handle;

    for (scope = 0; scope < 7; scope++) {
        DWORD code = F(WNetOpenEnum)(scope, 0, 0, NULL, &handle);

        printf("8 OpenEnum %s: %u\n", SCOPES[scope], (unsigned)code);
        if (code)
            continue;
        count = 0xFFFFFFFF;
        size = sizeof buffer;
        code = F(WNetEnumResource)(handle, &count, buffer, &size);
        printf("8 EnumResource %s: %u, %u entries\n", SCOPES[scope], (unsigned)code,
               (unsigned)count);
        CALL("8", "CloseEnum", WNetCloseEnum(handle));
    }
    /* 1222 is tested before the handle. */
    count = 1;
    size = sizeof buffer;
    CALL("8", "EnumResource bad handle", F(WNetEnumResource)((HANDLE)77, &count, buffer, &size));
    CALL("8", "CloseEnum bad handle", WNetCloseEnum((HANDLE)77));
}

static void others(void)
{
    NETRES resource = share(NULL, NULL);
    CONNECTDLG connect = { .cbStructure = sizeof connect, .lpConnRes = &resource };
    DWORD yes = 1;

    /* No terminal: the dialogs are not supported (U55); a disconnect that needs no question is. */
    CALL("9", "ConnectionDialog", WNetConnectionDialog(NULL, RESOURCETYPE_DISK));
    CALL("9", "ConnectionDialog printer", WNetConnectionDialog(NULL, RESOURCETYPE_PRINT));
    CALL("9", "ConnectionDialog1", F(WNetConnectionDialog1)(&connect));
    CALL("9", "DisconnectDialog", WNetDisconnectDialog(NULL, RESOURCETYPE_DISK));
    CALL("10", "SetConnection", F(WNetSetConnection)(T("S:"), NETPROPERTY_PERSISTENT, &yes));
    CALL("10", "RestoreConnection in use", F(WNetRestoreConnection)(NULL, T("S:")));
    CALL("10", "RestoreConnection not remembered", F(WNetRestoreConnection)(NULL, T("B:")));
    CALL("10", "RestoreSingleConnection", WNetRestoreSingleConnectionW(NULL, u"B:", FALSE));
}

static void disconnecting(void)
{
    DISCDLG disconnect = { .cbStructure = sizeof disconnect, .lpLocalName = T("T:"),
                           .dwFlags = DISC_NO_FORCE };

    CALL("9", "DisconnectDialog1", F(WNetDisconnectDialog1)(&disconnect));
    CALL("5", "CancelConnection", F(WNetCancelConnection)(T("R:"), FALSE));
    CALL("5", "CancelConnection2", F(WNetCancelConnection2)(T("S:"), 0, FALSE));
    CALL("5", "CancelConnection2 remote", F(WNetCancelConnection2)(T("\\\\srv\\share"), 0, TRUE));
    CALL("5", "CancelConnection2 not connected", F(WNetCancelConnection2)(T("B:"), 0, FALSE));
    CALL("10", "ClearConnections", WNetClearConnections(NULL));
}

static void explaining(void)
{
    NETRES bad = share(NULL, NULL);
    CH text[400], name[100];
    DWORD code = 99;

    bad.dwType = 7;
    CALL("4.2", "AddConnection2 bad type", F(WNetAddConnection2)(&bad, NULL, NULL, 0));
    CALL("7", "GetLastError", F(WNetGetLastError)(&code, text, 400, name, 100));
    CALL("7", "its number", code);
    F(WNetSetLastError)(4711, T("from the client"), T("client"));
    CALL("7", "GetLastError", F(WNetGetLastError)(&code, text, 400, name, 100));
    printf("7 what was set: %u '%s' '%s'\n", (unsigned)code, shown(text), shown(name));
}

int main(void)
{
    connecting();
    asking();
    listing();
    others();
    disconnecting();
    explaining();
    return 0;
}
