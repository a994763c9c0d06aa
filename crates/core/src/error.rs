//! Errors: the open code type, what a provider says, and what an operation says.
//!
//! `WnError` is open: a code nobody named passes through unchanged (P10). Which code wins when
//! several providers refuse is decided in `route`, not here.

use alloc::boxed::Box;
use core::fmt;
use core::num::NonZeroU32;

use crate::wide::WideString;

/// A Windows network error: any code but zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WnError(NonZeroU32);

impl WnError {
    /// Makes an error from a code; `None` for 0, which is success.
    pub const fn new(code: u32) -> Option<Self> {
        match NonZeroU32::new(code) {
            Some(code) => Some(Self(code)),
            None => None,
        }
    }

    /// Returns the number as `WNet*` functions return it.
    pub const fn code(self) -> u32 {
        self.0.get()
    }
}

/// Turns a status code into a result; 0 is success.
pub const fn status(code: u32) -> Result<(), WnError> {
    match WnError::new(code) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Turns a result into the status code that C callers see.
pub fn code_of<T>(result: &Result<T, WnError>) -> u32 {
    result.as_ref().err().map_or(0, |error| error.code())
}

macro_rules! codes {
    ($($name:ident = $code:literal, $symbol:literal, $text:literal;)*) => {
        impl WnError {
            $(
                #[doc = concat!("`", $symbol, "`: ", $text, ".")]
                pub const $name: Self = Self(NonZeroU32::new($code).expect("not zero"));
            )*

            /// Returns the name in the Windows headers, where the code has one we know.
            pub const fn symbol(self) -> Option<&'static str> {
                match self.code() { $($code => Some($symbol),)* _ => None }
            }

            /// Returns a short English text, lower case, without full stop.
            pub const fn text(self) -> Option<&'static str> {
                match self.code() { $($code => Some($text),)* _ => None }
            }
        }
    };
}

