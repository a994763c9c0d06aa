//! Connecting: what is told when it does not work, and what is demanded.

use mpr_core::WnError;
use mpr_engine::{Protocol as _, Share as _, Target};
use mpr_mount::{Obstacle, Stage};
use mpr_testkit::{SambaOptions, samba};
use provider_smb::{Smb, SmbShare};
use serde_json::Value;

use crate::support::{CREATE, LONG, connect, open, path, target, with_server};

fn told(result: Result<SmbShare, Obstacle>) -> (Stage, u32) {
    let obstacle = result.err().expect("it connected");
    assert!(!obstacle.text.contains("sesame") && !obstacle.text.contains("glass"));
    (obstacle.stage, obstacle.code.code())
}

#[test]
fn each_failure_has_its_stage_and_code() {
    let options = SambaOptions::default().share_with("mine", &["valid users = mpr root"]);
    with_server("each_failure_has_its_stage_and_code", options, async |mut server| {
        let team = server.url("team");
        assert!(connect(&team).await.is_ok());
        let as_user = async |name: &str, who| told(Smb::connect(target(name, who)).await);
        assert_eq!(as_user(&team, ("mpr", "wrong")).await, (Stage::LogIn, 86));
        assert_eq!(as_user(&team, ("mpr", "")).await, (Stage::LogIn, 1326));
        assert_eq!(as_user(&team, ("nobody-here", "")).await, (Stage::LogIn, 1326));
        assert_eq!(told(Smb::connect(Target::new(&team, LONG)).await), (Stage::LogIn, 5));
        assert_eq!(told(connect(&server.url("none")).await), (Stage::Open, 67));
        assert_eq!(told(connect(&server.url("team/none")).await), (Stage::Open, 67));
        std::fs::write(server.path("team").join("file"), "").unwrap();
        assert_eq!(told(connect(&server.url("team/file")).await), (Stage::Open, 1207));
        assert_eq!(as_user(&server.url("mine"), samba::OTHER).await, (Stage::Open, 5));
        let closed = server.path("team").join("closed");
        std::fs::create_dir(&closed).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(as_user(&server.url("team/closed"), samba::OTHER).await, (Stage::Open, 5));
        assert_eq!(told(connect("smb://no-such-host.invalid/x").await), (Stage::Resolve, 53));
        let server_alone = format!("smb://127.0.0.1:{}", server.port());
        assert_eq!(told(connect(&server_alone).await), (Stage::Open, 67));
        server.kill();
        assert_eq!(told(connect(&team).await), (Stage::Connect, 51));
    });
}

#[test]
fn what_does_not_speak_smb_is_told() {
    with_server("what_does_not_speak_smb_is_told", SambaOptions::default(), async |_server| {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let name = format!("smb://{}/x", listener.local_addr().unwrap());
        tokio::spawn(async move {
            use tokio::io::AsyncWriteExt as _;
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            }
        });
        assert_eq!(told(connect(&name).await), (Stage::Secure, 58));
    });
}

#[test]
fn a_directory_of_a_share_is_connected_by_every_spelling() {
    let test = "a_directory_of_a_share_is_connected_by_every_spelling";
    with_server(test, SambaOptions::default(), async |server| {
        std::fs::create_dir_all(server.path("team").join("a b/c")).unwrap();
        for name in [server.url("TEAM/A%20b/c/"), server.unc(r"team\a b\C")] {
            let share = connect(&name).await.unwrap();
            drop(open(&share, "here", CREATE).await);
            assert!(server.path("team").join("a b/c/here").exists(), "{name}");
            share.remove_file(&path("here")).await.unwrap();
        }
        let mut with_domain = target(&server.url("team"), samba::USER);
        with_domain.user = Some(r"MPRTEST\mpr".to_owned());
        assert!(Smb::connect(with_domain).await.is_ok());
        let mut at_domain = target(&server.url("team"), samba::USER);
        at_domain.user = Some("mpr@MPRTEST".to_owned());
        assert!(Smb::connect(at_domain).await.is_ok());
        // The user in the name counts where no other is given.
        let mut named = Target::new(server.url("team").replace("smb://", "smb://mpr@"), LONG);
        named.password = Some(zeroize::Zeroizing::new(samba::USER.1.to_owned()));
        assert!(Smb::connect(named).await.is_ok());
    });
}

