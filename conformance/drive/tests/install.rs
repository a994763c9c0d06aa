//! `mpr wine install`, `uninstall` and `status` on a prefix in every state that it may be in.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used)]

#[path = "../../../testing/skip.rs"]
mod skip;

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mpr_conformance_drive::Stage;
use mpr_conformance_wine::windows_path;

const NETWORK: &str = r"HKLM\System\CurrentControlSet\Control\NetworkProvider";
const ORDER: &str = r"HKLM\System\CurrentControlSet\Control\NetworkProvider\Order";
const SERVICE: &str = r"HKLM\System\CurrentControlSet\Services\mprunix";
const OVERRIDES: &str = r"HKCU\Software\Wine\DllOverrides";

/// Somebody else's router: a library that Wine loads.
const FOREIGN: &str = "provider_sample.dll";

/// A prefix with nothing of ours in it, and as fresh when a test has ended, however it did.
struct Bare {
    stage: Stage,
    /// Wine's own files, whose places are taken.
    own: [(PathBuf, Vec<u8>); 2],
}

impl Bare {
    fn clear(stage: &Stage) {
        for words in
            [&[NETWORK][..], &[SERVICE], &[OVERRIDES, "/v", "mpr"], &[OVERRIDES, "/v", "net.exe"]]
        {
            stage.try_reg(&[&["delete"], words, &["/f"]].concat());
        }
    }
}

impl std::ops::Deref for Bare {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.stage
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        Self::clear(&self.stage);
        for folder in systems(&self.stage) {
            for name in ["mprunix.dll", "mpr.dll", "net.exe"] {
                for ending in ["", ".before-openmpr"] {
                    let _ = fs::remove_file(folder.join(format!("{name}{ending}")));
                }
            }
        }
        for (file, content) in &self.own {
            let _ = fs::write(file, content);
        }
    }
}

fn stage(test: &str) -> Option<Bare> {
    let Some(stage) = Stage::set(None) else {
        skip::skip(test, "no mpr.dll or no stage: `cargo xtask wine` builds them and runs this");
        return None;
    };
    stage.uninstall();
    Bare::clear(&stage);
    let own = ["mpr.dll", "net.exe"].map(|name| {
        let file = system(&stage).join(name);
        let content = fs::read(&file).unwrap();
        (file, content)
    });
    Some(Bare { stage, own })
}

fn system(stage: &Stage) -> PathBuf {
    systems(stage)[0].clone()
}

/// Returns the system folders for programs of 64 and of 32 bit.
fn systems(stage: &Stage) -> [PathBuf; 2] {
    ["system32", "syswow64"].map(|name| stage.prefix().join("drive_c/windows").join(name))
}

/// Returns everything that installing may change.
fn state(stage: &Stage) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
    let files = systems(stage).into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|it| it.unwrap().path());
    let ours = ["mpr", "net.exe"];
    let files = files.filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        ours.iter().any(|it| name.starts_with(it))
    });
    let mut files: Vec<_> =
        files.map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect();
    files.sort();
    (files, [NETWORK, SERVICE, OVERRIDES].map(|key| stage.query(key)).to_vec())
}

/// Compares without printing DLLs.
fn assert_same(before: &(Vec<(String, Vec<u8>)>, Vec<String>), stage: &Stage, what: &str) {
    let now = state(stage);
    assert_eq!(now.1, before.1, "{what}");
    let names = |of: &[(String, Vec<u8>)]| of.iter().map(|it| it.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&now.0), names(&before.0), "{what}");
    assert!(now.0 == before.0, "{what}: the files differ");
}

/// Reads what processor a program or DLL is for.
fn is_for_32_bit(file: &[u8]) -> bool {
    let at = u32::from_le_bytes(file[0x3c..0x40].try_into().unwrap()) as usize;
    assert_eq!(&file[at..at + 4], b"PE\0\0");
    file[at + 4..at + 6] == 0x014c_u16.to_le_bytes()
}

fn is_ready(stage: &Stage) -> bool {
    let (ready, said) = stage.mpr(&["wine", "status"]);
    assert_eq!(ready, said.contains("programs get the router of OpenMPR"), "{said}");
    ready
}

#[test]
fn a_fresh_prefix() {
    let Some(stage) = stage("a_fresh_prefix") else { return };
    let before = state(&stage);
    assert_eq!(before.1[0], "", "no order");
    assert!(!is_ready(&stage));
    for running in [true, false] {
        for _ in 0..2 {
            if !running {
                stage.end();
            }
            stage.install();
            assert!(is_ready(&stage));
            // An override is for all programs, so those of 32 bit need files too.
            for name in ["mpr.dll", "mprunix.dll", "net.exe"] {
                let [wide, narrow] = systems(&stage).map(|it| fs::read(it.join(name)).unwrap());
                assert!(is_for_32_bit(&narrow) && !is_for_32_bit(&wide), "{name}");
            }
        }
        for changed in [true, false] {
            if !running {
                stage.end();
            }
            let said = stage.uninstall();
            assert_eq!(said.contains("nothing of OpenMPR"), !changed, "{said}");
            assert_same(&before, &stage, "uninstalled");
        }
        assert!(!is_ready(&stage));
    }
}

