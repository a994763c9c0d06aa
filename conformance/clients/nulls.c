/*
 * NULL for every pointer, empty texts, wrong flags. Lines: section of wnet.md, call, code.
 * It runs with one provider, "P", and S: connected to \\srv\share.
 */
#include "form.h"

#define CALL(section, name, call) \
    printf("%s %s: %u\n", section, name, (unsigned)(call))

static CH text[300], *rest;
static BYTE buffer[2000];
static DWORD room, size, result;

/* Before each call: sizes as a caller would give them. */
#define TRY(section, name, call) \
    do { \
        room = 300; \
        size = sizeof buffer; \
        CALL(section, name, call); \
    } while (0)

static NETRES r(CH *local, CH *remote, CH *provider)
{
    return (NETRES){ .dwType = RESOURCETYPE_DISK, .lpLocalName = local, .lpRemoteName = remote,
                     .lpProvider = provider };
}

static void connecting(void)
{
    NETRES none = r(NULL, NULL, NULL), empty = r(T(""), T(""), T(""));
    NETRES good = r(T(""), T("\\\\srv\\x"), T("")), seven = good, any = good, unknown = good;
    NETRES device = r(T("T:\\"), T("\\\\srv\\x"), NULL), lpt = r(T("LPT1"), T("\\\\srv\\x"), NULL);
    CH name[270];

    seven.dwType = 7;
    any.dwType = RESOURCETYPE_ANY;
    unknown.dwType = RESOURCETYPE_UNKNOWN;
    TRY("4.2", "AddConnection NULL remote", F(WNetAddConnection)(NULL, NULL, NULL));
    TRY("4.2", "AddConnection empty remote", F(WNetAddConnection)(T(""), T(""), T("")));
    TRY("1", "AddConnection2 NULL resource", F(WNetAddConnection2)(NULL, NULL, NULL, 0));
    TRY("4.2", "AddConnection2 NULL remote", F(WNetAddConnection2)(&none, NULL, NULL, 0));
    TRY("4.2", "AddConnection2 empty remote", F(WNetAddConnection2)(&empty, NULL, NULL, 0));
    TRY("1", "AddConnection2 empty others", F(WNetAddConnection2)(&good, T(""), T(""), 0));
    TRY("4.2", "AddConnection2 type 7", F(WNetAddConnection2)(&seven, NULL, NULL, 0));
    TRY("4.2", "AddConnection2 type UNKNOWN", F(WNetAddConnection2)(&unknown, NULL, NULL, 0));
    TRY("4.3", "AddConnection2 reserved flag", F(WNetAddConnection2)(&good, NULL, NULL, 1u << 31));
    TRY("4.5", "AddConnection2 REDIRECT", F(WNetAddConnection2)(&good, NULL, NULL, 0x80));
    TRY("1.1", "AddConnection2 T:\\", F(WNetAddConnection2)(&device, NULL, NULL, 0));
    TRY("1.1", "AddConnection2 disk on LPT1", F(WNetAddConnection2)(&lpt, NULL, NULL, 0));
    TRY("1", "AddConnection3 NULL resource", F(WNetAddConnection3)(NULL, NULL, NULL, NULL, 0));
    TRY("1", "AddConnection4 NULL resource",
        F(WNetAddConnection4)(NULL, NULL, NULL, 0, 0, NULL, 0));
    TRY("4.1", "AddConnection4 NULL block of 9 bytes",
        F(WNetAddConnection4)(NULL, &good, NULL, 9, 0, NULL, 9));
    for (size_t i = 0; i < 269; i++)
        name[i] = 'x';
    name[269] = 0;
    good.lpRemoteName = name;
    TRY("4.2", "AddConnection2 remote of 269", F(WNetAddConnection2)(&good, NULL, NULL, 0));
    good.lpRemoteName = T("\\\\srv\\x");
    TRY("1", "UseConnection NULL resource",
        F(WNetUseConnection)(NULL, NULL, NULL, NULL, 0, text, &room, &result));
    TRY("4.2", "UseConnection NULL remote",
        F(WNetUseConnection)(NULL, &none, NULL, NULL, 0, text, &room, &result));
    TRY("4.5", "UseConnection empty remote",
        F(WNetUseConnection)(NULL, &empty, NULL, NULL, 0, text, &room, &result));
    TRY("4.4", "UseConnection no outputs",
        F(WNetUseConnection)(NULL, &good, NULL, NULL, 0, NULL, NULL, NULL));
    TRY("4.4", "UseConnection name without size",
        F(WNetUseConnection)(NULL, &good, NULL, NULL, 0, text, NULL, NULL));
    TRY("4.2", "UseConnection REDIRECT and ANY",
        F(WNetUseConnection)(NULL, &any, NULL, NULL, 0x80, text, &room, &result));
    TRY("1", "UseConnection4 NULL resource",
        F(WNetUseConnection4)(NULL, NULL, NULL, 0, 0, NULL, 0, text, &room, &result));
    TRY("5", "CancelConnection NULL", F(WNetCancelConnection)(NULL, FALSE));
    TRY("5", "CancelConnection empty", F(WNetCancelConnection)(T(""), FALSE));
    TRY("5", "CancelConnection2 NULL", F(WNetCancelConnection2)(NULL, 0, FALSE));
    TRY("5", "CancelConnection2 empty", F(WNetCancelConnection2)(T(""), 0, FALSE));
    TRY("5", "CancelConnection2 flag 0x40", F(WNetCancelConnection2)(T("S:"), 0x40, FALSE));
}

