//! The router beside the same provider and notifyee calls made directly, in one run.
//!
//! Each configuration (providers, notifyees) is a process of its own, since the router of a process
//! is composed once. In it, blocks of router calls and blocks of direct calls alternate; figures
//! are medians over the blocks, and only ratios within one process are compared with the bars.
//! `cargo xtask bench` runs it and writes the table.

#![allow(unsafe_code, missing_docs)]

use std::ffi::c_void;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::ptr::null_mut;
use std::time::Instant;

use libloading::Library;
use mpr::export::*;
use mpr_abi::npapi::*;
use mpr_abi::winnetwk::NETRESOURCEW;

const BLOCKS: usize = 41;
const PER_BLOCK: usize = 2000;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("child"), Some(shape)) => child(&shape),
        _ => parent(),
    }
}

/// Makes a root for each configuration and runs it there.
fn parent() {
    let work = std::env::temp_dir().join(format!("mpr-bench-{}", std::process::id()));
    let this = std::env::current_exe().expect("own path");
    println!("providers\tnotifyees\tcase\trouter ns\tdirect ns\tratio\tspread");
    for (providers, notifyees) in [(1, 0), (4, 0), (16, 0), (1, 1), (1, 4), (1, 16), (16, 16)] {
        let root = work.join(format!("{providers}-{notifyees}"));
        make_root(&root, providers, notifyees);
        let status = Command::new(&this)
            .args(["child", &format!("{providers} {notifyees}")])
            .env("MPR_ROOT", &root)
            .status();
        assert!(status.expect("child runs").success());
    }
    fs::remove_dir_all(&work).expect("own folder");
}

fn make_root(root: &Path, providers: usize, notifyees: usize) {
    let etc = root.join("etc/mpr");
    fs::create_dir_all(&etc).expect("root folder");
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/modules");
    let build = |name: &str| {
        let to = root.join(format!("{name}.so"));
        let status = Command::new("gcc")
            .args(["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../include"))
            .arg(modules.join(format!("{name}.c")))
            .arg("-o")
            .arg(&to)
            .status();
        assert!(status.expect("gcc runs").success());
        to
    };
    let (provider, notifyee) = (build("null_provider"), build("null_notifyee"));
    let order: Vec<String> = (0..providers).map(|n| format!("\"null{n}\"")).collect();
    let mut toml = format!("[network-provider]\norder = [{}]\n[notifyees]\n", order.join(", "));
    for n in 0..notifyees {
        let file = root.join(format!("notifyee{n}.so"));
        fs::copy(&notifyee, &file).expect("copy");
        toml += &format!("n{n:02} = {file:?}\n");
    }
    for n in 0..providers {
        let file = provider_file(root, n);
        fs::copy(&provider, &file).expect("copy");
        toml += &format!("[providers.null{n}]\nname = \"Null {n}\"\npath = {file:?}\n");
    }
    fs::write(etc.join("mpr.toml"), toml).expect("settings");
}

fn provider_file(root: &Path, number: usize) -> PathBuf {
    root.join(format!("provider{number}.so"))
}

/// The functions of one provider, called as the router calls them.
struct Direct {
    add: PF_NPAddConnection3,
    cancel: PF_NPCancelConnection,
    get: PF_NPGetConnection,
    open: PF_NPOpenEnum,
    next: PF_NPEnumResource,
    own: unsafe extern "C" fn(u16),
}

fn function<F: Copy>(library: &Library, name: &str) -> F {
    // SAFETY: the modules are ours, and the types are those of the header.
    *unsafe { library.get::<F>(name.as_bytes()) }.expect("exported")
}

impl Direct {
    fn load(file: &Path) -> Self {
        // SAFETY: a module of ours, the same that the router loads.
        let library = unsafe { Library::new(file) }.expect("loads");
        let direct = Self {
            add: function(&library, "NPAddConnection3"),
            cancel: function(&library, "NPCancelConnection"),
            get: function(&library, "NPGetConnection"),
            open: function(&library, "NPOpenEnum"),
            next: function(&library, "NPEnumResource"),
            own: function(&library, "BenchOwn"),
        };
        std::mem::forget(library);
        direct
    }

