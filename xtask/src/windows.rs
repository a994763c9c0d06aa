//! Building for Windows: the toolchain, `mpr.dll`, and modules in Rust.
//!
//! `mpr.dll` is linked as `libmpr.so` is, from a static archive by the C compiler, so that one file
//! (`mpr.def`) lists its exports and their numbers; a cdylib would add a list of rustc's own. It
//! also needs no start-up objects of Rust's, which Debian has not for 32 bit. So is the provider.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Done, at, cargo, output, root, run, target};

/// What a DLL is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arch {
    /// 64 bit; tested under Wine.
    X64,
    /// 32 bit; built, and its imports and exports checked.
    X86,
}

impl Arch {
    pub(crate) const ALL: [Self; 2] = [Self::X64, Self::X86];

    /// Returns the word that triples begin with.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::X64 => "x86_64",
            Self::X86 => "i686",
        }
    }

    /// Returns the name of one of mingw-w64's tools.
    pub(crate) fn tool(self, tool: &str) -> String {
        format!("{}-w64-mingw32-{tool}", self.name())
    }
}

/// Where Debian's compiler and the sources of its standard library are.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";

/// How Rust becomes Windows code.
enum Toolchain {
    /// The toolchain that runs us has the target.
    Installed(String),
    /// Debian's compiler makes the standard library too. The target is that of Windows 7: other
    /// ones import a DLL that Wine 8 has not (dependencies.md, W1).
    BuildStd(String),
}

impl Toolchain {
    fn find(arch: Arch) -> Done<Self> {
        let target = format!("{}-pc-windows-gnu", arch.name());
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let sysroot = output(Command::new(rustc).args(["--print", "sysroot"]))?;
        if Path::new(sysroot.trim()).join("lib/rustlib").join(&target).join("lib").exists() {
            return Ok(Self::Installed(target));
        }
        if Path::new(DEBIAN_RUSTC).exists() && Path::new(DEBIAN_LIBRARY).exists() {
            return Ok(Self::BuildStd(format!("{}-win7-windows-gnu", arch.name())));
        }
        Err(format!(
            "no Rust for {target}: run `cargo xtask setup`, or `rustup target add {target}`"
        ))
    }

    fn target(&self) -> &str {
        match self {
            Self::Installed(target) | Self::BuildStd(target) => target,
        }
    }

    /// Returns a cargo that builds for Windows, small, in a target folder of its own: another
    /// compiler's build scripts and macros must not mix with ours (W4).
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = cargo(arguments);
        cargo.args(["--quiet", "--profile", "small", "--target", self.target(), "--target-dir"]);
        cargo.arg(folder());
        if let Self::BuildStd(_) = self {
            // Of the compiler that runs us nothing may be left: cargo would take its flags.
            cargo
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTC_BOOTSTRAP", "1")
                .env_remove("RUSTUP_TOOLCHAIN");
            cargo.env_remove("RUSTFLAGS");
            cargo.args(["-Zbuild-std=std,panic_unwind", "-Zbuild-std-features=optimize_for_size"]);
        }
        cargo
    }

    fn built(&self, file: &str) -> PathBuf {
        folder().join(self.target()).join("small").join(file)
    }
}

/// Returns the target folder for Windows.
pub(crate) fn folder() -> PathBuf {
    target().join("windows")
}

/// Returns the folder that `mpr.dll` and Rust modules are laid out in.
pub(crate) fn staged(arch: Arch) -> PathBuf {
    folder().join("stage").join(arch.name())
}

/// Builds `mpr.dll` for both, and the sample modules for the one that they can be run on; returns
/// the folder with one folder for each.
pub(crate) fn stage() -> Done<PathBuf> {
    for arch in Arch::ALL {
        for_wine(arch)?;
    }
    module(Arch::X64, "provider_sample")?;
    module(Arch::X64, "notify_sample")?;
    Ok(folder().join("stage"))
}

