//! How ssh is called.

use tokio::process::Command;

use super::Way;

/// What must hold whatever the user's configuration says.
///
/// A connection of its own, since one that is shared can be dead and nobody here would know;
/// nothing forwarded, no command, no terminal. ssh notices itself that a server is dead, so that
/// it never outlives its use for long.
const ALWAYS: &[&str] = &[
    "ControlMaster=no",
    "ControlPath=none",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "RequestTTY=no",
    "Tunnel=no",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    // Tells the stages; its other words come along as always.
    "LogLevel=DEBUG1",
];

/// Builds the command. Nothing of a name can become an option: `--` ends them, and user and port
/// are arguments of options.
pub(super) fn build(way: &Way) -> Command {
    let mut command = Command::new(&way.program);
    // It is ours alone that this suits.
    for (name, _) in mpr_mount::ALLOCATION {
        command.env_remove(name);
    }
    for option in &way.options {
        command.arg("-o").arg(option);
    }
    for option in ALWAYS {
        command.arg("-o").arg(option);
    }
    let seconds = way.limit.as_secs().saturating_add(1);
    command.arg("-o").arg(format!("ConnectTimeout={seconds}"));
    match way.password {
        None => command.args(["-o", "BatchMode=yes"]),
        // The password was given to be used: first, and once. A key may be demanded beside it.
        Some(_) => command.args(["-o", "BatchMode=no", "-o", "NumberOfPasswordPrompts=1"]).args([
            "-o",
            "PreferredAuthentications=password,keyboard-interactive,publickey,hostbased",
        ]),
    };
    if let Some(user) = &way.user {
        command.arg("-l").arg(user);
    }
    if let Some(port) = way.port {
        command.arg("-p").arg(port.to_string());
    }
    command.args(["-x", "-a", "-T", "-s", "--"]).arg(&way.host).arg("sftp");
    command
}

/// Reads options of ssh_config(5) as `Name=value`, between blanks; others are left out.
pub(crate) fn options(text: &str) -> Vec<String> {
    let fits = |option: &&str| {
        option.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    };
    text.split_whitespace().filter(fits).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn nothing_of_a_name_is_an_option() {
        let way = Way {
            host: "h".into(),
            port: Some(2222),
            user: Some("-oProxyCommand=x".into()),
            password: None,
            program: "ssh".into(),
            options: options("Compression=yes -Fevil Port=9 =x"),
            askpass: "unused".into(),
            limit: Duration::from_secs(9),
        };
        let command = build(&way);
        let arguments: Vec<_> =
            command.as_std().get_args().map(|it| it.to_str().unwrap_or_default()).collect();
        assert_eq!(arguments[..4], ["-o", "Compression=yes", "-o", "Port=9"]);
        assert_eq!(arguments[arguments.len() - 4..], ["-s", "--", "h", "sftp"]);
        let user = arguments.iter().position(|&it| it == "-oProxyCommand=x").unwrap();
        assert_eq!(arguments[user - 1], "-l");
        assert!(arguments.contains(&"BatchMode=yes"));
    }
}
