//! The dialogs, as questions on the terminal (U55): "not supported" where there is none, and on
//! Windows, where a window would be expected and costs every program its start (user32).
//!
//! A connection that a dialog makes or breaks is notified as any other (U9).

use mpr_abi::types::{DWORD, HWND};
use mpr_abi::winnetwk::{CONNECTDLGSTRUCT, DISCDLGSTRUCT};
use mpr_abi::{borrow, lend};
use mpr_core::{
    AddConnection, AddVerb, ConnectFlags, Credentials, Error, LocalName, Password, ResourceType,
    ResourceUsage, Scope, Wide, WideString, WnError,
};

use crate::boundary::{enter, router};
use crate::encoding::{self, ConnectDialog, DisconnectDialog, Text, Unit};
use crate::story::StoryTrace;
use crate::terminal::{GIVEN_UP, ask, ask_silently, has_terminal, require_terminal, say};

const CONNDLG_RO_PATH: u32 = 0x1;
const CONNDLG_USE_MRU: u32 = 0x4;
const CONNDLG_HIDE_BOX: u32 = 0x8;
const CONNDLG_PERSIST: u32 = 0x10;
const CONNDLG_NOT_PERSIST: u32 = 0x20;
const DISC_UPDATE_PROFILE: u32 = 0x1;
const DISC_NO_FORCE: u32 = 0x40;

/// Most connections that are listed for a choice.
const MOST_CONNECTIONS: usize = 1000;

/// Lets the user connect a disk.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub extern "system" fn WNetConnectionDialog(_window: HWND, resource_type: DWORD) -> DWORD {
    enter(|trace| {
        if ResourceType(resource_type) != ResourceType::DISK {
            return Err(WnError::BAD_DEV_TYPE.into());
        }
        connect(trace, None, 0).map(drop)
    })
}

/// Lets the user choose a connection to break.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub extern "system" fn WNetDisconnectDialog(_window: HWND, resource_type: DWORD) -> DWORD {
    enter(|trace| {
        let kind = ResourceType(resource_type);
        if kind != ResourceType::DISK && kind != ResourceType::PRINT {
            return Err(WnError::BAD_DEV_TYPE.into());
        }
        disconnect_one_of(trace, kind)
    })
}