static void asking(void)
{
    NETINFOSTRUCT info = { .cbStructure = sizeof info - 1 };
    NETCONNECTINFOSTRUCT figures = { .cbStructure = sizeof figures + 1 };
    NETRES device = r(T("S:"), NULL, NULL), nothing = r(NULL, NULL, NULL);

    TRY("1", "GetConnection NULL name", F(WNetGetConnection)(NULL, text, &room));
    TRY("6", "GetConnection empty name", F(WNetGetConnection)(T(""), text, &room));
    TRY("6", "GetConnection S:\\", F(WNetGetConnection)(T("S:\\"), text, &room));
    TRY("6", "GetConnection SS:", F(WNetGetConnection)(T("SS:"), text, &room));
    TRY("6", "GetUniversalName level 0", F(WNetGetUniversalName)(T("S:\\"), 0, buffer, &size));
    TRY("6", "GetUniversalName level 3", F(WNetGetUniversalName)(NULL, 3, buffer, &size));
    TRY("1", "GetUniversalName NULL path", F(WNetGetUniversalName)(NULL, 1, buffer, &size));
    TRY("6", "GetUniversalName empty path", F(WNetGetUniversalName)(T(""), 1, buffer, &size));
    TRY("6", "GetUniversalName UNC", F(WNetGetUniversalName)(T("\\\\srv\\a"), 1, buffer, &size));
    TRY("6", "GetUniversalName S:a", F(WNetGetUniversalName)(T("S:a"), 1, buffer, &size));
    TRY("6", "GetUniversalName NULL buffer", F(WNetGetUniversalName)(T("S:\\"), 2, NULL, &size));
    TRY("6", "GetUniversalName NULL size", F(WNetGetUniversalName)(T("S:\\"), 2, buffer, NULL));
    TRY("6", "GetUniversalName local drive, NULL buffer",
        F(WNetGetUniversalName)(T("B:\\"), 2, NULL, NULL));
    TRY("6", "GetUser unknown device", F(WNetGetUser)(T("B:"), text, &room));
    TRY("6", "GetUser provider", F(WNetGetUser)(T("P"), text, &room));
    TRY("6", "GetNetworkInformation NULL name", F(WNetGetNetworkInformation)(NULL, &info));
    TRY("6", "GetNetworkInformation NULL struct", F(WNetGetNetworkInformation)(T("P"), NULL));
    TRY("U54", "GetNetworkInformation short", F(WNetGetNetworkInformation)(T("P"), &info));
    TRY("6", "GetConnectionPerformance NULL resource",
        F(MultinetGetConnectionPerformance)(NULL, &figures));
    TRY("6", "GetConnectionPerformance NULL struct",
        F(MultinetGetConnectionPerformance)(&device, NULL));
    TRY("6", "GetConnectionPerformance wrong size",
        F(MultinetGetConnectionPerformance)(&device, &figures));
    figures.cbStructure = sizeof figures;
    TRY("6", "GetConnectionPerformance no name",
        F(MultinetGetConnectionPerformance)(&nothing, &figures));
    TRY("10", "FormatNetworkName NULL provider",
        F(WNetFormatNetworkName)(NULL, T("\\\\srv\\x"), text, &room, 1, 80));
    TRY("1", "FormatNetworkName NULL name",
        F(WNetFormatNetworkName)(T("P"), NULL, text, &room, 1, 80));
}