/// Builds what `mpr wine install` puts into a prefix, into a folder; tells whether there is a
/// toolchain for it.
pub(crate) fn install(folder: &Path) -> Done<bool> {
    let has_tools = |arch: Arch| {
        let linker = output(Command::new(arch.tool("gcc")).arg("--version"));
        Toolchain::find(arch).is_ok() && linker.is_ok()
    };
    if !Arch::ALL.into_iter().all(has_tools) {
        return Ok(false);
    }
    for arch in Arch::ALL {
        let folder = folder.join(arch.name());
        at(&folder, fs::create_dir_all(&folder))?;
        for file in for_wine(arch)? {
            let to = folder.join(file.file_name().unwrap_or_default());
            at(&to, fs::copy(&file, &to))?;
        }
    }
    Ok(true)
}

/// Builds what a prefix gets for programs of one kind.
fn for_wine(arch: Arch) -> Done<[PathBuf; 3]> {
    Ok([dll(arch)?, provider(arch)?, net(arch)?])
}

/// Builds `mpr.dll`; returns the file.
pub(crate) fn dll(arch: Arch) -> Done<PathBuf> {
    linked(arch, "mpr-capi", "mpr", "crates/capi/mpr.def")
}

/// Builds the provider for Wine; returns the file.
pub(crate) fn provider(arch: Arch) -> Done<PathBuf> {
    linked(arch, "mprunix", "mprunix", "providers/mprunix/mprunix.def")
}

/// Builds `net.exe`; returns the file.
pub(crate) fn net(arch: Arch) -> Done<PathBuf> {
    let archive = archive(arch, "mpr-net", "net")?;
    link(arch, "net.exe", |gcc| gcc.arg(archive).arg("-lmpr"))
}

/// Builds a package and links it with its list of exports.
fn linked(arch: Arch, package: &str, name: &str, exports: &str) -> Done<PathBuf> {
    let archive = archive(arch, package, name)?;
    link(arch, &format!("{name}.dll"), |gcc| {
        gcc.args(["-shared", "-Wl,--enable-stdcall-fixup"])
            .arg(root().join(exports))
            // Whole, since 32-bit functions have names with sizes, which are not looked up in
            // archives.
            .args(["-Wl,--whole-archive".as_ref(), archive.as_os_str()])
            .arg("-Wl,--no-whole-archive")
    })
}

/// Builds a package for a linker that is not rustc's.
fn archive(arch: Arch, package: &str, name: &str) -> Done<PathBuf> {
    let toolchain = Toolchain::find(arch)?;
    // The archive alone: beside another kind, there is no optimisation over all crates.
    let arguments = ["rustc", "-p", package, "--lib", "--crate-type", "staticlib"];
    run(&mut toolchain.cargo(&arguments))?;
    Ok(toolchain.built(&format!("lib{name}.a")))
}

fn link(arch: Arch, name: &str, of: impl FnOnce(&mut Command) -> &mut Command) -> Done<PathBuf> {
    let (file, beside) = place(arch, name)?;
    let mut gcc = Command::new(arch.tool("gcc"));
    gcc.args(["-static-libgcc", "-s", "-Wl,--gc-sections", "-Wl,--no-insert-timestamp"])
        .args(["-Wl,--nxcompat", "-Wl,--dynamicbase", "-o"])
        .arg(&beside);
    run(of(&mut gcc).args(["-ladvapi32", "-lntdll", "-lkernel32"]))?;
    at(&file, fs::rename(&beside, &file))?;
    Ok(file)
}

/// Builds a module in Rust, a package that is a cdylib; returns the file.
pub(crate) fn module(arch: Arch, package: &str) -> Done<PathBuf> {
    let toolchain = Toolchain::find(arch)?;
    run(&mut toolchain.cargo(&["build", "-p", package, "--lib"]))?;
    let name = format!("{package}.dll");
    let (file, beside) = place(arch, &name)?;
    let built = toolchain.built(&name);
    at(&built, fs::copy(&built, &beside))?;
    at(&file, fs::rename(&beside, &file))?;
    Ok(file)
}

/// Returns the place of a file and one beside it, so that nobody sees half of it.
fn place(arch: Arch, name: &str) -> Done<(PathBuf, PathBuf)> {
    let folder = staged(arch);
    at(&folder, fs::create_dir_all(&folder))?;
    Ok((folder.join(name), folder.join(format!("{name}.new"))))
}
