//! Names of the sample network: `\\sample\share\rest`.

use mpr_core::{Wide, WideString, WnError};

use crate::network;

/// A remote name of this network, in its parts.
pub(crate) struct Remote<'a> {
    /// Server and share, the connectable part.
    pub(crate) resource: Wide<'a>,
    /// The share, if the name goes that far.
    pub(crate) share: Option<Wide<'a>>,
    /// What follows the share, from its backslash on.
    pub(crate) rest: Wide<'a>,
}

impl<'a> Remote<'a> {
    /// Parses a remote name; `BAD_NET_NAME` for any other network's.
    pub(crate) fn parse(name: Wide<'a>) -> Result<Self, WnError> {
        let name = name.trim_trailing_backslash();
        let server = WideString::from(network::SERVER);
        let after = below(name, server.as_wide()).ok_or(WnError::BAD_NET_NAME)?;
        if after.is_empty() {
            return Ok(Self { resource: name, share: None, rest: after });
        }
        let share = after.slice_from(1);
        let length = share.units().iter().position(|&unit| is_separator(unit));
        let length = length.unwrap_or(share.len());
        if length == 0 {
            return Err(WnError::BAD_NET_NAME);
        }
        Ok(Self {
            resource: Wide::new(&name.units()[..name.len() - share.len() + length]),
            share: Some(Wide::new(&share.units()[..length])),
            rest: share.slice_from(length),
        })
    }
}

/// Returns what follows `head` in `name`: nothing, or a path from its separator on.
pub(crate) fn below<'a>(name: Wide<'a>, head: Wide<'_>) -> Option<Wide<'a>> {
    let start = name.units().get(..head.len())?;
    let rest = name.slice_from(head.len());
    let at_border = rest.units().first().is_none_or(|&unit| is_separator(unit));
    (at_border && Wide::new(start).eq_ignore_case(head)).then_some(rest)
}

/// Compares two names, case and a trailing backslash apart.
pub(crate) fn same(a: Wide<'_>, b: Wide<'_>) -> bool {
    a.trim_trailing_backslash().eq_ignore_case(b.trim_trailing_backslash())
}

/// An empty name is an absent one.
pub(crate) fn filled(name: Option<Wide<'_>>) -> Option<Wide<'_>> {
    name.filter(|name| !name.is_empty())
}

fn is_separator(unit: u16) -> bool {
    unit == u16::from(b'\\') || unit == u16::from(b'/')
}
