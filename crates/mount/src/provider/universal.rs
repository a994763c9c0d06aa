//! Universal names: from a path on a connection to the name that means it everywhere.

use std::path::Path;

use mpr_core::{DeviceName, InfoLevel, ProviderError, UniversalName, Wide, WideString, WnError};

use super::MountProvider;
use crate::network::{Network, Resource};

impl<N: Network> MountProvider<N> {
    pub(super) fn universal(
        &self,
        path: Wide<'_>,
        level: InfoLevel,
    ) -> Result<UniversalName, ProviderError> {
        let text = String::from_utf16(path.units()).map_err(|_| WnError::BAD_DEVICE)?;
        let (entry, rest) = if text.starts_with('/') {
            let entry = self.table()?.holding(Path::new(&text)).cloned();
            let entry = entry.ok_or(WnError::NOT_CONNECTED)?;
            let rest = Path::new(&text).strip_prefix(&entry.mountpoint).unwrap_or(Path::new(""));
            let rest = rest.to_string_lossy().into_owned();
            (entry, rest)
        } else {
            let (device, rest) = text.split_at_checked(2).ok_or(WnError::BAD_DEVICE)?;
            if !rest.is_empty() && !rest.starts_with(['\\', '/']) {
                return Err(WnError::BAD_DEVICE.into());
            }
            DeviceName::parse(WideString::from(device).as_wide())?;
            let (_, entry) = self.mounted(WideString::from(device).as_wide())?;
            (entry, rest.to_owned())
        };
        let remote = N::Resource::parse(&entry.source).ok_or(WnError::BAD_NET_NAME)?;
        let rest = rest.replace('/', "\\");
        let rest = match rest.trim_start_matches('\\') {
            "" => String::new(),
            rest => format!(r"\{rest}"),
        };
        let universal = Some((remote.unc() + &rest).into());
        Ok(match level {
            InfoLevel::UniversalName => UniversalName { universal, ..UniversalName::default() },
            InfoLevel::RemoteName => UniversalName {
                universal,
                connection: Some(remote.unc().into()),
                remaining: Some(rest.into()),
            },
        })
    }
}
