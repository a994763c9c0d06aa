//! What is installed for people to read: manual pages, and what shells complete.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::{Done, at, output, root};

/// The package that makes manual pages of Markdown.
pub(crate) const CONVERTER: &str = "go-md2man";

/// Makes the manual pages, below `share/man`.
pub(crate) fn pages(share: &Path) -> Done {
    let folder = root().join("docs/man");
    let entries: Result<Vec<_>, _> = at(&folder, fs::read_dir(&folder))?.collect();
    for entry in at(&folder, entries)? {
        let file = entry.path();
        let text = at(&file, fs::read_to_string(&file))?;
        let (title, rest) = text.split_once('\n').unwrap_or_default();
        let named = title.strip_prefix("# ").and_then(|it| it.strip_suffix(')')?.split_once('('));
        let (name, section) = named.ok_or(format!("{}: no `# name(section)`", file.display()))?;
        let page = roff(&format!(
            "# {name} {section} \"\" \"OpenMPR {}\"\n{rest}",
            env!("CARGO_PKG_VERSION")
        ))?;
        if !page.contains(".SH NAME\n") {
            return Err(format!("{}: it makes no manual page", file.display()));
        }
        let to = share.join(format!("man/man{section}"));
        at(&to, fs::create_dir_all(&to))?;
        let to = to.join(format!("{name}.{section}"));
        at(&to, fs::write(&to, page))?;
    }
    Ok(())
}

fn roff(markdown: &str) -> Done<String> {
    let failed = |error| format!("cannot run {CONVERTER}: {error}");
    let mut converter = Command::new(CONVERTER);
    let mut child =
        converter.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    // It reads all before it writes.
    child
        .stdin
        .take()
        .map_or(Ok(()), |mut it| it.write_all(markdown.as_bytes()))
        .map_err(failed)?;
    let made = child.wait_with_output().map_err(failed)?;
    match String::from_utf8(made.stdout) {
        Ok(page) if made.status.success() => Ok(page),
        _ => Err(format!("{CONVERTER} ended with {}", made.status)),
    }
}

/// Has the command write what shells complete, where they look for it below `share`.
pub(crate) fn completions(mpr: &Path, share: &Path) -> Done {
    for (shell, file) in [
        ("bash", "bash-completion/completions/mpr"),
        ("zsh", "zsh/site-functions/_mpr"),
        ("fish", "fish/vendor_completions.d/mpr.fish"),
    ] {
        let text = output(Command::new(mpr).args(["completions", shell]))?;
        let file = share.join(file);
        let folder = file.parent().unwrap_or(share);
        at(folder, fs::create_dir_all(folder))?;
        at(&file, fs::write(&file, text))?;
    }
    Ok(())
}
