//! What `net use` prints of connections.

/// A connection, as mpr.dll lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Empty: without a device.
    pub(crate) local: String,
    pub(crate) remote: String,
    pub(crate) provider: String,
    /// `RESOURCETYPE_*`.
    pub(crate) kind: u32,
    pub(crate) connected: bool,
}

impl Entry {
    fn state(&self) -> &'static str {
        if self.connected { "OK" } else { "Unavailable" }
    }
}

/// Puts together what is connected and what is only remembered.
pub(crate) fn joined(connected: Vec<Entry>, remembered: Vec<Entry>) -> Vec<Entry> {
    let mut all = connected;
    for entry in remembered {
        let same = |it: &Entry| it.local.eq_ignore_ascii_case(&entry.local);
        if !all.iter().any(same) {
            all.push(entry);
        }
    }
    all
}

/// Prints the table.
pub(crate) fn table(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "There are no entries in the list.\n".into();
    }
    let line = |[state, local, remote, network]: [&str; 4]| {
        // A name that is too long for its column has the rest on a line of its own.
        let split = if remote.chars().count() > 25 { format!("\n{:50}", "") } else { " ".into() };
        format!("{state:12} {local:9} {remote:25}{split}{network}\n")
    };
    let mut text = String::from("\n");
    text += &line(["Status", "Local", "Remote", "Network"]);
    text += &format!("\n{}\n", "-".repeat(79));
    for it in entries {
        text += &line([it.state(), &it.local, &it.remote, &it.provider]);
    }
    text
}

/// Prints one connection.
pub(crate) fn one(entry: &Entry) -> String {
    let kind = match entry.kind {
        1 => "Disk",
        2 => "Print",
        _ => "Any",
    };
    let lines = [
        ("Local name", entry.local.as_str()),
        ("Remote name", &entry.remote),
        ("Resource type", kind),
        ("Status", entry.state()),
        ("Network", &entry.provider),
    ];
    lines.iter().map(|(name, value)| format!("{name:17} {value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(local: &str, remote: &str, connected: bool) -> Entry {
        let (local, remote) = (local.to_owned(), remote.to_owned());
        Entry { local, remote, provider: "P".into(), kind: 1, connected }
    }

    #[test]
    fn connected_and_remembered_are_one_table() {
        let connected = vec![entry("X:", r"\\srv\share", true), entry("", r"\\srv\other", true)];
        let remembered = vec![entry("x:", r"\\srv\share", false), entry("Y:", r"\\y\y", false)];
        let long = r"\\srv\a very long name of a share";
        let mut all = joined(connected, remembered);
        all.push(entry("Z:", long, true));
        let table = table(&all);
        let lines: Vec<&str> = table.lines().skip(4).collect();
        assert_eq!(
            lines,
            [
                r"OK           X:        \\srv\share               P",
                r"OK                     \\srv\other               P",
                r"Unavailable  Y:        \\y\y                     P",
                &format!("OK           Z:        {long}"),
                &format!("{:50}P", ""),
            ]
        );
        assert!(one(&all[0]).contains("Resource type     Disk\nStatus            OK\n"));
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        assert_eq!(table(&[]), "There are no entries in the list.\n");
    }
}
