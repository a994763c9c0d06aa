/*
 * Texts whose terminator is the last thing that can be read, for every text that goes in; and a
 * text of 40,000 characters. A line each: section of wnet.md, call, code.
 */
#include "form.h"

#define CALL(section, name, call) \
    printf("%s %s: %u\n", section, name, (unsigned)(call))
#define E(text) at_edge(T(text))

int main(void)
{
    NETRES r = { .dwType = RESOURCETYPE_DISK, .lpLocalName = E("S:"),
                 .lpRemoteName = E("\\\\srv\\share"), .lpProvider = E("P") };
    NETRES none = { .lpRemoteName = E(""), .lpLocalName = E(""), .lpProvider = E("") };
    CH *rest, text[300], *huge = calloc(40001, sizeof *huge);
    BYTE buffer[2000], *blob = guarded(7);
    DWORD room = 300, size = sizeof buffer, yes = 1;
    NETINFOSTRUCT *info = guarded(sizeof *info);
    NETCONNECTINFOSTRUCT *figures = guarded(sizeof *figures);
    NETRES *edge = memcpy(guarded(sizeof r), &r, sizeof r);
    HANDLE *handle = guarded(sizeof *handle);
    DISCDLG *dialog = guarded(sizeof *dialog);

    info->cbStructure = sizeof *info;
    figures->cbStructure = sizeof *figures;
    for (size_t i = 0; i < 40000; i++)
        huge[i] = 'x';
    huge = at_edge(huge);

    CALL("4", "AddConnection2", F(WNetAddConnection2)(edge, E("password"), E("user"), 0));
    CALL("4", "AddConnection2 empty", F(WNetAddConnection2)(&none, E(""), E(""), 0));
    CALL("4", "AddConnection", F(WNetAddConnection)(E("\\\\srv\\a"), E("p"), E("T:")));
    r.lpLocalName = E("U:");
    CALL("4", "AddConnection3", F(WNetAddConnection3)(NULL, &r, E(""), E(""), 0));
    r.lpLocalName = NULL;
    CALL("4", "AddConnection4", F(WNetAddConnection4)(NULL, &r, blob, 7, 0, blob, 7));
    CALL("4", "UseConnection", F(WNetUseConnection)(NULL, &r, E("p"), E("u"), 0, text, &room, NULL));
    CALL("6", "GetConnection", F(WNetGetConnection)(E("S:"), text, &room));
    CALL("6", "GetUniversalName", F(WNetGetUniversalName)(E("S:\\a"), 2, buffer, &size));
    CALL("6", "GetUniversalName S:", F(WNetGetUniversalName)(E("S:"), 2, buffer, &size));
    CALL("6", "GetUniversalName S", F(WNetGetUniversalName)(E("S"), 2, buffer, &size));
    CALL("6", "GetUser", F(WNetGetUser)(E("S:"), text, &room));
    CALL("6", "GetNetworkInformation", F(WNetGetNetworkInformation)(E("P"), info));
    CALL("6", "GetConnectionPerformance", F(MultinetGetConnectionPerformance)(edge, figures));
    CALL("8", "GetResourceInformation",
         F(WNetGetResourceInformation)(edge, buffer, &size, &rest));
    CALL("8", "GetResourceParent", F(WNetGetResourceParent)(edge, buffer, &size));
    CALL("10", "FormatNetworkName",
         F(WNetFormatNetworkName)(E("P"), E("\\\\srv\\a"), text, &room, 1, 80));
    edge->lpRemoteName = E("\\\\srv");
    edge->lpLocalName = NULL;
    edge->dwUsage = RESOURCEUSAGE_CONTAINER;
    CALL("8", "OpenEnum", F(WNetOpenEnum)(2, 0, 0, edge, handle));
    CALL("8", "CloseEnum", WNetCloseEnum(*handle));
    CALL("10", "SetConnection", F(WNetSetConnection)(E("S:"), 1, &yes));
    CALL("10", "RestoreConnection", F(WNetRestoreConnection)(NULL, E("S:")));
    *dialog = (DISCDLG){ .cbStructure = sizeof *dialog, .lpLocalName = E("U:"),
                         .lpRemoteName = E("") };
    CALL("9", "DisconnectDialog1", F(WNetDisconnectDialog1)(dialog));
    CALL("5", "CancelConnection", F(WNetCancelConnection)(E("T:"), FALSE));
    CALL("5", "CancelConnection2", F(WNetCancelConnection2)(E("S:"), 1, FALSE));
    F(WNetSetLastError)(1, E("text"), E("name"));

    r.lpRemoteName = huge;
    CALL("4.2", "AddConnection2 huge name", F(WNetAddConnection2)(&r, huge, huge, 0));
    CALL("5", "CancelConnection2 huge name", F(WNetCancelConnection2)(huge, 0, FALSE));
    CALL("6", "GetConnection huge name", F(WNetGetConnection)(huge, text, &room));
    CALL("6", "GetUniversalName huge path", F(WNetGetUniversalName)(huge, 2, buffer, &size));
    CALL("6", "GetNetworkInformation huge name", F(WNetGetNetworkInformation)(huge, info));
    CALL("8", "GetResourceInformation huge name",
         F(WNetGetResourceInformation)(&r, buffer, &size, &rest));
    F(WNetSetLastError)(1, huge, huge);
    CALL("7", "GetLastError huge", F(WNetGetLastError)(&size, text, 300, text, 300));
    CALL("7", "  is cut to", units(text));
    return 0;
}