codes! {
    FILE_NOT_FOUND = 2, "ERROR_FILE_NOT_FOUND", "file not found";
    PATH_NOT_FOUND = 3, "ERROR_PATH_NOT_FOUND", "path not found";
    ACCESS_DENIED = 5, "WN_ACCESS_DENIED", "access denied";
    INVALID_HANDLE = 6, "WN_BAD_HANDLE", "invalid handle";
    NOT_ENOUGH_MEMORY = 8, "WN_OUT_OF_MEMORY", "out of memory";
    GEN_FAILURE = 31, "WN_DEVICE_ERROR", "device failure";
    NOT_SUPPORTED = 50, "WN_NOT_SUPPORTED", "not supported";
    REM_NOT_LIST = 51, "ERROR_REM_NOT_LIST", "the remote computer does not answer";
    BAD_NET_PATH = 53, "ERROR_BAD_NETPATH", "network path not found";
    DEV_NOT_EXIST = 55, "ERROR_DEV_NOT_EXIST", "the network resource no longer exists";
    BAD_NET_RESP = 58, "ERROR_BAD_NET_RESP", "the server gave a wrong answer";
    UNEXP_NET_ERR = 59, "WN_NET_ERROR", "unexpected network error";
    NETNAME_DELETED = 64, "ERROR_NETNAME_DELETED", "the network name is gone";
    NETWORK_ACCESS_DENIED = 65, "ERROR_NETWORK_ACCESS_DENIED", "network access denied";
    BAD_DEV_TYPE = 66, "WN_BAD_DEV_TYPE", "device and resource type differ";
    BAD_NET_NAME = 67, "WN_BAD_NETNAME", "network name not found";
    ALREADY_ASSIGNED = 85, "WN_ALREADY_CONNECTED", "local name already in use";
    INVALID_PASSWORD = 86, "WN_BAD_PASSWORD", "wrong password";
    INVALID_PARAMETER = 87, "WN_BAD_VALUE", "invalid parameter";
    CALL_NOT_IMPLEMENTED = 120, "ERROR_CALL_NOT_IMPLEMENTED", "call not implemented";
    INVALID_LEVEL = 124, "WN_BAD_LEVEL", "invalid level";
    MOD_NOT_FOUND = 126, "ERROR_MOD_NOT_FOUND", "module not found";
    PROC_NOT_FOUND = 127, "ERROR_PROC_NOT_FOUND", "procedure not found";
    BUSY = 170, "WN_FUNCTION_BUSY", "busy, try again later";
    ALREADY_EXISTS = 183, "ERROR_ALREADY_EXISTS", "already exists";
    MORE_DATA = 234, "WN_MORE_DATA", "buffer too small";
    NO_MORE_ITEMS = 259, "WN_NO_MORE_ENTRIES", "no more entries";
    INVALID_ADDRESS = 487, "WN_BAD_POINTER", "invalid address";
    SERVICE_DOES_NOT_EXIST = 1060, "ERROR_SERVICE_DOES_NOT_EXIST", "no such service or driver";
    CONNECTED_OTHER_PASSWORD = 2108, "WN_CONNECTED_OTHER_PASSWORD", "connected with another password";
    CONNECTED_OTHER_PASSWORD_DEFAULT = 2109, "WN_CONNECTED_OTHER_PASSWORD_DEFAULT", "connected with another default password";
    BAD_DEVICE = 1200, "WN_BAD_LOCALNAME", "invalid local name";
    CONNECTION_UNAVAIL = 1201, "WN_CONNECTION_CLOSED", "remembered but not connected";
    DEVICE_ALREADY_REMEMBERED = 1202, "WN_DEVICE_ALREADY_REMEMBERED", "local name is remembered for another resource";
    NO_NET_OR_BAD_PATH = 1203, "WN_NO_NET_OR_BAD_PATH", "no network provider took this name";
    BAD_PROVIDER = 1204, "WN_BAD_PROVIDER", "no such network provider";
    CANNOT_OPEN_PROFILE = 1205, "WN_CANNOT_OPEN_PROFILE", "cannot open the profile of remembered connections";
    BAD_PROFILE = 1206, "WN_BAD_PROFILE", "the profile of remembered connections is damaged";
    NOT_CONTAINER = 1207, "WN_NOT_CONTAINER", "not a container";
    EXTENDED_ERROR = 1208, "WN_EXTENDED_ERROR", "extended error";
    INVALID_NETNAME = 1214, "ERROR_INVALID_NETNAME", "the network name has a wrong form";
    SESSION_CREDENTIAL_CONFLICT = 1219, "ERROR_SESSION_CREDENTIAL_CONFLICT", "already connected to this server with other credentials";
    NO_NETWORK = 1222, "WN_NO_NETWORK", "no network";
    CANCELLED = 1223, "WN_CANCEL", "cancelled";
    RETRY = 1237, "WN_RETRY", "retry";
    NOT_AUTHENTICATED = 1244, "WN_NOT_AUTHENTICATED", "not authenticated";
    NOT_LOGGED_ON = 1245, "WN_NOT_LOGGED_ON", "not logged on";
    CONTINUE = 1246, "ERROR_CONTINUE", "continue";
    ALREADY_INITIALIZED = 1247, "WN_NOT_INITIALIZING", "already initialised";
    NO_MORE_DEVICES = 1248, "WN_NO_MORE_DEVICES", "no more devices";
    NO_LOGON_SERVERS = 1311, "WN_NOT_VALIDATED", "no logon server";
    PRIVILEGE_NOT_HELD = 1314, "ERROR_PRIVILEGE_NOT_HELD", "a required privilege is not held";
    LOGON_FAILURE = 1326, "ERROR_LOGON_FAILURE", "unknown user or wrong password";
    ACCOUNT_RESTRICTION = 1327, "ERROR_ACCOUNT_RESTRICTION", "account restriction";
    PASSWORD_EXPIRED = 1330, "ERROR_PASSWORD_EXPIRED", "password expired";
    ACCOUNT_DISABLED = 1331, "ERROR_ACCOUNT_DISABLED", "account disabled";
    TIMEOUT = 1460, "ERROR_TIMEOUT", "timed out";
    PASSWORD_MUST_CHANGE = 1907, "ERROR_PASSWORD_MUST_CHANGE", "password must be changed";
    ACCOUNT_LOCKED_OUT = 1909, "ERROR_ACCOUNT_LOCKED_OUT", "account locked out";
    BAD_USERNAME = 2202, "WN_BAD_USER", "bad user name";
    NOT_CONNECTED = 2250, "WN_NOT_CONNECTED", "not connected";
    OPEN_FILES = 2401, "WN_OPEN_FILES", "files are open";
    ACTIVE_CONNECTIONS = 2402, "ERROR_ACTIVE_CONNECTIONS", "active connections exist";
    DEVICE_IN_USE = 2404, "WN_DEVICE_IN_USE", "in use by an active process";
}

