//! Names and numbers of the router as people and programs read them.

use std::path::{Path, PathBuf};

use mpr_core::{
    Availability, DisplayType, LocalName, NetResource, ResourceType, Wide, WideString, WnError,
};
use mpr_platform::Paths;
use serde_json::{Value, json};

/// Tells whether a text is spelled like a local name: `S:`, `LPT1`, an absolute path.
pub(crate) fn is_local(text: &str) -> bool {
    LocalName::parse(WideString::from(text).as_wide(), true).is_ok()
}

/// Returns the directory that a local name stands for; printers and ports have none.
pub(crate) fn directory(paths: &Paths, local: Wide<'_>) -> Option<PathBuf> {
    match LocalName::parse(local, true).ok()? {
        LocalName::Device(device) if device.is_drive() => {
            let letter = device.to_string();
            Some(paths.runtime_dir().join(letter.trim_end_matches(':')))
        }
        LocalName::Device(_) => None,
        LocalName::Path(path) => Some(path.to_string().into()),
    }
}

/// Finds the directory of a deviceless connection, if its provider mounts it.
pub(crate) fn deviceless_directory(paths: &Paths, remote: &str) -> Option<PathBuf> {
    let below = paths.runtime_dir().join("unc");
    let mounts = crate::mounts::ours();
    let same =
        |source: &str| source.trim_end_matches(['/', '\\']) == remote.trim_end_matches(['/', '\\']);
    let found = mounts.into_iter().rev().find(|it| it.path.starts_with(&below) && same(&it.source));
    found.map(|mount| mount.path)
}

/// Returns text, or JSON null.
pub(crate) fn optional(text: Option<Wide<'_>>) -> Value {
    text.filter(|text| !text.is_empty()).map_or(Value::Null, |text| text.to_string().into())
}

/// Returns text, or nothing.
pub(crate) fn shown(text: Option<Wide<'_>>) -> String {
    text.map(|text| text.to_string()).unwrap_or_default()
}

/// Returns a path as JSON.
pub(crate) fn path_json(path: &Path) -> Value {
    path.to_string_lossy().into()
}

/// Returns the word for a resource type.
pub(crate) const fn type_word(kind: ResourceType) -> &'static str {
    match kind {
        ResourceType::DISK => "disk",
        ResourceType::PRINT => "print",
        _ => "any",
    }
}

/// Returns the word for what an entry is.
pub(crate) const fn display_word(display: DisplayType) -> &'static str {
    match display {
        DisplayType::DOMAIN => "domain",
        DisplayType::SERVER => "server",
        DisplayType::SHARE => "share",
        DisplayType::FILE => "file",
        DisplayType::GROUP => "group",
        DisplayType::NETWORK => "network",
        DisplayType::ROOT => "root",
        DisplayType::SHARE_ADMIN => "admin share",
        DisplayType::DIRECTORY => "directory",
        DisplayType::TREE => "tree",
        _ => "generic",
    }
}

/// Returns the word for whether a provider runs.
pub(crate) const fn availability_word(availability: Availability) -> &'static str {
    match availability {
        Availability::Started => "running",
        Availability::Pending(_) => "starting",
        Availability::Down => "not running",
        Availability::LoadFailed => "not loaded",
    }
}

/// Returns a code with its name, as every object has it.
pub(crate) fn code_json(code: u32) -> (Value, Value) {
    let name = WnError::new(code).and_then(WnError::symbol);
    (code.into(), name.map_or(Value::Null, Value::from))
}

/// Returns a resource as JSON.
pub(crate) fn resource_json(resource: &NetResource<'_>) -> Value {
    json!({
        "remote": optional(resource.remote),
        "type": type_word(resource.resource_type),
        "kind": display_word(resource.display_type),
        "connectable": resource.usage.contains(mpr_core::ResourceUsage::CONNECTABLE),
        "container": resource.usage.contains(mpr_core::ResourceUsage::CONTAINER),
        "comment": optional(resource.comment),
        "provider": optional(resource.provider),
    })
}
