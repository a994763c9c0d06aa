//! One mount after another, through all rows of the table.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use mpr_mount_conformance::run;
use mpr_testkit::{Line, Proxy};

use crate::contenders::{Contender, Mounted};
use crate::figures::{Figures, What};
use crate::scene::{MANY, PROTOCOLS, SIZE, Scene};

/// Longest time for a row of the table.
const CAP: Duration = Duration::from_secs(90);

/// Longest time for a program on a frozen server.
const FROZEN_CAP: Duration = Duration::from_secs(15);

/// Stands for a time without end.
const NEVER: f64 = 1e6;

pub(crate) fn measure(scene: &Scene, contender: &Contender, frozen: bool, figures: &mut Figures) {
    let who = contender.name();
    let mounted = match Mounted::new(scene, contender) {
        Ok(mounted) => mounted,
        Err(why) => return figures.fail(&who, &format!("no mount: {why}")),
    };
    figures.add(&who, What::Connect, mounted.took.as_secs_f64() * 1e3);
    figures.add(&who, What::MemoryIdle, mounted.memory());
    transfers(scene, &mounted, &who, figures);
    figures.add(&who, What::MemoryAfter, mounted.memory());
    listings(&mounted, &who, figures);
    if frozen {
        freeze(scene, contender, &mounted, &who, figures);
    }
}

fn shell(mounted: &Mounted, script: &str, cap: Duration) -> Result<(String, f64), String> {
    let mut command = Command::new("sh");
    command.args(["-ec", script]).env("D", &mounted.dir).env("LC_ALL", "C");
    let outcome = run(&mut command, cap);
    match outcome.status {
        Some(status) if status.success() => Ok((outcome.stdout, outcome.took.as_secs_f64())),
        Some(_) => Err(format!("{script}: {}", outcome.stderr)),
        None => Err(format!("{script}: no end after {cap:?}")),
    }
}

type Row<'a> = (What, &'a str, &'a dyn Fn(f64) -> f64, Option<&'a str>);

fn row(
    mounted: &Mounted,
    who: &str,
    figures: &mut Figures,
    (what, script, value, wanted): Row<'_>,
) {
    match shell(mounted, script, CAP) {
        Ok((text, took)) if wanted.is_none_or(|wanted| text.trim() == wanted) => {
            figures.add(who, what, value(took));
        }
        Ok((text, _)) => figures.fail(who, &format!("{what:?}: wrong answer {text}")),
        Err(why) => figures.fail(who, &format!("{what:?}: {why}")),
    }
}

fn transfers(scene: &Scene, mounted: &Mounted, who: &str, figures: &mut Figures) {
    let read = "dd if=\"$D/large\" of=/dev/null bs=1M status=none";
    let megabytes = |took: f64| SIZE as f64 / 1e6 / took;
    row(mounted, who, figures, (What::Read, read, &megabytes, None));
    write(scene, mounted, who, figures);
}

fn listings(mounted: &Mounted, who: &str, figures: &mut Figures) {
    let count = (MANY + 1).to_string();
    let stat = "stat \"$D/others/file 05000\" > /dev/null";
    let list = "ls -l \"$D/many\" | wc -l";
    row(mounted, who, figures, (What::Stat, stat, &|took| took * 1e3, None));
    row(mounted, who, figures, (What::ListCold, list, &|took| took, Some(&count)));
    row(mounted, who, figures, (What::ListWarm, list, &|took| took, Some(&count)));
}

