//! What is written beside a mount, so that a Windows program can name it without asking anybody:
//! `RUNTIME-wine/PREFIX/X.note`.
//!
//! A note is believed as far as the mount table confirms it: only while something of this source is
//! mounted there. It has no password.

/// A connection, as far as the mount table does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The source of the mount that it is about.
    pub source: String,
    /// The remote name as it was given; a mount may have it in another spelling.
    pub remote: String,
    /// The remote name as Windows spells it; empty if the provider has no such spelling.
    pub unc: String,
    /// The user that it was made for; empty if none was named.
    pub user: String,
}

impl Note {
    /// Returns the text of the file.
    pub fn text(&self) -> String {
        let Self { source, remote, unc, user } = self;
        format!("source={source}\nremote={remote}\nunc={unc}\nuser={user}\n")
    }

    /// Reads a file; lines that are not known are for later versions.
    pub fn parse(text: &str) -> Self {
        let mut note = Self::default();
        for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
            match key {
                "source" => value.clone_into(&mut note.source),
                "remote" => value.clone_into(&mut note.remote),
                "unc" => value.clone_into(&mut note.unc),
                "user" => value.clone_into(&mut note.user),
                _ => {}
            }
        }
        note
    }

    /// Tells whether it can be written: no value goes over several lines.
    pub fn fits(&self) -> bool {
        let values = [&self.source, &self.remote, &self.unc, &self.user];
        values.iter().all(|value| !value.contains(['\n', '\r']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_survive() {
        let note = Note {
            source: "https://h/a=b".into(),
            remote: r"\\h@SSL\a=b".into(),
            unc: r"\\h@SSL\DavWWWRoot\a=b".into(),
            user: String::new(),
        };
        assert!(note.fits());
        assert_eq!(Note::parse(&note.text()), note);
        assert_eq!(Note::parse("junk\nsource=x\nnew=1\n").source, "x");
        assert!(!Note { user: "a\nunc=b".into(), ..note }.fits());
    }
}
