//! A WebDAV server for demonstrations and scripts: `mpr-demo-server [--user NAME] [DIR]`.
//!
//! Its first line of output is `listening http://127.0.0.1:PORT/`. With `--user`, the first line of
//! standard input is the password. Further lines are orders: `freeze`, `thaw`, `full` (507 on
//! PUT), `readonly`, `well`. It ends when standard input does.

use std::io::{self, BufRead as _, Write as _};
use std::process::ExitCode;

use mpr_testkit::{Options, WebDavServer};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mpr-demo-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let mut options = Options::default();
    let mut user = None;
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--user" {
            user = arguments.next().and_then(|name| name.into_string().ok());
        } else {
            options.directory = Some(argument.into());
        }
    }
    let mut lines = io::stdin().lock().lines();
    if let Some(user) = user {
        let password = lines.next().transpose()?.unwrap_or_default();
        options.login = Some((user, password));
    }
    let server = WebDavServer::start(options)?;
    // Not `println!`, which panics if nobody reads.
    writeln!(io::stdout(), "listening {}", server.url())?;
    io::stdout().flush()?;
    for line in lines {
        let faults = server.faults();
        match line?.trim() {
            "freeze" => faults.freeze(true),
            "thaw" => faults.freeze(false),
            "full" => faults.refuse_put(Some(507)),
            "readonly" => faults.readonly(true),
            "well" => {
                faults.freeze(false);
                faults.refuse_put(None);
                faults.readonly(false);
            }
            other => eprintln!("mpr-demo-server: unknown order {other:?}"),
        }
    }
    Ok(())
}
