//! What there is on the sample network: one server with a few shares.

use mpr_core::{
    DisplayType, OwnedNetResource, ResourceType, ResourceUsage, Scope, Wide, WideString, WnError,
};

use crate::names::Remote;

/// The network's name.
pub(crate) const NAME: &str = "Sample Network";
/// Its only server.
pub(crate) const SERVER: &str = r"\\sample";
/// Whoever connects without a user name.
pub(crate) const DEFAULT_USER: &str = "sample-user";
/// `WNNC_NET_RDR2SAMPLE`.
pub(crate) const NET_TYPE: u32 = 0x0025_0000;

const SHARES: [(&str, ResourceType); 4] = [
    ("docs", ResourceType::DISK),
    ("music", ResourceType::DISK),
    ("busy", ResourceType::DISK),
    ("printer", ResourceType::PRINT),
];

/// Tells whether a share is one of the network's.
pub(crate) fn exists(share: Wide<'_>) -> bool {
    find(share).is_some()
}

/// Returns the type of a share; shares that are not listed are disks.
pub(crate) fn type_of(share: Wide<'_>) -> ResourceType {
    find(share).map_or(ResourceType::DISK, |(_, resource_type)| resource_type)
}

fn find(share: Wide<'_>) -> Option<(&'static str, ResourceType)> {
    SHARES.into_iter().find(|(name, _)| WideString::from(*name).as_wide().eq_ignore_case(share))
}

/// Lists a container: the top level (absent, empty or our name) or the server.
pub(crate) fn list(
    container: Option<Wide<'_>>,
    usage: ResourceUsage,
) -> Result<Vec<OwnedNetResource>, WnError> {
    let entries = match container {
        None => vec![server()],
        Some(name) if name.is_empty() || name.eq_ignore_case(WideString::from(NAME).as_wide()) => {
            vec![server()]
        }
        Some(name) => match Remote::parse(name)?.share {
            None => SHARES.iter().map(|(share, _)| path(share)).collect(),
            Some(_) => return Err(WnError::NOT_CONTAINER),
        },
    };
    let wanted = |entry: &OwnedNetResource| usage.0 == 0 || entry.usage.intersects(usage);
    Ok(entries.into_iter().filter(wanted).collect())
}

fn path(share: &str) -> OwnedNetResource {
    entry(WideString::from(format!(r"{SERVER}\{share}")).as_wide())
}

/// Describes a share or the server by its name.
pub(crate) fn entry(name: Wide<'_>) -> OwnedNetResource {
    match Remote::parse(name) {
        Ok(Remote { resource, share: Some(share), .. }) => OwnedNetResource {
            scope: Scope::GLOBALNET,
            resource_type: type_of(share),
            display_type: DisplayType::SHARE,
            usage: ResourceUsage::CONNECTABLE | ResourceUsage::NO_LOCAL_DEVICE,
            remote: Some(resource.into()),
            comment: Some(format!("the {share} share").into()),
            provider: Some(NAME.into()),
            ..OwnedNetResource::default()
        },
        _ => server(),
    }
}

/// Describes the server.
pub(crate) fn server() -> OwnedNetResource {
    OwnedNetResource {
        scope: Scope::GLOBALNET,
        display_type: DisplayType::SERVER,
        usage: ResourceUsage::CONTAINER,
        remote: Some(SERVER.into()),
        provider: Some(NAME.into()),
        ..OwnedNetResource::default()
    }
}

/// Describes the network itself, which has no remote name.
pub(crate) fn top() -> OwnedNetResource {
    OwnedNetResource {
        scope: Scope::GLOBALNET,
        display_type: DisplayType::NETWORK,
        usage: ResourceUsage::CONTAINER,
        provider: Some(NAME.into()),
        ..OwnedNetResource::default()
    }
}
