//! What `mpr.dll` imports and exports, and its size (design §5).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{Done, at, output, root};
use crate::setup;
use crate::windows::{self, Arch};

/// All that it may import. No user32, which would cost every program 17 ms at its start; no
/// bcryptprimitives, which Wine 8 has not.
const IMPORTS: &[&str] = &["kernel32.dll", "ntdll.dll", "advapi32.dll", "msvcrt.dll"];
const IMPORTS_BEGIN: &str = "api-ms-win-core-synch";
/// Bytes.
const LARGEST: u64 = 600 * 1024;

/// Builds and checks both DLLs, and what the provider for Wine imports.
pub(crate) fn check() -> Done {
    setup::require(setup::WINDOWS)?;
    let listed = listed()?;
    for arch in Arch::ALL {
        let file = windows::dll(arch)?;
        let said = examined(arch, &file)?;
        exports(&said, &listed).map_err(|what| format!("{}: {what}", file.display()))?;
        let size = at(&file, fs::metadata(&file))?.len();
        if size > LARGEST {
            return Err(format!("{} has {size} bytes", file.display()));
        }
        examined(arch, &windows::provider(arch)?)?;
    }
    matrix(&listed)
}

/// Returns what `objdump` says of a DLL, after checking what it imports.
fn examined(arch: Arch, file: &Path) -> Done<String> {
    let said = output(Command::new(arch.tool("objdump")).arg("-p").arg(file))?;
    imports(&said).map_err(|what| format!("{}: {what}", file.display()))?;
    Ok(said)
}

fn imports(said: &str) -> Done {
    let names: Vec<String> = said
        .lines()
        .filter_map(|line| line.trim().strip_prefix("DLL Name: "))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let known =
        |name: &&String| IMPORTS.contains(&name.as_str()) || name.starts_with(IMPORTS_BEGIN);
    match names.iter().find(|name| !known(name)) {
        Some(name) => Err(format!("imports {name}")),
        None if names.is_empty() => Err("imports nothing, or objdump says it otherwise".into()),
        None => Ok(()),
    }
}

/// Compares the named exports with their numbers, and how many addresses there are.
fn exports(said: &str, listed: &BTreeMap<String, Export>) -> Done {
    let (_, addresses) =
        said.split_once("Export Address Table -- Ordinal Base ").unwrap_or_default();
    let (addresses, names) =
        addresses.split_once("[Ordinal/Name Pointer] Table").unwrap_or_default();
    let base = addresses.lines().next().and_then(|base| base.trim().parse().ok()).unwrap_or(0);
    let found: BTreeMap<&str, u32> =
        names.lines().filter_map(named).map(|(name, place)| (name, base + place)).collect();
    let wanted = listed.iter().filter(|(_, export)| export.named);
    let wanted: BTreeMap<&str, u32> = wanted.map(|(name, it)| (name.as_str(), it.number)).collect();
    for (name, number) in &wanted {
        match found.get(name) {
            Some(found) if found == number => {}
            Some(found) => return Err(format!("exports {name} as {found}, not as {number}")),
            None => return Err(format!("does not export {name}")),
        }
    }
    if let Some(name) = found.keys().find(|name| !wanted.contains_key(*name)) {
        return Err(format!("exports {name}, which mpr.def has not"));
    }
    let count = addresses.lines().filter(|line| line.ends_with(" Export RVA")).count();
    if count == listed.len() {
        Ok(())
    } else {
        Err(format!("has {count} exports with and without names, mpr.def has {}", listed.len()))
    }
}

/// Reads `[   9] Name`, or `[   9] +base[  10]  0000 Name` as newer tools print it.
fn named(line: &str) -> Option<(&str, u32)> {
    let (place, rest) = line.trim().strip_prefix('[')?.split_once(']')?;
    Some((rest.split_whitespace().next_back()?, place.trim().parse().ok()?))
}

/// One line of `mpr.def`.
struct Export {
    number: u32,
    named: bool,
}

fn listed() -> Done<BTreeMap<String, Export>> {
    let file = root().join("crates/capi/mpr.def");
    let text = at(&file, fs::read_to_string(&file))?;
    let exports = text.lines().filter_map(|line| {
        let (name, rest) = line.trim().split_once(" @")?;
        let number = rest.split(' ').next()?.parse().ok()?;
        Some((name.to_owned(), Export { number, named: !rest.ends_with(" NONAME") }))
    });
    Ok(exports.collect())
}

/// What libmpr.so exports is in mpr.dll too, and MATRIX.md says something of each.
fn matrix(listed: &BTreeMap<String, Export>) -> Done {
    let read = |path: &Path| at(path, fs::read_to_string(path));
    let map = read(&root().join("crates/capi/mpr.map"))?;
    let names = map.lines().filter_map(|line| line.trim().strip_suffix(';'));
    let names = names.filter(|name| name.starts_with("WNet") || name.starts_with("Multinet"));
    for name in names {
        if !listed.contains_key(name) {
            return Err(format!("mpr.def has no {name}, which mpr.map has"));
        }
    }
    let matrix = read(&root().join("MATRIX.md"))?;
    match listed.keys().find(|name| !matrix.contains(&format!("`{name}`"))) {
        Some(name) => Err(format!("MATRIX.md does not say anything of {name}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_known() {
        assert_eq!(imports("\tDLL Name: KERNEL32.dll\n\tDLL Name: msvcrt.dll\n"), Ok(()));
        assert_eq!(imports("\tDLL Name: USER32.dll\n"), Err("imports user32.dll".into()));
        assert!(imports("").is_err());
    }

    #[test]
    fn names_have_numbers() {
        assert_eq!(named("\t[   9] MultinetX"), Some(("MultinetX", 9)));
        assert_eq!(named("\t[   9] +base[  10]  0000 MultinetX"), Some(("MultinetX", 9)));
        assert_eq!(named("The Base Relocations"), None);
    }
}
