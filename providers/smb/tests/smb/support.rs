//! A server, a runtime and a share for a test.

use std::future::Future;
use std::time::Duration;

use mpr_engine::{OpenHow, Opened, Protocol as _, RemotePath, Share as _, Target};
use mpr_mount::Obstacle;
use mpr_testkit::{Samba, SambaOptions, samba};
use provider_smb::{Smb, SmbFile, SmbShare};
use zeroize::Zeroizing;

/// A bound that is only met by what hangs.
pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) const READ: OpenHow =
    OpenHow { write: false, create: false, exclusive: false, truncate: false, mode: 0o644 };
pub(crate) const WRITE: OpenHow = OpenHow { write: true, ..READ };
pub(crate) const CREATE: OpenHow = OpenHow { create: true, ..WRITE };
pub(crate) const EXCLUSIVE: OpenHow = OpenHow { exclusive: true, ..CREATE };
pub(crate) const TRUNCATE: OpenHow = OpenHow { truncate: true, ..CREATE };

/// Runs a test with a server that has a share `team`, or says why there can be none.
pub(crate) fn with_server<F>(test: &str, options: SambaOptions, body: impl FnOnce(Samba) -> F)
where
    F: Future<Output = ()>,
{
    if let Some(why) = Samba::missing() {
        return crate::skip::skip(test, why);
    }
    let server = options.share("team").start().unwrap();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::time::timeout(LONG, body(server)).await.expect("the test hangs");
    });
}

/// Runs a test with an open share `team`.
pub(crate) fn with_share<F>(test: &str, body: impl FnOnce(Samba, SmbShare) -> F)
where
    F: Future<Output = ()>,
{
    with_server(test, SambaOptions::default(), async |server| {
        let share = connect(&server.url("team")).await.unwrap();
        body(server, share).await;
    });
}

/// Makes a target that logs in as somebody.
pub(crate) fn target(name: &str, (user, password): (&str, &str)) -> Target {
    let mut target = Target::new(name, LONG);
    target.user = Some(user.to_owned());
    target.password = Some(Zeroizing::new(password.to_owned()));
    target
}

/// Connects as the user who may do everything.
pub(crate) async fn connect(name: &str) -> Result<SmbShare, Obstacle> {
    Smb::connect(target(name, samba::USER)).await
}

/// Returns a path by its parts.
pub(crate) fn path(text: &str) -> RemotePath {
    text.split('/')
        .filter(|part| !part.is_empty())
        .fold(RemotePath::root(), |path, part| path.join(part.as_bytes()))
}

/// Opens a file, which must work.
pub(crate) async fn open(share: &SmbShare, name: &str, how: OpenHow) -> Opened<SmbFile> {
    share.open(&path(name), how).await.unwrap()
}
