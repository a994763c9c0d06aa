//! Names that other modules import from Windows' router and that nobody documents (U71): they are
//! there, and answer "not supported".

use crate::boundary::enter;

macro_rules! refuse {
    ($($name:ident)*) => {$(
        /// Not supported (U71).
        #[allow(non_snake_case)]
        #[unsafe(no_mangle)]
        pub extern "system" fn $name() -> u32 {
            // The C caller passes arguments and takes them away again; they are not looked at.
            enter(|_| Err(mpr_core::WnError::NOT_SUPPORTED.into()))
        }
    )*};
}

refuse! {
    WNetConnectionDialog2 WNetDisconnectDialog2 WNetDirectoryNotifyA WNetDirectoryNotifyW
    WNetGetDirectoryTypeA WNetGetDirectoryTypeW WNetFMXEditPerm WNetFMXGetPermCaps
    WNetFMXGetPermHelp WNetGetConnection2A WNetGetConnection2W WNetGetConnection3A
    WNetGetConnection3W WNetGetHomeDirectoryA WNetGetHomeDirectoryW WNetGetPropertyTextA
    WNetGetPropertyTextW WNetPropertyDialogA WNetPropertyDialogW WNetGetProviderTypeA
    WNetGetProviderTypeW WNetGetSearchDialog WNetGetFormatNameProc WNetLogonA WNetLogonW
    WNetLogoffA WNetLogoffW WNetLogonNotify WNetPasswordChangeNotify WNetRestoreAllConnectionsW
    WNetRestoreConnection2W WNetSupportGlobalEnum MultinetGetErrorTextA MultinetGetErrorTextW
}
