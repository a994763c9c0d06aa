//! The protocol's own client: what the server and the machine can do.

use std::fs;
use std::process::Command;
use std::time::Duration;

use mpr_mount_conformance::run;
use mpr_testkit::{Apache, Smbd};

use crate::figures::{Figures, What};
use crate::scene::{Protocol, SIZE, Scene};

/// Returns what the table calls it.
pub(crate) fn name(protocol: Protocol) -> String {
    let client = match protocol {
        Protocol::Smb => "smbclient",
        Protocol::WebDav => "curl",
        Protocol::Sftp => "sftp",
    };
    format!("{}: {client} (limit)", protocol.name())
}

/// Measures getting and putting 256 MiB.
pub(crate) fn measure(scene: &Scene, protocol: Protocol, figures: &mut Figures) {
    let who = name(protocol);
    let folder = tempfile::tempdir_in(scene.share().parent().unwrap()).unwrap();
    // Read to nowhere, as the mounts are; written from memory.
    let here = scene.share().join("large");
    for (what, get) in [(What::Read, true), (What::Write, false)] {
        let mut command = transfer(scene, protocol, get, folder.path(), &here);
        let outcome = run(&mut command, Duration::from_secs(120));
        let put = scene.share().join("put");
        let whole = get || fs::metadata(&put).is_ok_and(|it| it.len() == SIZE as u64);
        if outcome.good() && whole {
            figures.add(&who, what, SIZE as f64 / 1e6 / outcome.took.as_secs_f64());
        } else {
            figures.fail(&who, &format!("{outcome:?}"));
        }
        let _ = fs::remove_file(put);
    }
}

fn transfer(
    scene: &Scene,
    protocol: Protocol,
    get: bool,
    folder: &std::path::Path,
    here: &std::path::Path,
) -> Command {
    let port = scene.port(protocol).to_string();
    let shown = here.display();
    match protocol {
        Protocol::Smb => {
            let login = folder.join("login");
            let text = format!("username = {}\npassword = {}\n", Smbd::user(), Smbd::PASSWORD);
            fs::write(&login, text).unwrap();
            let order =
                if get { "get large /dev/null".to_owned() } else { format!("put {shown} put") };
            let mut command = Command::new("smbclient");
            command.args(["-p", &port, "//127.0.0.1/rw", "-c", &order, "-A"]).arg(login);
            command
        }
        Protocol::WebDav => {
            let configuration = folder.join("curlrc");
            let quoted = Apache::PASSWORD.replace('\\', "\\\\").replace('"', "\\\"");
            let text = format!("user = \"{}:{quoted}\"\n", Apache::USER);
            fs::write(&configuration, text).unwrap();
            let mut command = Command::new("curl");
            command.args(["-sSf", "-K"]).arg(configuration);
            match get {
                true => command.args(["-o", "/dev/null"]).arg(scene.apache.url("rw") + "large"),
                false => command.arg("-T").arg(here).arg(scene.apache.url("rw") + "put"),
            };
            command
        }
        Protocol::Sftp => {
            let share = scene.share();
            let order = match get {
                true => format!("get \"{}/large\" /dev/null\n", share.display()),
                false => format!("put \"{shown}\" \"{}/put\"\n", share.display()),
            };
            let batch = folder.join("batch");
            fs::write(&batch, order).unwrap();
            let mut command = Command::new("sftp");
            command.arg("-F").arg(scene.sshd.client_config());
            command.args(["-q", "-P", &port, "-b"]).arg(batch);
            command.arg(format!("{}@127.0.0.1", mpr_testkit::server_user()));
            command
        }
    }
}