/// Servers count wrong passwords, and an empty one is wrong.
#[test]
fn no_password_is_no_attempt() {
    let options = SambaOptions::default().global("log level = auth_audit:3");
    with_server("no_password_is_no_attempt", options, async |server| {
        let mut nothing = target(&server.url("team"), samba::USER);
        nothing.password = None;
        assert_eq!(told(Smb::connect(nothing).await), (Stage::LogIn, 1326));
        let wrong = || server.log().matches("WRONG_PASSWORD").count();
        assert_eq!(wrong(), 0);
        let empty = target(&server.url("team"), (samba::USER.0, ""));
        assert_eq!(told(Smb::connect(empty).await), (Stage::LogIn, 1326));
        assert_ne!(wrong(), 0, "the server tells of wrong ones");
    });
}

#[test]
fn guests_are_let_in_where_the_server_wants_them() {
    let options = SambaOptions::default()
        .global("map to guest = bad user")
        .share_with("open", &["guest ok = yes"]);
    with_server("guests_are_let_in_where_the_server_wants_them", options, async |server| {
        let share = Smb::connect(Target::new(server.url("open"), LONG)).await.unwrap();
        drop(open(&share, "from-a-guest", CREATE).await);
        let named = Smb::connect(Target::new(server.url("team"), LONG)).await;
        assert_eq!(told(named), (Stage::LogIn, 5));
        // Who names a user is not taken for a guest unasked.
        let stranger = Smb::connect(target(&server.url("open"), ("stranger", "x"))).await;
        assert_eq!(told(stranger), (Stage::LogIn, 1326));
        let mut demanding = Target::new(server.url("open"), LONG);
        demanding.options.insert("require-integrity".to_owned(), Value::Bool(true));
        assert_eq!(told(Smb::connect(demanding).await), (Stage::Secure, 59));
    });
}

fn demanding(name: &str, option: &str) -> Target {
    let mut target = target(name, samba::USER);
    target.options.insert(option.to_owned(), Value::Bool(true));
    target
}

#[test]
fn every_version_works_and_demands_are_kept_or_refused() {
    for (version, encrypts) in
        [("SMB2_10", false), ("SMB3_00", true), ("SMB3_02", true), ("SMB3_11", true)]
    {
        let options = SambaOptions::default()
            .global(&format!("server max protocol = {version}"))
            .share_with("sealed", &["smb encrypt = required"]);
        let test = "every_version_works_and_demands_are_kept_or_refused";
        with_server(test, options, async |server| {
            let share = connect(&server.url("team")).await.unwrap();
            drop(open(&share, "plain", CREATE).await);
            let signed = Smb::connect(demanding(&server.url("team"), "require-integrity")).await;
            assert!(signed.is_ok(), "{version}");
            let sealed = Smb::connect(demanding(&server.url("team"), "require-privacy")).await;
            match sealed {
                Ok(share) => {
                    assert!(encrypts, "{version}");
                    let file = open(&share, "sealed", CREATE).await.file;
                    let data = bytes::Bytes::from(vec![7; 300_000]);
                    share.write(&file, 0, data.clone()).await.unwrap();
                    assert_eq!(share.read(&file, 0, 300_000).await.unwrap(), data);
                }
                Err(obstacle) => {
                    assert!(!encrypts, "{version}: {obstacle}");
                    assert_eq!(
                        (obstacle.stage, obstacle.code),
                        (Stage::Secure, WnError::UNEXP_NET_ERR)
                    );
                }
            }
            // The share itself may want it.
            let wanted = connect(&server.url("sealed")).await;
            assert_eq!(wanted.is_ok(), encrypts, "{version}");
        });
    }
}

#[test]
fn what_the_server_demands_is_done() {
    for demand in ["server signing = mandatory", "smb encrypt = required"] {
        let options = SambaOptions::default().global(demand);
        with_server("what_the_server_demands_is_done", options, async |server| {
            let share = connect(&server.url("team")).await.unwrap();
            let file = open(&share, "f", CREATE).await.file;
            let data = bytes::Bytes::from(vec![7; 300_000]);
            share.write(&file, 0, data.clone()).await.unwrap();
            assert_eq!(share.read(&file, 0, 300_000).await.unwrap(), data, "{demand}");
            share.reconnect().await.unwrap();
            assert!(share.stat(&path("f")).await.is_ok());
        });
    }
}
