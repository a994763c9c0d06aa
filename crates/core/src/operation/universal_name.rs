//! Naming a path on a redirected device so that every computer understands it.

use crate::error::{Error, WnError};
use crate::name::LocalName;
use crate::resource::{InfoLevel, UniversalName};
use crate::router::Router;
use crate::trace::{Note, Phase, Trace};
use crate::wide::{Wide, WideString};

impl Router {
    /// Returns the universal name of a path such as `S:\docs\a.txt`; it need not exist.
    ///
    /// If the provider cannot say, level 2 is built from the remote name, and level 1 is
    /// `NOT_SUPPORTED` (U68). On Unix a path below a path local name counts too.
    #[doc(alias = "WNetGetUniversalName")]
    pub fn universal_name(
        &self,
        path: Wide<'_>,
        level: InfoLevel,
        trace: &mut dyn Trace,
    ) -> Result<UniversalName, Error> {
        let (local, rest) = self.split_path(path, trace)?;
        // Devices reach providers upper-case (npapi.md §3).
        let mut spelled = WideString::from(local.as_wide());
        spelled.push(rest);
        self.ask_owner(&local, trace, |index, trace| {
            let answer = self.ask(index, trace, Phase::Query, Note::Stopped, |it| {
                it.universal_name(spelled.as_wide(), level)
            });
            match answer {
                Ok(name) => Ok(name),
                Err(error) if error.code == WnError::NOT_SUPPORTED => {
                    let remote = self
                        .ask(index, trace, Phase::GetConnection, Note::Stopped, |it| {
                            it.connection(local.as_wide())
                        })
                        .map_err(|error| Error::provider(index, error))?;
                    synthesise(remote.as_wide(), rest, level)
                }
                Err(error) => Err(Error::provider(index, error)),
            }
        })
    }

    /// Splits a path into its local name and the rest; `BAD_DEVICE` if it has none.
    fn split_path<'a>(
        &self,
        path: Wide<'a>,
        trace: &mut dyn Trace,
    ) -> Result<(LocalName<'a>, Wide<'a>), Error> {
        if path.starts_with("/") {
            let whole = self.parse_local(path)?;
            let units = path.units();
            let mut end = whole.as_wide().len();
            while end > 1 {
                let head = self.parse_local(Wide::new(&units[..end]))?;
                if self.owner(head.as_wide(), trace).is_ok() {
                    return Ok((head, path.slice_from(end)));
                }
                end = units[..end].iter().rposition(|&unit| unit == 0x2f).unwrap_or(0);
            }
            return Ok((whole, Wide::default()));
        }
        let (head, rest) = path.units().split_at(path.len().min(2));
        let rest = Wide::new(rest);
        let local = self.parse_local(Wide::new(head))?;
        let separated = rest.is_empty() || rest.starts_with("\\") || rest.starts_with("/");
        if separated { Ok((local, rest)) } else { Err(WnError::BAD_DEVICE.into()) }
    }
}

fn synthesise(remote: Wide<'_>, rest: Wide<'_>, level: InfoLevel) -> Result<UniversalName, Error> {
    if level == InfoLevel::UniversalName {
        return Err(WnError::NOT_SUPPORTED.into());
    }
    let connection = remote.trim_trailing_backslash();
    let backslashes = |&unit: &u16| if unit == 0x2f { 0x5c } else { unit };
    let remaining: alloc::vec::Vec<u16> = rest.units().iter().map(backslashes).collect();
    let universal = remote.starts_with(r"\\").then(|| {
        let mut name = connection.to_wide_string();
        name.push(Wide::new(&remaining));
        name
    });
    Ok(UniversalName {
        universal,
        connection: Some(connection.into()),
        remaining: Some(WideString::from(remaining)),
    })
}
