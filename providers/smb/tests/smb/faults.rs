//! What goes wrong with servers while a share is open.

use std::time::Duration;

use bytes::Bytes;
use mpr_engine::{FaultKind, Protocol as _, Share as _, Target};
use mpr_mount::Stage;
use mpr_testkit::{SambaOptions, samba};
use provider_smb::Smb;

use crate::support::{CREATE, READ, WRITE, connect, open, path, target, with_server, with_share};

/// Long enough for any answer, short enough to be waited for.
const MOMENT: Duration = Duration::from_millis(500);

#[test]
fn a_frozen_server_is_told_by_stage() {
    with_server("a_frozen_server_is_told_by_stage", SambaOptions::default(), async |server| {
        server.freeze(true);
        let target: Target = target(&server.url("team"), samba::USER);
        let reached = target.reached.clone();
        assert!(tokio::time::timeout(MOMENT, Smb::connect(target)).await.is_err());
        assert_eq!(reached.get(), Stage::Secure);
        server.freeze(false);
    });
}

#[test]
fn a_thawed_server_goes_on_where_it_stood() {
    with_share("a_thawed_server_goes_on_where_it_stood", async |server, share| {
        let file = open(&share, "f", CREATE).await.file;
        share.write(&file, 0, Bytes::from_static(b"before")).await.unwrap();
        server.freeze(true);
        assert!(tokio::time::timeout(MOMENT, share.ping()).await.is_err());
        for _ in 0..50 {
            let read = share.read(&file, 0, 1 << 20);
            assert!(tokio::time::timeout(Duration::from_millis(2), read).await.is_err());
        }
        assert!(tokio::time::timeout(MOMENT, share.reconnect()).await.is_err());
        server.freeze(false);
        share.reconnect().await.unwrap();
        // The silence was no loss: the file is open still.
        assert_eq!(&share.read(&file, 0, 9).await.unwrap()[..], b"before");
        share.ping().await.unwrap();
    });
}

#[test]
fn a_restarted_server_is_connected_anew() {
    with_share("a_restarted_server_is_connected_anew", async |mut server, share| {
        let file = open(&share, "f", CREATE).await.file;
        share.write(&file, 0, Bytes::from_static(b"before")).await.unwrap();
        server.kill();
        let lost = share.write(&file, 6, Bytes::from_static(b"after")).await.unwrap_err();
        assert_eq!(lost.kind, FaultKind::Lost);
        assert_eq!(share.ping().await.unwrap_err().kind, FaultKind::Lost);
        assert_eq!(share.reconnect().await.unwrap_err().kind, FaultKind::Unreachable);
        server.start_again().unwrap();
        share.reconnect().await.unwrap();
        share.ping().await.unwrap();
        assert_eq!(share.read(&file, 0, 9).await.unwrap_err().kind, FaultKind::HandleLost);
        share.close(file).await;
        let file = open(&share, "f", WRITE).await.file;
        assert_eq!(&share.read(&file, 0, 9).await.unwrap()[..], b"before");
    });
}

#[test]
fn a_share_that_is_removed_is_lost_until_it_returns() {
    let test = "a_share_that_is_removed_is_lost_until_it_returns";
    with_server(test, SambaOptions::default().share("gone"), async |mut server| {
        let share = connect(&server.url("gone")).await.unwrap();
        let file = open(&share, "f", CREATE).await.file;
        server.remove_share("gone").unwrap();
        // The server's processes take the news in their own time.
        let lost = loop {
            match share.read(&file, 0, 1).await {
                Ok(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(fault) => break fault,
            }
        };
        assert!(matches!(lost.kind, FaultKind::Lost | FaultKind::HandleLost), "{lost}");
        assert_eq!(share.stat(&path("f")).await.unwrap_err().kind, FaultKind::Lost);
        let gone = share.reconnect().await.unwrap_err();
        assert_eq!(gone.kind, FaultKind::Unreachable, "{gone}");
    });
}

#[test]
fn a_password_that_changed_is_told() {
    with_share("a_password_that_changed_is_told", async |mut server, share| {
        server.kill();
        server
            .reconfigure(SambaOptions::default().share_with("team", &["valid users = alice"]))
            .unwrap();
        server.start_again().unwrap();
        assert_eq!(share.reconnect().await.unwrap_err().kind, FaultKind::LoggedOut);
    });
}

#[test]
fn permissions_are_the_servers() {
    use std::os::unix::fs::PermissionsExt as _;

    with_server("permissions_are_the_servers", SambaOptions::default(), async |server| {
        let share = Smb::connect(target(&server.url("team"), samba::OTHER)).await.unwrap();
        let team = server.path("team");
        std::fs::write(team.join("f"), "x").unwrap();
        let mode = |mode| {
            std::fs::set_permissions(team.join("f"), std::fs::Permissions::from_mode(mode))
                .unwrap();
        };
        let kind =
            async |how| share.open(&path("f"), how).await.map(drop).map_err(|fault| fault.kind);
        mode(0o644);
        assert_eq!((kind(READ).await, kind(WRITE).await), (Ok(()), Err(FaultKind::Denied)));
        mode(0o600);
        assert_eq!(kind(READ).await, Err(FaultKind::Denied));
        std::fs::set_permissions(&team, std::fs::Permissions::from_mode(0o755)).unwrap();
        let denied = share.make_directory(&path("d"), 0o755).await.unwrap_err();
        assert_eq!(denied.kind, FaultKind::Denied);
        let denied = share.remove_file(&path("f")).await.unwrap_err();
        assert_eq!(denied.kind, FaultKind::Denied);
    });
}

#[test]
fn two_clients_see_each_other() {
    with_share("two_clients_see_each_other", async |server, share| {
        let other = connect(&server.unc("team")).await.unwrap();
        let mine = open(&share, "f", CREATE).await.file;
        share.write(&mine, 0, Bytes::from_static(b"mine")).await.unwrap();
        let theirs = open(&other, "f", WRITE).await.file;
        assert_eq!(&other.read(&theirs, 0, 9).await.unwrap()[..], b"mine");
        other.write(&theirs, 0, Bytes::from_static(b"THEY")).await.unwrap();
        assert_eq!(&share.read(&mine, 0, 9).await.unwrap()[..], b"THEY");
        // What one removes is gone for the other once nobody has it open.
        other.remove_file(&path("f")).await.unwrap();
        assert_eq!(share.stat(&path("f")).await.unwrap_err().kind, FaultKind::NotFound);
        other.leave().await;
        assert_eq!(other.ping().await.unwrap_err().kind, FaultKind::Lost);
        share.ping().await.unwrap();
    });
}