static void resources(void)
{
    NETRES good = r(NULL, T("\\\\srv\\share\\a"), T("P")), none = r(NULL, NULL, T("P"));
    NETRES anybody = r(NULL, T("\\\\srv\\share"), NULL);

    TRY("1", "GetResourceInformation NULL resource",
        F(WNetGetResourceInformation)(NULL, buffer, &size, &rest));
    TRY("8", "GetResourceInformation NULL remote",
        F(WNetGetResourceInformation)(&none, buffer, &size, &rest));
    TRY("8", "GetResourceInformation NULL system",
        F(WNetGetResourceInformation)(&good, buffer, &size, NULL));
    TRY("1", "GetResourceInformation NULL buffer",
        F(WNetGetResourceInformation)(&good, NULL, &size, &rest));
    TRY("1", "GetResourceInformation NULL size",
        F(WNetGetResourceInformation)(&good, buffer, NULL, &rest));
    TRY("1", "GetResourceParent NULL resource", F(WNetGetResourceParent)(NULL, buffer, &size));
    TRY("8", "GetResourceParent NULL remote", F(WNetGetResourceParent)(&none, buffer, &size));
    TRY("8", "GetResourceParent no provider", F(WNetGetResourceParent)(&anybody, buffer, &size));
    TRY("1", "GetResourceParent NULL buffer", F(WNetGetResourceParent)(&good, NULL, &size));
    TRY("1", "GetResourceParent NULL size", F(WNetGetResourceParent)(&good, buffer, NULL));
}

static void listing(void)
{
    NETRES container = r(NULL, T("\\\\srv"), NULL), leaf = container, nobody = container;
    HANDLE handle = NULL;
    DWORD count;

    leaf.dwUsage = RESOURCEUSAGE_CONNECTABLE;
    nobody.lpProvider = T("Nobody");
    TRY("8", "OpenEnum NULL handle", F(WNetOpenEnum)(1, 0, 0, NULL, NULL));
    TRY("8", "OpenEnum CONNECTED with resource", F(WNetOpenEnum)(1, 0, 0, &container, &handle));
    TRY("8", "OpenEnum type 4", F(WNetOpenEnum)(1, 4, 0, NULL, &handle));
    TRY("8", "OpenEnum type UNKNOWN", F(WNetOpenEnum)(2, 0xFFFFFFFF, 0, NULL, &handle));
    TRY("8", "OpenEnum usage 4", F(WNetOpenEnum)(2, 0, 4, NULL, &handle));
    TRY("8", "OpenEnum not a container", F(WNetOpenEnum)(2, 0, 0, &leaf, &handle));
    TRY("8", "OpenEnum unknown provider", F(WNetOpenEnum)(2, 0, 0, &nobody, &handle));
    TRY("8", "OpenEnum container", F(WNetOpenEnum)(2, 3, 0x13, &container, &handle));
    count = 1;
    TRY("8", "EnumResource NULL count", F(WNetEnumResource)(handle, NULL, buffer, &size));
    TRY("8", "EnumResource NULL buffer", F(WNetEnumResource)(handle, &count, NULL, &size));
    TRY("8", "EnumResource NULL size", F(WNetEnumResource)(handle, &count, buffer, NULL));
    TRY("8", "EnumResource NULL handle", F(WNetEnumResource)(NULL, &count, buffer, &size));
    count = 0;
    TRY("8", "EnumResource of 0", F(WNetEnumResource)(handle, &count, buffer, &size));
    CALL("8", "  gives", count);
    count = 1;
    TRY("8", "EnumResource of 1", F(WNetEnumResource)(handle, &count, buffer, &size));
    CALL("8", "  gives", count);
    count = 0xFFFFFFFF;
    TRY("8", "EnumResource of all", F(WNetEnumResource)(handle, &count, buffer, &size));
    CALL("8", "  gives", count);
    TRY("8", "EnumResource at the end", F(WNetEnumResource)(handle, &count, buffer, &size));
    CALL("8", "  gives", count);
    count = 1;
    TRY("8", "EnumResource at the end again", F(WNetEnumResource)(handle, &count, buffer, &size));
    TRY("8", "CloseEnum", WNetCloseEnum(handle));
    TRY("8", "CloseEnum twice", WNetCloseEnum(handle));
    TRY("8", "EnumResource closed", F(WNetEnumResource)(handle, &count, buffer, &size));
    TRY("8", "CloseEnum NULL", WNetCloseEnum(NULL));
}

