//! Build tasks: `cargo xtask setup | stage | install | demo | test | check | dll | wine | bench`.
//!
//! Each task makes what it needs: `test` on a fresh machine installs packages, builds, checks and
//! tests. No task has dependencies beyond std, so that the first one starts at once.

mod bench;
mod bench_mounts;
mod check;
mod fuzz;
mod manual;
mod run;
mod setup;
mod stage;
mod test;
mod windows;
mod windows_check;
mod wine;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask TASK

  setup          install what is missing (Debian packages); says what it installs
  stage          build everything into target/stage/usr, as it would be installed
  install [DIR]  build for use and copy it below DIR (/usr/local)
  demo [--json]  a whole session on embedded parts, after stage
  test           setup, check, stage, and every test
  check          formatting, lints, dependencies, exports, minimum Rust version
  dll            mpr.dll for 64 and 32 bit, into target/windows/stage; checks it
  wine [ARGS]    its tests under Wine; ARGS go to cargo test
  fuzz [--seconds N]  every function with anything, on Linux and under Wine, N seconds each (600)
  bench-wine     mpr.dll beside Wine's own; writes docs/benchmarks-wine.md
  bench          the router beside direct provider calls; writes docs/benchmarks.md
  bench-mounts [ROUNDS]  our mounts beside others' (3); installs those; writes docs/benchmarks-mounts.md
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rest = arguments.get(1..).unwrap_or_default();
    let done = match arguments.first().map(String::as_str) {
        Some("setup") => setup::setup(),
        Some("stage") => stage::stage(stage::Profile::Dev).map(drop),
        Some("install") => stage::install_to(rest.first().map_or("/usr/local", String::as_str)),
        Some("demo") => demo(rest),
        Some("test") => test::test(rest),
        Some("check") => check::check(),
        Some("dll") => wine::dll(),
        Some("wine") => wine::wine(rest),
        Some("fuzz") => fuzz::fuzz(rest),
        Some("bench-wine") => wine::bench(),
        Some("bench") => bench::bench(),
        Some("bench-mounts") => bench_mounts::bench_mounts(rest),
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn demo(rest: &[String]) -> run::Done {
    setup::require(setup::DEMO)?;
    let stage = stage::stage(stage::Profile::Dev)?;
    let mut mpr = std::process::Command::new(stage.join("bin/mpr"));
    run::run(mpr.arg("demo").args(rest))
}
