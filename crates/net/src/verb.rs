//! What a line of `net use` does, and what it prints.

use std::env;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::path::Path;
use std::process::Command;

use mpr_core::ConnectFlags;
use mpr_wine::KEPT_SUFFIX;
use zeroize::Zeroizing;

use crate::line::{Connect, Device, Line, Password};
use crate::list::{self, Entry};
use crate::system::{self, Failure, Scope};

/// Exit status of what failed.
const FAILED: i32 = 2;
/// "This network connection does not exist."
const NOT_CONNECTED: u32 = 2250;
/// Files are open on it.
const OPEN_FILES: u32 = 2401;
/// "The specified network password is not correct": there is none.
const NO_PASSWORD: u32 = 86;
/// Bytes of the longest line that is read as a password.
const LONGEST: usize = 4096;

const DONE: &str = "The command completed successfully.\n";

/// Does what a line says; returns the exit status.
pub(crate) fn run(line: &Line) -> i32 {
    let done = match line {
        Line::List => all().map(|entries| list::table(&entries) + DONE),
        Line::Show(device) => show(device).map(|entry| list::one(&entry) + DONE),
        Line::Connect(connect) => add(connect).map(|told| told + DONE),
        Line::Remember(yes) => remember(*yes).map(|()| DONE.into()),
        Line::Delete { name: Some(name), yes } => {
            delete(name, *yes).map(|()| format!("{name} was deleted successfully.\n"))
        }
        Line::Delete { name: None, yes } => delete_all(*yes).map(|told| told + DONE),
    };
    match done {
        Ok(text) => {
            say(&format!("{text}\n"));
            0
        }
        Err(failure) => {
            complain(&format!("System error {} has occurred.\n\n{}\n", failure.code, failure.text));
            FAILED
        }
    }
}

/// Prints what was done. Who does not listen (`net use | find`) changes nothing about that.
pub(crate) fn say(text: &str) {
    let mut out = io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints what was not done.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Lets Wine's own `net.exe` do what is not `use`: it is kept beside this one, or where this one
/// was copied from.
pub(crate) fn hand_over() -> i32 {
    let system = env::var_os("SystemRoot").map(|it| Path::new(&it).join(r"system32\net.exe"));
    let mut status = Err(io::ErrorKind::NotFound.into());
    for own in env::current_exe().into_iter().chain(system) {
        let mut kept = own.into_os_string();
        kept.push(KEPT_SUFFIX);
        status = Command::new(&kept).args(env::args_os().skip(1)).status();
        if status.is_ok() {
            break;
        }
    }
    match status {
        Ok(status) => status.code().unwrap_or(FAILED),
        Err(error) => {
            complain(&format!(
                "net: only `net use` is OpenMPR's; Wine's own is not there: {error}"
            ));
            FAILED
        }
    }
}

fn remember(yes: bool) -> Result<(), Failure> {
    system::remember(yes).map_err(|code| Failure {
        code,
        text: "It cannot be noted whether connections are remembered.".into(),
    })
}

fn all() -> Result<Vec<Entry>, Failure> {
    let connected = system::entries(Scope::Connected)?;
    Ok(list::joined(connected, system::entries(Scope::Remembered)?))
}

fn show(device: &str) -> Result<Entry, Failure> {
    let found = all()?.into_iter().find(|it| it.local.eq_ignore_ascii_case(device));
    found
        .ok_or_else(|| Failure { code: NOT_CONNECTED, text: format!("{device} is not connected.") })
}

fn add(connect: &Connect) -> Result<String, Failure> {
    let asked;
    let password = match &connect.password {
        Password::Default => None,
        Password::Given(password) => Some(password.as_str()),
        Password::Asked => {
            asked = ask_password(&connect.remote)?;
            Some(asked.as_str())
        }
    };
    let device = match &connect.device {
        Some(Device::Named(name)) => Some(name.as_str()),
        Some(Device::Next) | None => None,
    };
    let chosen = connect.device == Some(Device::Next);
    let user = connect.user.as_deref();
    // As batch files expect it: remembered unless they say otherwise, or have said so before.
    if let Some(yes) = connect.remember {
        remember(yes)?;
    }
    let remembered = device.is_some() || chosen;
    let remembered = remembered && connect.remember.unwrap_or_else(system::remembers);
    let more = if remembered { ConnectFlags::UPDATE_PROFILE } else { ConnectFlags::NONE };
    let name = system::connect(device, &connect.remote, user, password, connect.flags | more)?;
    let remote = &connect.remote;
    Ok(if chosen {
        format!("Drive {name} is now connected to {remote}.\n\n")
    } else {
        String::new()
    })
}

fn delete(name: &str, yes: bool) -> Result<(), Failure> {
    match system::cancel(name, yes) {
        Err(failure) if failure.code == OPEN_FILES && !yes => {
            let question = format!("There are open files on {name}. Disconnect all the same?");
            if confirms(&question) { system::cancel(name, true) } else { Err(failure) }
        }
        done => done,
    }
}

fn delete_all(yes: bool) -> Result<String, Failure> {
    let all = all()?;
    let mut text = list::table(&all);
    if all.is_empty() {
        return Ok(text);
    }
    if !yes {
        say(&format!("{text}\n"));
        text.clear();
        if !confirms("All of these will be disconnected. Do you want to continue?") {
            return Ok("Nothing was disconnected.\n".into());
        }
    }
    let mut first = Ok(());
    for it in &all {
        let name = if it.local.is_empty() { &it.remote } else { &it.local };
        let done = delete(name, yes);
        if done.is_ok() {
            text += &format!("{name} was deleted successfully.\n");
        } else if first.is_ok() {
            first = done;
        }
    }
    first.map(|()| text)
}

/// Asks; whoever says nothing has not said yes.
fn confirms(question: &str) -> bool {
    say(&format!("{question} (Y/N) [N]: "));
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "Yes" | "YES")
}

/// Reads one line: from a console in Unicode, from a file or pipe also in the ANSI code page.
fn ask_password(remote: &str) -> Result<Zeroizing<String>, Failure> {
    say(&format!("Type the password for {remote}: "));
    // Room for all of it: a text that grew would leave parts of itself behind.
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let quiet = system::Quiet::console();
    let mut input = io::stdin().lock().take(LONGEST as u64);
    let read = input.read_until(b'\n', &mut line);
    drop(quiet);
    say("\n");
    // What could not be read is not an empty password, which is one that somebody may be let in by.
    let failed = |why: &str| Failure {
        code: NO_PASSWORD,
        text: format!("The password for {remote} could not be read: {why}."),
    };
    match read {
        Err(error) => return Err(failed(&error.to_string())),
        Ok(0) => return Err(failed("the input is at its end")),
        Ok(LONGEST) => return Err(failed("it is too long")),
        Ok(_) => {}
    }
    let text = line.strip_suffix(b"\n").unwrap_or(&line);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    match std::str::from_utf8(text) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => system::of_code_page(text)
            .map(Zeroizing::new)
            .ok_or_else(|| failed("it is no text of the code page")),
    }
}