    fn owns(&self, local: &mut [u16; 3]) -> u32 {
        let (mut buffer, mut length) = ([0u16; 64], 64);
        // SAFETY: all three are valid for the call.
        black_box(unsafe { (self.get)(local.as_mut_ptr(), buffer.as_mut_ptr(), &raw mut length) })
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Alternates two ways to do the same and prints their medians.
fn compare(
    shape: &str,
    case: &str,
    per_block: usize,
    mut router: impl FnMut(),
    mut direct: impl FnMut(),
) -> (f64, f64) {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..BLOCKS {
        for (side, run) in [&mut router as &mut dyn FnMut(), &mut direct].into_iter().enumerate() {
            let start = Instant::now();
            for _ in 0..per_block {
                run();
            }
            times[side].push(start.elapsed().as_nanos() as f64 / per_block as f64);
        }
    }
    for side in &mut times {
        side.sort_by(f64::total_cmp);
    }
    let median = |side: &Vec<f64>| side[side.len() / 2];
    let (router, direct) = (median(&times[0]), median(&times[1]));
    let spread = format!("{:.0}-{:.0}", times[0][BLOCKS / 10], times[0][BLOCKS * 9 / 10]);
    let shape = shape.replace(' ', "\t");
    println!("{shape}\t{case}\t{router:.0}\t{direct:.0}\t{:.2}\t{spread}", router / direct);
    (router, direct)
}

fn child(shape: &str) {
    let numbers: Vec<usize> = shape.split(' ').map(|n| n.parse().expect("a number")).collect();
    let (providers, notifyees) = (numbers[0], numbers[1]);
    let root = PathBuf::from(std::env::var_os("MPR_ROOT").expect("set by the parent"));
    let direct: Vec<Direct> =
        (0..providers).map(|n| Direct::load(&provider_file(&root, n))).collect();

    let (mut local, mut remote) = (wide("S:"), wide(r"\\server\share"));
    let mut resource = NETRESOURCEW {
        dwType: 1,
        lpLocalName: local.as_mut_ptr(),
        lpRemoteName: remote.as_mut_ptr(),
        ..NETRESOURCEW::default()
    };
    let resource: *mut NETRESOURCEW = &raw mut resource;
    let name = wide("S:");
    let name_at = name.as_ptr();
    let pair = move || {
        // SAFETY: all pointers are valid for the call.
        let added = unsafe { WNetAddConnection2W(resource, std::ptr::null(), std::ptr::null(), 0) };
        // SAFETY: the name is valid for the call.
        let cancelled = unsafe { WNetCancelConnection2W(name_at, 0, 0) };
        assert_eq!((added, cancelled), (0, 0));
    };
    let add_and_cancel = |owner: usize| {
        let mut device = [b'S'.into(), b':'.into(), 0];
        // What the router asks: is it in use, whose is it, and its last owner whether it still is.
        direct.iter().for_each(|it| _ = it.owns(&mut device));
        for it in &direct[..=owner] {
            // SAFETY: all pointers are valid for the call.
            black_box(unsafe { (it.add)(null_mut(), resource, null_mut(), null_mut(), 0) });
        }
        direct[owner].owns(&mut device);
        // SAFETY: the device is valid for the call.
        black_box(unsafe { (direct[owner].cancel)(device.as_mut_ptr(), 0) });
    };

    if notifyees == 0 {
        compare(shape, "add+cancel, first provider owns it", PER_BLOCK, pair, || add_and_cancel(0));
        if providers > 1 {
            own_last(&direct);
            let case = "add+cancel, last provider owns it";
            compare(shape, case, PER_BLOCK, pair, || add_and_cancel(providers - 1));
            let mut last = wide(&format!("Null {}", providers - 1));
            // SAFETY: the resource lives to the end of this function.
            unsafe { (*resource).lpProvider = last.as_mut_ptr() };
            let case = "add+cancel, last provider is named";
            compare(shape, case, PER_BLOCK, pair, || {
                let mut device = [b'S'.into(), b':'.into(), 0];
                direct.iter().for_each(|it| _ = it.owns(&mut device));
                let it = &direct[providers - 1];
                // SAFETY: all pointers are valid for the call.
                black_box(unsafe { (it.add)(null_mut(), resource, null_mut(), null_mut(), 0) });
                it.owns(&mut device);
                // SAFETY: the device is valid for the call.
                black_box(unsafe { (it.cancel)(device.as_mut_ptr(), 0) });
            });
            // SAFETY: as above.
            unsafe { (*resource).lpProvider = null_mut() };
        }
        queries(shape, &direct, resource);
    } else {
        notified(shape, &root, notifyees, pair, || add_and_cancel(0));
    }
}

/// Lets only the last provider take the share.
fn own_last(direct: &[Direct]) {
    let (last, others) = direct.split_last().expect("a provider");
    // SAFETY: sets a variable of a module of ours.
    others.iter().for_each(|it| unsafe { (it.own)(b'!'.into()) });
    // SAFETY: as above.
    unsafe { (last.own)(0) };
}

/// The pair with notifyees beside provider and notifyee calls.
fn notified(shape: &str, root: &Path, notifyees: usize, pair: impl FnMut(), plain: impl Fn()) {
    let load = |n: usize| -> (PF_AddConnectNotify, PF_CancelConnectNotify) {
        // SAFETY: a module of ours, the same that the router loads.
        let library = unsafe { Library::new(root.join(format!("notifyee{n}.so"))) }.expect("loads");
        let functions =
            (function(&library, "AddConnectNotify"), function(&library, "CancelConnectNotify"));
        std::mem::forget(library);
        functions
    };
    let functions: Vec<_> = (0..notifyees).map(load).collect();
    let (mut add, mut cancel) = (NOTIFYADD::default(), NOTIFYCANCEL::default());
    compare(shape, "add+cancel with notifyees", PER_BLOCK, pair, || {
        plain();
        for (add_notify, cancel_notify) in &functions {
            for status in [NOTIFY_PRE, NOTIFY_POST] {
                let mut info = NOTIFYINFO { dwNotifyStatus: status, ..NOTIFYINFO::default() };
                // SAFETY: both structures are valid for the calls.
                black_box(unsafe { add_notify(&raw mut info, &raw mut add) });
                info.lpContext = null_mut();
                // SAFETY: as above.
                black_box(unsafe { cancel_notify(&raw mut info, &raw mut cancel) });
            }
        }
    });
}

fn queries(shape: &str, direct: &[Direct], resource: *mut NETRESOURCEW) {
    let (hit, miss) = (wide("S:"), wide("T:"));
    // SAFETY: all pointers are valid for the call.
    let connected = unsafe { WNetAddConnection2W(resource, std::ptr::null(), std::ptr::null(), 0) };
    assert_eq!(connected, 0);
    for (case, device, expected) in
        [("GetConnection, hit", &hit, 0), ("GetConnection, miss", &miss, 2250)]
    {
        let ask = || {
            let (mut buffer, mut length) = ([0u16; 64], 64);
            let place = buffer.as_mut_ptr();
            // SAFETY: all three are valid for the call.
            let code = unsafe { WNetGetConnectionW(device.as_ptr(), place, &raw mut length) };
            assert_eq!(code, expected);
        };
        compare(shape, case, PER_BLOCK, ask, || {
            let mut device = [device[0], device[1], 0];
            // Who owned it last is asked first.
            let _ = direct.iter().rev().find(|it| it.owns(&mut device) == 0);
        });
    }
    let open_router = || {
        let mut handle = null_mut();
        // SAFETY: the handle's place is valid for the call.
        assert_eq!(unsafe { WNetOpenEnumW(1, 0, 0, null_mut(), &raw mut handle) }, 0);
        handle
    };
    let mut room = vec![0u64; 2048];
    let mut drain = |next: &dyn Fn(*mut u32, *mut c_void, *mut u32) -> u32| {
        let mut entries = 0;
        loop {
            let (mut count, mut size) = (u32::MAX, 16 * 1024);
            match next(&raw mut count, room.as_mut_ptr().cast(), &raw mut size) {
                0 => entries += count,
                code => {
                    assert_eq!(code, 259);
                    return entries;
                }
            }
        }
    };
    let providers = direct.len() as u32;
    let drain = std::cell::RefCell::new(&mut drain);
    let case = "enumeration of 10,000 entries a provider";
    compare(
        shape,
        case,
        1,
        || {
            let handle = open_router();
            let entries = (drain.borrow_mut())(&|count, buffer, size| {
                // SAFETY: all pointers are valid for the call.
                unsafe { WNetEnumResourceW(handle, count, buffer, size) }
            });
            assert_eq!((entries, WNetCloseEnum(handle)), (10_000 * providers, 0));
        },
        || {
            for it in direct {
                let mut handle = null_mut();
                // SAFETY: the handle's place is valid for the call.
                unsafe { (it.open)(1, 0, 0, null_mut(), &raw mut handle) };
                (drain.borrow_mut())(&|count, buffer, size| {
                    // SAFETY: all pointers are valid for the call.
                    unsafe { (it.next)(handle, count, buffer, size) }
                });
            }
        },
    );
    let name = wide("S:");
    // SAFETY: the name is valid for the call.
    assert_eq!(unsafe { WNetCancelConnection2W(name.as_ptr(), 0, 0) }, 0);
}