impl fmt::Debug for WnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.symbol() {
            Some(symbol) => write!(f, "{symbol}({})", self.code()),
            None => write!(f, "WnError({})", self.code()),
        }
    }
}

impl fmt::Display for WnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => write!(f, "{text} ({})", self.code()),
            None => write!(f, "error {}", self.code()),
        }
    }
}

impl core::error::Error for WnError {}

/// A provider's own error text, kept when it answers `EXTENDED_ERROR`.
#[doc(alias = "WNetSetLastError")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtendedError {
    /// The provider's own code; 0 if it gave none.
    pub code: u32,
    /// The text for people.
    pub text: WideString,
    /// The name that the provider gave itself with the text.
    pub provider: WideString,
}

/// What a provider answers when it refuses: a code, and its own text if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderError {
    /// The code, passed to the caller unchanged if this refusal decides.
    pub code: WnError,
    /// The provider's text: expected with `EXTENDED_ERROR`, possible with any code.
    pub extended: Option<Box<ExtendedError>>,
}

impl ProviderError {
    /// Makes an `EXTENDED_ERROR` answer with the provider's own code and text.
    pub fn extended(code: u32, text: &str, provider: &str) -> Self {
        Self {
            code: WnError::EXTENDED_ERROR,
            extended: Some(Box::new(ExtendedError {
                code,
                text: text.into(),
                provider: provider.into(),
            })),
        }
    }
}

impl From<WnError> for ProviderError {
    fn from(code: WnError) -> Self {
        Self { code, extended: None }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.extended {
            Some(extended) => write!(f, "{} ({})", extended.text, extended.code),
            None => self.code.fmt(f),
        }
    }
}

impl core::error::Error for ProviderError {}

/// Who decided the result of an operation; numbers are places in the router's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DecidedBy {
    /// The router itself: arguments, an unknown name, nobody took it.
    #[default]
    Router,
    /// The provider at this place in the provider order.
    Provider(usize),
    /// The notifyee at this place in the notifyee order.
    Notifyee(usize),
    /// The profile of remembered connections.
    Profile,
}

/// Why an operation failed: the code that callers see, who said it, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The code that the caller gets.
    pub code: WnError,
    /// Who decided.
    pub by: DecidedBy,
    /// The provider's text, if it gave one: expected with `EXTENDED_ERROR`, possible with any code.
    pub extended: Option<Box<ExtendedError>>,
    /// Size that would have been enough, when the code is `MORE_DATA`; unit as the argument.
    pub needed: Option<usize>,
}

impl Error {
    /// Makes an error that the router itself found.
    pub const fn router(code: WnError) -> Self {
        Self { code, by: DecidedBy::Router, extended: None, needed: None }
    }

    /// Makes an error of the profile.
    pub const fn profile(code: WnError) -> Self {
        Self { code, by: DecidedBy::Profile, extended: None, needed: None }
    }

    /// Makes an error out of what the provider at `index` answered.
    pub fn provider(index: usize, error: ProviderError) -> Self {
        Self {
            code: error.code,
            by: DecidedBy::Provider(index),
            extended: error.extended,
            needed: None,
        }
    }

    /// Makes the error of a notifyee that vetoed or replaced the result.
    pub const fn notifyee(index: usize, code: WnError) -> Self {
        Self { code, by: DecidedBy::Notifyee(index), extended: None, needed: None }
    }
}

impl From<WnError> for Error {
    fn from(code: WnError) -> Self {
        Self::router(code)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.extended {
            Some(extended) => write!(f, "{} ({})", extended.text, self.code.code()),
            None => self.code.fmt(f),
        }
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn zero_is_success_and_unknown_codes_pass() {
        assert_eq!(status(0), Ok(()));
        assert_eq!(status(1219), Err(WnError::SESSION_CREDENTIAL_CONFLICT));
        assert_eq!(status(4711).unwrap_err().code(), 4711);
        assert_eq!(format!("{}", status(4711).unwrap_err()), "error 4711");
        assert_eq!(format!("{}", WnError::ACCESS_DENIED), "access denied (5)");
        assert_eq!(code_of::<()>(&Err(WnError::BUSY)), 170);
    }

    #[test]
    fn extended_text_is_what_people_read() {
        let error = ProviderError::extended(17, "the cable is out", "Test");
        assert_eq!(format!("{error}"), "the cable is out (17)");
        assert_eq!(format!("{}", Error::provider(0, error)), "the cable is out (1208)");
    }
}
