//! Paths as the server wants them.

use mpr_engine::{Fault, FaultKind, RemotePath};
use smb2::name::encode_name;

/// Longest name that servers take, in UTF-16 units.
const LONGEST_NAME: usize = 255;

/// Returns a path on the share, below the directory that is mounted. What SMB forbids in names is
/// mapped to characters that stand for it, as other clients do.
pub(crate) fn wire_path(base: &str, path: &RemotePath) -> Result<String, Fault> {
    let mut wire = base.to_owned();
    for part in path.parts() {
        let part = std::str::from_utf8(part)
            .map_err(|_| Fault::new(FaultKind::BadName, "the name is not UTF-8"))?;
        if part.encode_utf16().count() > LONGEST_NAME {
            return Err(FaultKind::NameTooLong.into());
        }
        push(&mut wire, part);
    }
    Ok(wire)
}

/// Returns the path of the directory that is mounted.
pub(crate) fn base_path(parts: &[String]) -> String {
    let mut wire = String::new();
    for part in parts {
        push(&mut wire, part);
    }
    wire
}

fn push(wire: &mut String, part: &str) {
    if !wire.is_empty() {
        wire.push('\\');
    }
    wire.push_str(&encode_name(part));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_mapped_or_refused() {
        let base = base_path(&["a b".to_owned(), "c.".to_owned()]);
        assert_eq!(base, "a b\\c\u{F029}");
        let root = RemotePath::root();
        assert_eq!(wire_path(&base, &root).as_deref(), Ok(base.as_str()));
        let path = root.join(b"x").join(b"who?\\");
        assert_eq!(wire_path("", &path).as_deref(), Ok("x\\who\u{F025}\u{F026}"));
        let kind = |name: &[u8]| wire_path("", &root.join(name)).map_err(|fault| fault.kind);
        assert_eq!(kind(b"\xff"), Err(FaultKind::BadName));
        assert_eq!(kind(&[b'x'; 256]), Err(FaultKind::NameTooLong));
        assert!(kind(&[b'x'; 255]).is_ok());
    }
}
