//! What a line of `net use` does, and what it prints.

use std::env;
use std::io::{self, Write as _};
use std::process::Command;

use zeroize::Zeroizing;

use crate::line::{Connect, Device, Line, Password};
use crate::list::{self, Entry};
use crate::system::{self, Failure, Scope};

/// Exit status of what failed.
const FAILED: i32 = 2;
/// What follows the name of Wine's own `net.exe`.
const BEFORE: &str = ".before-openmpr";
/// "This network connection does not exist."
const NOT_CONNECTED: u32 = 2250;
/// Files are open on it.
const OPEN_FILES: u32 = 2401;

const DONE: &str = "The command completed successfully.\n";

/// Does what a line says; returns the exit status.
pub(crate) fn run(line: &Line) -> i32 {
    let done = match line {
        Line::List => all().map(|entries| list::table(&entries) + DONE),
        Line::Show(device) => show(device).map(|entry| list::one(&entry) + DONE),
        Line::Connect(connect) => add(connect).map(|told| told + DONE),
        Line::Delete { name: Some(name), yes } => {
            delete(name, *yes).map(|()| format!("{name} was deleted successfully.\n"))
        }
        Line::Delete { name: None, yes } => delete_all(*yes).map(|told| told + DONE),
    };
    match done {
        Ok(text) => {
            println!("{text}");
            0
        }
        Err(failure) => {
            eprintln!("System error {} has occurred.\n\n{}\n", failure.code, failure.text);
            FAILED
        }
    }
}

/// Lets Wine's own `net.exe` do what is not `use`.
pub(crate) fn hand_over() -> i32 {
    let own = env::current_exe().unwrap_or_default();
    let mut kept = own.into_os_string();
    kept.push(BEFORE);
    match Command::new(&kept).args(env::args_os().skip(1)).status() {
        Ok(status) => status.code().unwrap_or(FAILED),
        Err(error) => {
            eprintln!("net: only `net use` is OpenMPR's; Wine's own is not there: {error}");
            FAILED
        }
    }
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
            asked = ask_password(&connect.remote);
            Some(asked.as_str())
        }
    };
    let device = match &connect.device {
        Some(Device::Named(name)) => Some(name.as_str()),
        Some(Device::Next) | None => None,
    };
    let user = connect.user.as_deref();
    let name = system::connect(device, &connect.remote, user, password, connect.flags)?;
    let chosen = connect.device == Some(Device::Next);
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
        print!("{text}\n");
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
    print!("{question} (Y/N) [N]: ");
    let _ = io::stdout().flush();
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "Yes" | "YES")
}

fn ask_password(remote: &str) -> Zeroizing<String> {
    print!("Type the password for {remote}: ");
    let _ = io::stdout().flush();
    // Room for all of it: a text that grew would leave parts of itself behind.
    let mut answer = Zeroizing::new(String::with_capacity(1024));
    let quiet = system::Quiet::console();
    let _ = io::stdin().read_line(&mut answer);
    drop(quiet);
    println!();
    let length = answer.trim_end_matches(['\r', '\n']).len();
    answer.truncate(length);
    answer
}