static void others(void)
{
    NETRES disk = r(NULL, NULL, NULL), print = r(NULL, T("\\\\srv\\x"), NULL);
    CONNECTDLG c = { .cbStructure = sizeof c, .lpConnRes = &disk };
    DISCDLG d = { .cbStructure = sizeof d };
    DWORD value = 1, code;

    print.dwType = RESOURCETYPE_PRINT;
    TRY("9", "ConnectionDialog1 NULL", F(WNetConnectionDialog1)(NULL));
    TRY("9", "DisconnectDialog1 NULL", F(WNetDisconnectDialog1)(NULL));
    TRY("9", "DisconnectDialog1 no names", F(WNetDisconnectDialog1)(&d));
    c.dwFlags = CONNDLG_RO_PATH;
    TRY("9", "ConnectionDialog1 RO_PATH without name", F(WNetConnectionDialog1)(&c));
    c.dwFlags = CONNDLG_PERSIST | CONNDLG_NOT_PERSIST;
    TRY("9", "ConnectionDialog1 PERSIST and not", F(WNetConnectionDialog1)(&c));
    c.dwFlags = 0;
    c.lpConnRes = &print;
    TRY("9", "ConnectionDialog1 printer", F(WNetConnectionDialog1)(&c));
    c.lpConnRes = NULL;
    TRY("9", "ConnectionDialog1 NULL resource", F(WNetConnectionDialog1)(&c));
    c.cbStructure--;
    TRY("9", "ConnectionDialog1 short", F(WNetConnectionDialog1)(&c));
    d.cbStructure--;
    TRY("9", "DisconnectDialog1 short", F(WNetDisconnectDialog1)(&d));
    TRY("10", "RestoreConnection bad device", F(WNetRestoreConnection)(NULL, T("SS:")));
    TRY("1", "RestoreSingleConnection NULL", WNetRestoreSingleConnectionW(NULL, NULL, FALSE));
    TRY("10", "SetConnection NULL name", F(WNetSetConnection)(NULL, 1, &value));
    TRY("10", "SetConnection NULL value", F(WNetSetConnection)(T("S:"), 1, NULL));
    TRY("10", "SetConnection property 2", F(WNetSetConnection)(T("S:"), 2, &value));
    TRY("10", "SetConnection not connected", F(WNetSetConnection)(T("B:"), 1, &value));
    TRY("7", "GetLastError NULL code", F(WNetGetLastError)(NULL, text, 300, text, 300));
    TRY("7", "GetLastError NULL text", F(WNetGetLastError)(&code, NULL, 300, text, 300));
    TRY("7", "GetLastError NULL name", F(WNetGetLastError)(&code, text, 300, NULL, 300));
    F(WNetSetLastError)(1, NULL, NULL);
    TRY("7", "GetLastError after NULL texts", F(WNetGetLastError)(&code, text, 10, text, 10));
    printf("7 its text: %s\n", shown(text));
}

int main(void)
{
    NETRES s = r(T("S:"), T("\\\\srv\\share"), NULL);

    CALL("4", "AddConnection2", F(WNetAddConnection2)(&s, NULL, NULL, 0));
    connecting();
    asking();
    resources();
    listing();
    others();
    return 0;
}