#[test]
fn wines_own_net_is_missed() {
    let Some(stage) = stage("wines_own_net_is_missed") else { return };
    stage.install();
    let kept = system(&stage).join("net.exe.before-openmpr");
    fs::remove_file(kept).unwrap();
    let (whole, said) = stage.mpr(&["wine", "status"]);
    assert!(!whole && said.contains("(net.exe.before-openmpr) is missing"), "{said}");
}

#[test]
fn others_stay() {
    let Some(stage) = stage("others_stay") else { return };
    stage.reg(&["add", ORDER, "/v", "ProviderOrder", "/d", "first , other", "/f"]);
    stage.reg(&["add", ORDER, "/v", "Else", "/d", "x", "/f"]);
    let before = state(&stage);
    for _ in 0..2 {
        stage.install();
        assert!(stage.query(ORDER).contains("first , other,mprunix"));
    }
    stage.uninstall();
    assert_same(&before, &stage, "others' order");
    stage.reg(&["delete", ORDER, "/f"]);

    // What comes after ours stays too, and only that.
    stage.install();
    stage.reg(&["add", ORDER, "/v", "ProviderOrder", "/d", "new,mprunix,last", "/f"]);
    stage.reg(&["add", &format!(r"{NETWORK}\Notifyees"), "/v", "n", "/d", "x.dll", "/f"]);
    stage.uninstall();
    let left = stage.query(NETWORK);
    assert!(left.contains("new,last") && left.contains("x.dll"), "{left}");
    stage.install();
    stage.reg(&["add", ORDER, "/v", "ProviderOrder", "/d", "mprunix", "/f"]);
    stage.uninstall();
    assert!(stage.query(NETWORK).contains("x.dll"));
}

/// What `reg query` prints is in the console's code page; others have names that it lacks.
#[test]
fn what_is_not_ascii_comes_back() {
    let Some(stage) = stage("what_is_not_ascii_comes_back") else { return };
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("registry");
    let exported = |key: &str| {
        stage.reg(&["export", key, &windows_path(&file), "/y"]);
        utf_16(&fs::read(&file).unwrap())
    };
    let libexec = root.path().join("pr\u{f6}gram\u{4e2d}");
    let bridge = libexec.join("mpr-wine-bridge");
    fs::create_dir(&libexec).unwrap();
    fs::write(&bridge, "").unwrap();
    let mpr = |words: &[&str]| {
        let output = stage.mpr_command(words).env("MPR_LIBEXEC", &libexec).output().unwrap();
        (
            output.status.success(),
            String::from_utf8([output.stdout, output.stderr].concat()).unwrap(),
        )
    };
    let names = "Pr\u{f6}vider\u{4e2d},,two";
    let bytes = names.encode_utf16().chain([0]).flat_map(u16::to_le_bytes);
    let bytes: Vec<String> = bytes.map(|byte| format!("{byte:02x}")).collect();
    for order in [format!("\"{names}\""), format!("hex(2):{}", bytes.join(","))] {
        let text = format!(
            "\u{feff}Windows Registry Editor Version 5.00\r\n\r\n\
             [{ORDER}]\r\n\"ProviderOrder\"={order}\r\n\r\n\
             [{OVERRIDES}]\r\n\"mpr\"=\"b\u{fc}iltin\u{4e2d}\"\r\n"
        );
        let text = text.replace("HKLM", "HKEY_LOCAL_MACHINE").replace("HKCU", "HKEY_CURRENT_USER");
        fs::write(&file, text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())
            .unwrap();
        stage.reg(&["import", &windows_path(&file)]);
        let before = [NETWORK, OVERRIDES].map(exported);
        let (installed, said) = mpr(&["wine", "install", "--dll", stage.dlls()]);
        assert!(installed, "{said}");
        let (whole, said) = mpr(&["wine", "status"]);
        let place = bridge.to_str().unwrap();
        assert!(
            whole && said.contains(place) && said.contains(&format!("{names},mprunix")),
            "{said}"
        );
        stage.uninstall();
        assert_eq!([NETWORK, OVERRIDES].map(exported), before, "{order}");
    }
}

fn utf_16(bytes: &[u8]) -> String {
    let pairs = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    String::from_utf16(&pairs.collect::<Vec<_>>()).unwrap()
}

/// It could not be put back.
#[test]
fn what_is_no_text_is_refused() {
    let Some(stage) = stage("what_is_no_text_is_refused") else { return };
    for (key, name) in [(ORDER, "ProviderOrder"), (OVERRIDES, "net.exe")] {
        stage.reg(&["add", key, "/v", name, "/t", "REG_DWORD", "/d", "5", "/f"]);
        let before = state(&stage);
        let (installed, said) = stage.mpr(&["wine", "install", "--dll", stage.dlls()]);
        assert!(!installed && said.contains(name) && said.contains("is no text"), "{said}");
        assert!(stage.uninstall().contains("nothing of OpenMPR"));
        assert_same(&before, &stage, name);
        Bare::clear(&stage);
    }
    // It came after ours.
    stage.install();
    stage.reg(&["add", ORDER, "/v", "ProviderOrder", "/t", "REG_DWORD", "/d", "5", "/f"]);
    let order = stage.query(ORDER);
    stage.uninstall();
    assert_eq!(stage.query(ORDER), order);
}

