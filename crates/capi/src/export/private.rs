//! Names that other modules import from Windows' router and that nobody documents (U71): they are
//! there, and answer "not supported".

use crate::boundary::enter;

/// The arguments are counted, and not looked at: on 32-bit Windows the callee takes them away.
macro_rules! refuse {
    ($($name:ident($($arg:ident)*))*) => {$(
        /// Not supported (U71).
        #[allow(non_snake_case)]
        #[unsafe(no_mangle)]
        pub extern "system" fn $name($($arg: usize),*) -> u32 {
            $(let _ = $arg;)*
            enter(|_| Err(mpr_core::WnError::NOT_SUPPORTED.into()))
        }
    )*};
}

refuse! {
    MultinetGetErrorTextA(a b c)
    MultinetGetErrorTextW(a b c)
    WNetConnectionDialog2(a b c d)
    WNetDirectoryNotifyA(a b c)
    WNetDirectoryNotifyW(a b c)
    WNetDisconnectDialog2(a b c d)
    WNetFMXEditPerm(a b c)
    WNetFMXGetPermCaps(a)
    WNetFMXGetPermHelp(a b c d e f)
    WNetGetConnection2A(a b c)
    WNetGetConnection2W(a b c)
    WNetGetConnection3A(a b c d e)
    WNetGetConnection3W(a b c d e)
    WNetGetDirectoryTypeA(a b c)
    WNetGetDirectoryTypeW(a b c)
    WNetGetFormatNameProc(a)
    WNetGetHomeDirectoryA(a b c)
    WNetGetHomeDirectoryW(a b c)
    WNetGetPropertyTextA(a b c d e f)
    WNetGetPropertyTextW(a b c d e f)
    WNetGetProviderTypeA(a b)
    WNetGetProviderTypeW(a b)
    WNetGetSearchDialog(a)
    WNetLogoffA(a b)
    WNetLogoffW(a b)
    WNetLogonA(a b)
    WNetLogonNotify(a b c d e f g h i)
    WNetLogonW(a b)
    WNetPasswordChangeNotify(a b c d e f g h)
    WNetPropertyDialogA(a b c d e)
    WNetPropertyDialogW(a b c d e)
    WNetRestoreAllConnectionsW(a)
    WNetRestoreConnection2W(a b c d)
    WNetSupportGlobalEnum(a)
}

// What only Windows' 16-bit past needs: helpers for providers and for password providers.
#[cfg(windows)]
refuse! {
    NPSAuthenticationDialogA(a)
    NPSCopyStringA(a b c)
    NPSDeviceGetNumberA(a b c)
    NPSDeviceGetStringA(a b c d)
    NPSGetProviderHandleA(a)
    NPSGetProviderNameA(a b)
    NPSGetSectionNameA(a b)
    NPSNotifyGetContextA(a)
    NPSNotifyRegisterA(a b)
    NPSSetCustomTextA(a)
    NPSSetExtendedErrorA(a b)
    PwdChangePasswordA(a b c d)
    PwdChangePasswordW(a b c d)
    PwdGetPasswordStatusA(a b c)
    PwdGetPasswordStatusW(a b c)
    PwdSetPasswordStatusA(a b c)
    PwdSetPasswordStatusW(a b c)
    WNetRestoreConnection(a b)
    WNetVerifyPasswordA(a b)
    WNetVerifyPasswordW(a b)
}