/// Counted when the server has it all, whatever the mount says.
fn write(scene: &Scene, mounted: &Mounted, who: &str, figures: &mut Figures) {
    let arrived = scene.share().join("written");
    let start = Instant::now();
    let script = "dd if=/dev/zero of=\"$D/written\" bs=1M count=256 conv=fsync status=none";
    if let Err(why) = shell(mounted, script, CAP) {
        return figures.fail(who, &format!("write: {why}"));
    }
    while fs::metadata(&arrived).map_or(0, |it| it.len()) < SIZE as u64 {
        if start.elapsed() > CAP {
            return figures.fail(who, "write: the server never got it");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    figures.add(who, What::Write, SIZE as f64 / 1e6 / start.elapsed().as_secs_f64());
    let _ = fs::remove_file(mounted.dir.join("written"));
    let _ = fs::remove_file(arrived);
}

/// Each program meets a server that has just stopped, on a mount that was well until then: what the
/// first one finds out must not help the others.
fn freeze(
    scene: &Scene,
    contender: &Contender,
    mounted: &Mounted,
    who: &str,
    figures: &mut Figures,
) {
    let daemon = scene.daemon(contender.protocol);
    let programs = [
        (What::FrozenSpace, "df \"$D\" > /dev/null"),
        (What::FrozenStat, "stat \"$D/unseen 1/inside\" > /dev/null"),
        (What::FrozenList, "ls \"$D/unseen 2\" > /dev/null"),
    ];
    for (number, (what, script)) in programs.into_iter().enumerate() {
        daemon.freeze();
        let start = Instant::now();
        let ended = shell(mounted, script, FROZEN_CAP);
        let hung = matches!(&ended, Err(why) if why.ends_with(&format!("{FROZEN_CAP:?}")));
        figures.add(who, what, if hung { NEVER } else { start.elapsed().as_secs_f64() });
        daemon.thaw();
        let back = recovery(mounted, &format!("ls \"$D/unseen {}\" > /dev/null", 10 + number));
        figures.add(who, What::Thaw, back);
        if back >= NEVER {
            return;
        }
    }
}

/// Returns how long a mount takes until it lists again, in seconds.
fn recovery(mounted: &Mounted, list: &str) -> f64 {
    let start = Instant::now();
    while shell(mounted, list, FROZEN_CAP).is_err() {
        if start.elapsed() > FROZEN_CAP {
            return NEVER;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    start.elapsed().as_secs_f64()
}

/// Ten remembered connections, one to a host that accepts and says nothing.
pub(crate) fn ten_connections(scene: &Scene, figures: &mut Figures) {
    for protocol in PROTOCOLS {
        let who = format!("{}: **OpenMPR**", protocol.name());
        let world = scene.world(protocol, Duration::from_secs(5));
        let proxy = Proxy::start(scene.daemon(protocol).address()).unwrap();
        let letters: Vec<String> = ('K'..='T').map(|letter| format!("{letter}:")).collect();
        let remembered = letters.iter().enumerate().try_for_each(|(number, local)| {
            let own = scene.port(protocol);
            let port = if number == 4 { proxy.address().port() } else { own };
            let remote = scene.remote(protocol, port, "open");
            let made = world.connect_with(local, &remote, None, &["--persistent"]);
            made.map_err(|refusal| refusal.text)?;
            let kept = world.mpr(&["delete", local, "--keep"]);
            if kept.good() { Ok(()) } else { Err(kept.stderr) }
        });
        if let Err(why) = remembered {
            figures.fail(&who, &format!("ten connections: {why}"));
            continue;
        }
        proxy.set(Line::Frozen).unwrap();
        let mut command = world.command(&["restore", "--no-input", "--timeout", "5"]);
        let start = Instant::now();
        let nine = std::thread::scope(|scope| {
            let restoring = scope.spawn(|| run(&mut command, CAP));
            let dirs: Vec<_> = letters
                .iter()
                .filter(|local| *local != "O:")
                .map(|local| world.path().join("run/mpr").join(local.replace(':', "")))
                .collect();
            let mut usable = None;
            while usable.is_none() && start.elapsed() < FROZEN_CAP {
                if dirs.iter().all(|dir| dir.join("large").exists()) {
                    usable = Some(start.elapsed());
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            let outcome = restoring.join().unwrap();
            (usable, outcome.took, outcome.status.and_then(|status| status.code()))
        });
        if let (Some(usable), took, Some(64)) = nine {
            figures.add(&who, What::NineOfTen, usable.as_secs_f64());
            figures.add(&who, What::Tenth, took.as_secs_f64());
        } else {
            figures.fail(&who, &format!("ten connections: {nine:?}"));
        }
    }
}