/// The two with a structure differ in their text unit only.
macro_rules! export_one {
    ($($(#[$doc:meta])* $name:ident: $pointer:ident = $body:ident::<$unit:ty>($kind:ident);)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        ///
        /// The pointer is NULL or as the header says; nothing else is assumed.
        #[allow(non_snake_case)]
        #[unsafe(no_mangle)]
        pub unsafe extern "system" fn $name(dialog: $kind<$unit>) -> u32 {
            // SAFETY: the caller, by this function's contract, which is the same.
            enter(|trace| unsafe { $body::<$unit>(trace, dialog) })
        }

        const _: mpr_abi::wnet::$pointer = $name;
    )*};
}

export_one! {
    /// Lets the user connect, with a suggestion. Texts are ANSI.
    WNetConnectionDialog1A: PF_WNetConnectionDialog1A = connection_dialog::<u8>(ConnectDialog);
    /// Lets the user connect, with a suggestion.
    WNetConnectionDialog1W: PF_WNetConnectionDialog1W = connection_dialog::<u16>(ConnectDialog);
    /// Breaks a connection, asking the user if files are open. Texts are ANSI.
    WNetDisconnectDialog1A: PF_WNetDisconnectDialog1A = disconnect_dialog::<u8>(DisconnectDialog);
    /// Breaks a connection, asking the user if files are open.
    WNetDisconnectDialog1W: PF_WNetDisconnectDialog1W = disconnect_dialog::<u16>(DisconnectDialog);
}

unsafe fn connection_dialog<U: Unit>(
    trace: &mut StoryTrace,
    place: ConnectDialog<U>,
) -> Result<(), Error> {
    let size = size_of::<CONNECTDLGSTRUCT<U>>();
    // SAFETY: the caller, by the export's contract: the size is the first member.
    let given = unsafe { borrow::read(place.cast_const().cast::<u32>()) };
    if given.is_none_or(|given| (given as usize) < size) {
        return Err(WnError::INVALID_PARAMETER.into());
    }
    // SAFETY: the caller, by the export's contract: the structure is as large as it says.
    let dialog = unsafe { borrow::read(place.cast_const()) }.ok_or(WnError::INVALID_PARAMETER)?;
    let both = |a: u32, b: u32| dialog.dwFlags & (a | b) == a | b;
    let contradiction =
        both(CONNDLG_RO_PATH, CONNDLG_USE_MRU) || both(CONNDLG_PERSIST, CONNDLG_NOT_PERSIST);
    // SAFETY: the caller, by the export's contract.
    let resource = unsafe { encoding::resource::<U>(dialog.lpConnRes) }?;
    let resource = resource.ok_or(WnError::INVALID_PARAMETER)?;
    let suggested = resource.remote.as_ref().map(Text::as_wide).filter(|name| !name.is_empty());
    let fixed = dialog.dwFlags & CONNDLG_RO_PATH != 0;
    if contradiction || (fixed && suggested.is_none()) {
        return Err(WnError::INVALID_PARAMETER.into());
    }
    if resource.resource_type != ResourceType::DISK {
        return Err(WnError::BAD_DEV_TYPE.into());
    }
    let local = connect(trace, suggested.map(Into::into), dialog.dwFlags)?;
    let number = match local.map(|local| local.units().to_vec()).as_deref() {
        Some([letter @ 0x41..=0x5a, 0x3a]) => u32::from(*letter) - 0x40,
        _ => u32::MAX,
    };
    // SAFETY: the caller, by the export's contract: the structure is as large as it says.
    unsafe { lend::write(place, CONNECTDLGSTRUCT { dwDevNum: number, ..dialog }) };
    Ok(())
}

unsafe fn disconnect_dialog<U: Unit>(
    trace: &mut StoryTrace,
    place: DisconnectDialog<U>,
) -> Result<(), Error> {
    let size = size_of::<DISCDLGSTRUCT<U>>();
    // SAFETY: the caller, by the export's contract: the size is the first member.
    let given = unsafe { borrow::read(place.cast_const().cast::<u32>()) };
    if given.is_none_or(|given| (given as usize) < size) {
        return Err(WnError::INVALID_PARAMETER.into());
    }
    // SAFETY: the caller, by the export's contract: the structure is as large as it says.
    let dialog = unsafe { borrow::read(place.cast_const()) }.ok_or(WnError::INVALID_PARAMETER)?;
    // SAFETY: the caller, by the export's contract.
    let local = unsafe { encoding::text::<U>(dialog.lpLocalName.cast_const()) }?;
    // SAFETY: the caller, by the export's contract.
    let remote = unsafe { encoding::text::<U>(dialog.lpRemoteName.cast_const()) }?;
    let name = local.filter(|name| !name.as_wide().is_empty()).or(remote);
    let name = name.ok_or(WnError::INVALID_PARAMETER)?;
    let forget = dialog.dwFlags & DISC_UPDATE_PROFILE != 0;
    disconnect(trace, &name.as_wide().into(), forget, dialog.dwFlags & DISC_NO_FORCE != 0)
}

/// Breaks a connection; if files are open the user decides, where there is one to ask.
fn disconnect(
    trace: &mut StoryTrace,
    name: &WideString,
    forget: bool,
    never_force: bool,
) -> Result<(), Error> {
    let flags = if forget { ConnectFlags::UPDATE_PROFILE } else { ConnectFlags::NONE };
    let mut end = |force| router().cancel_connection(name.as_wide(), flags, force, trace).map(drop);
    match end(false) {
        Err(error) if error.code == WnError::OPEN_FILES && !never_force && has_terminal() => {
            let answer = ask(&format!("Files are open on {name}. Disconnect anyway? [y/N] "))?;
            if is_yes(&answer) { end(true) } else { Err(error) }
        }
        result => result,
    }
}

fn disconnect_one_of(trace: &mut StoryTrace, kind: ResourceType) -> Result<(), Error> {
    require_terminal()?;
    let mut names = Vec::new();
    let none = ResourceUsage::NONE;
    let mut entries = router().open_enum(Scope::CONNECTED, kind, none, None, trace)?;
    while let Some((entry, _)) = entries.peek()? {
        if names.len() == MOST_CONNECTIONS {
            break;
        }
        let local = entry.local.filter(|local| !local.is_empty());
        if let (Some(name), Some(remote)) = (local.or(entry.remote), entry.remote) {
            say(&format!("{:3}  {name}  {remote}", names.len() + 1));
            names.push(WideString::from(name));
        }
        entries.advance();
    }
    let answer = ask("Number of the connection to end: ")?;
    let chosen = answer.parse::<usize>().ok().and_then(|number| names.get(number.checked_sub(1)?));
    disconnect(trace, chosen.ok_or(GIVEN_UP)?, true, false)
}

/// Asks what to connect where, and for a password if a provider wants one.
fn connect(
    trace: &mut StoryTrace,
    suggested: Option<WideString>,
    flags: u32,
) -> Result<Option<WideString>, Error> {
    require_terminal()?;
    let remote = match suggested {
        Some(name) if flags & CONNDLG_RO_PATH != 0 => name,
        suggested => {
            let offer = suggested.as_ref().map(|name| format!(" [{name}]")).unwrap_or_default();
            let answer = ask(&format!("Network resource{offer}: "))?;
            let typed = Some(answer).filter(|answer| !answer.is_empty()).map(WideString::from);
            typed.or(suggested).ok_or(GIVEN_UP)?
        }
    };
    let local = ask("Local name, - for none [next free letter]: ")?;
    let persist = flags & CONNDLG_PERSIST != 0;
    let remember = if flags & CONNDLG_HIDE_BOX == 0 {
        let default = if persist { "Y/n" } else { "y/N" };
        let answer = ask(&format!("Connect again when you log in? [{default}] "))?;
        is_yes(&answer) || (persist && answer.is_empty())
    } else {
        persist
    };
    let chooses = local.is_empty();
    let local = WideString::from(if local == "-" { "" } else { &*local });
    let mut flags = ConnectFlags::NONE;
    if chooses {
        flags = flags | ConnectFlags::REDIRECT;
    }
    if remember {
        flags = flags | ConnectFlags::UPDATE_PROFILE;
    }
    let mut request = AddConnection {
        verb: AddVerb::UseConnection,
        resource_type: ResourceType::DISK,
        local: Some(local.as_wide()),
        remote: Some(remote.as_wide()),
        flags,
        ..AddConnection::default()
    };
    let made = |local: Option<LocalName<'_>>| local.map(|local| local.as_wide().into());
    match router().add_connection(&request, trace) {
        Ok(connected) => return Ok(made(connected.local)),
        Err(error) if wants_password(error.code) => say(&error.to_string()),
        Err(error) => return Err(error),
    }
    let user = WideString::from(ask("User name: ")?);
    let secret = ask_silently("Password: ")?;
    request.credentials = Credentials::Named {
        user: Some(user.as_wide()).filter(|user| !user.is_empty()),
        password: Some(Password::new(Wide::new(&secret.units))),
    };
    router().add_connection(&request, trace).map(|connected| made(connected.local))
}

fn wants_password(code: WnError) -> bool {
    matches!(code, WnError::ACCESS_DENIED | WnError::INVALID_PASSWORD | WnError::LOGON_FAILURE)
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim(), "y" | "Y" | "yes")
}
