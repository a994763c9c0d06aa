//! `net.exe` for Wine: `net use`, which Wine's own does not have (W13).
//!
//! It asks mpr.dll, as any program does. Everything that is not `use` goes to Wine's own `net.exe`, which
//! `mpr wine install` keeps beside this one. Linked by the C compiler, as mpr.dll is: `system` has
//! what C starts with.

// On other systems there is nothing to call; the words are tested there all the same.
#![cfg_attr(not(windows), allow(dead_code))]

mod line;
mod list;
#[cfg(windows)]
mod system;
#[cfg(windows)]
mod verb;

/// Exit status of a wrong line.
const WRONG: i32 = 1;

/// Does what the process's own line says; returns the exit status.
#[cfg(windows)]
fn run() -> i32 {
    let words: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let is_use = words.first().is_some_and(|word| word.eq_ignore_ascii_case("use"));
    if is_use { net_use(&words[1..]) } else { verb::hand_over() }
}

#[cfg(windows)]
fn net_use(words: &[String]) -> i32 {
    match line::parse(words) {
        Ok(line) => verb::run(&line),
        Err(line::Wrong::Help) => {
            verb::say(&format!("{}\n", line::SYNTAX));
            0
        }
        Err(line::Wrong::Word(what)) => {
            verb::complain(&format!("{what}\n\n{}", line::SYNTAX));
            WRONG
        }
    }
}