#[test]
fn a_foreign_router_comes_back() {
    let Some(stage) = stage("a_foreign_router_comes_back") else { return };
    let place = system(&stage).join("mpr.dll");
    let foreign = Path::new(stage.dlls()).join("x86_64").join(FOREIGN);
    fs::copy(foreign, &place).unwrap();
    for word in ["native", "native,builtin", "builtin"] {
        stage.reg(&["add", OVERRIDES, "/v", "mpr", "/d", word, "/f"]);
        let before = state(&stage);
        stage.install();
        stage.install();
        assert!(is_ready(&stage), "{word}");
        stage.uninstall();
        assert_same(&before, &stage, word);
        assert!(!is_ready(&stage), "{word}");
    }
}

/// Whoever is killed, at whatever moment, leaves a prefix in which programs start, and that both
/// the next installing and the next uninstalling make good.
#[test]
fn who_is_killed_is_made_good() {
    let Some(stage) = stage("who_is_killed_is_made_good") else { return };
    stage.reg(&["add", OVERRIDES, "/v", "mpr", "/d", "native,builtin", "/f"]);
    let before = state(&stage);
    let install = ["wine", "install", "--dll", stage.dlls()];
    let begun = Instant::now();
    stage.install();
    let whole = begun.elapsed();
    for step in 0..8 {
        let (words, first) = if step % 2 == 0 {
            stage.uninstall();
            (&install[..], "installing")
        } else {
            stage.install();
            (&["wine", "uninstall"][..], "uninstalling")
        };
        let mut command = stage.mpr_command(words);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.process_group(0).spawn().unwrap();
        // Any moment will do.
        std::thread::sleep(whole.mul_f64(f64::from(step) / 8.0).min(Duration::from_secs(5)));
        let group = format!("-{}", child.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status();
        let _ = child.wait().unwrap();
        stage.reg(&["query", r"HKLM\Software"]);
        if step % 4 < 2 {
            stage.install();
            assert!(is_ready(&stage), "step {step}, {first}");
        }
        stage.uninstall();
        assert_same(&before, &stage, &format!("step {step}, {first}"));
    }
}

#[test]
fn what_is_no_prefix_is_refused() {
    let Some(stage) = stage("what_is_no_prefix_is_refused") else { return };
    let root = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let folder = root.path().join(name);
        fs::create_dir_all(folder.join("dosdevices")).unwrap();
        fs::create_dir_all(folder.join("drive_c/windows/system32")).unwrap();
        folder
    };
    fs::create_dir(root.path().join("empty")).unwrap();
    fs::write(root.path().join("file"), "").unwrap();
    let narrow = make("narrow");
    let foreign = make("foreign");
    let mut cases = vec![
        ("missing", "no prefix at"),
        ("empty", "is no Wine prefix"),
        ("file", "is no Wine prefix"),
    ];
    if !["/usr/lib/wine/wine", "/usr/bin/wine"].iter().any(|it| Path::new(it).exists()) {
        cases.push(("narrow", "Wine for 32-bit programs is not installed"));
    }
    if mpr_testkit::give(&foreign).is_ok() && mpr_testkit::server_uid() == 65534 {
        cases.push(("foreign", "belongs to another user"));
    }
    for (name, text) in cases {
        let folder = root.path().join(name);
        for action in ["install", "uninstall", "status"] {
            let words = ["wine", action, "--prefix", folder.to_str().unwrap()];
            let (done, said) = stage.mpr(&words);
            assert!(!done && said.contains(text), "{name} {action}: {said}");
        }
    }
    let files = |folder: PathBuf| fs::read_dir(folder).unwrap().count();
    assert_eq!(files(narrow.join("drive_c/windows/system32")), 0);
}

/// A folder that nobody can write to is left as it is.
#[test]
fn a_prefix_that_cannot_be_written() {
    let Some(stage) = stage("a_prefix_that_cannot_be_written") else { return };
    let before = state(&stage);
    let fixed = system(&stage);
    let mount = format!("mount --bind {0} {0} && mount -o remount,bind,ro {0}", fixed.display());
    let run = |words: &[&str]| {
        let mpr = stage.mpr_command(words);
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", &format!("{mount} && exec \"$0\" \"$@\"")]);
        command.arg(mpr.get_program()).args(mpr.get_args());
        for (name, value) in mpr.get_envs().filter_map(|(name, value)| Some((name, value?))) {
            command.env(name, value);
        }
        command.output().unwrap()
    };
    if !Command::new("unshare").args(["-m", "true"]).status().is_ok_and(|it| it.success()) {
        return skip::skip("a_prefix_that_cannot_be_written", "only root mounts");
    }
    let refused = run(&["wine", "install", "--dll", stage.dlls()]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("Read-only file system"), "{said}");
    assert_same(&before, &stage, "refused");
}
