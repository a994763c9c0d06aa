/* Names that other modules import and no header declares: they are there, and answer 50 (U71). */
#include <stdio.h>

#define NAMES \
    X(WNetConnectionDialog2) X(WNetDisconnectDialog2) X(WNetDirectoryNotifyA) \
    X(WNetDirectoryNotifyW) X(WNetGetDirectoryTypeA) X(WNetGetDirectoryTypeW) \
    X(WNetFMXEditPerm) X(WNetFMXGetPermCaps) X(WNetFMXGetPermHelp) X(WNetGetConnection2A) \
    X(WNetGetConnection2W) X(WNetGetConnection3A) X(WNetGetConnection3W) \
    X(WNetGetHomeDirectoryA) X(WNetGetHomeDirectoryW) X(WNetGetPropertyTextA) \
    X(WNetGetPropertyTextW) X(WNetPropertyDialogA) X(WNetPropertyDialogW) \
    X(WNetGetProviderTypeA) X(WNetGetProviderTypeW) X(WNetGetSearchDialog) \
    X(WNetGetFormatNameProc) X(WNetLogonNotify) X(WNetPasswordChangeNotify) \
    X(WNetRestoreAllConnectionsW) X(WNetRestoreConnection2W) X(WNetSupportGlobalEnum) \
    X(WNetLogonA) X(WNetLogonW) X(WNetLogoffA) X(WNetLogoffW) X(MultinetGetErrorTextA) \
    X(MultinetGetErrorTextW)

#define X(name) unsigned name(void);
NAMES
#undef X

int main(void)
{
#define X(name) printf(#name " %u\n", name());
    NAMES
    return 0;
}
