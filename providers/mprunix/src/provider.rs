//! The router's questions, and who answers each.

use mpr_core::{
    AddRequest, Availability, ConnectFlags, ConnectionCaps, Credentials, DeviceName,
    EnumerationCaps, InfoLevel, ListEnum, NetResource, Provider, ProviderError, ResourceEnum,
    ResourceType, ResourceUsage, Scope, UniversalName, Wide, WideString, WnError,
};
use mpr_wine::{Request, Verb};
use zeroize::Zeroizing;

use crate::bridge;
use crate::connections::Connection;
use crate::prefix::Prefix;
use crate::system::bridge_program;

/// The network's name.
pub(crate) const NAME: &str = "OpenMPR Network";

/// A number that nobody was given; programs tell networks apart by it.
const NET_TYPE: u32 = 0x0055_0000;

/// The provider.
pub(crate) struct Unix {
    name: WideString,
}

impl Unix {
    pub(crate) fn new() -> Self {
        Self { name: NAME.into() }
    }

    fn prefix(&self) -> Result<&'static Prefix, ProviderError> {
        Ok(Prefix::current().ok_or(WnError::NO_NETWORK)?)
    }

    fn request(&self, verb: Verb) -> Result<Request, ProviderError> {
        let prefix = self.prefix()?;
        Ok(Request::new(verb, &prefix.folder, prefix.id.as_str()))
    }

    fn is_ours(&self, name: Option<Wide<'_>>) -> bool {
        name.is_none_or(|name| name.is_empty() || self.is_named(name))
    }
}

impl Provider for Unix {
    fn name(&self) -> Wide<'_> {
        self.name.as_wide()
    }

    fn availability(&self) -> Availability {
        match Prefix::current() {
            Some(_) if bridge_program().is_some() => Availability::Started,
            _ => Availability::Down,
        }
    }

    fn net_type(&self) -> u32 {
        NET_TYPE
    }

    fn driver_version(&self) -> u32 {
        1 << 16
    }

    fn connection_caps(&self) -> ConnectionCaps {
        ConnectionCaps::ADD_CONNECTION
            | ConnectionCaps::ADD_CONNECTION3
            | ConnectionCaps::CANCEL_CONNECTION
            | ConnectionCaps::GET_CONNECTIONS
    }

    fn enumeration_caps(&self) -> EnumerationCaps {
        EnumerationCaps::GLOBAL | EnumerationCaps::LOCAL
    }

    fn knows_users(&self) -> bool {
        true
    }

    fn connection_flags(&self) -> ConnectFlags {
        ConnectFlags::PROVIDER_DEFAULT
            | ConnectFlags::REQUIRE_INTEGRITY
            | ConnectFlags::REQUIRE_PRIVACY
            | ConnectFlags::WRITE_THROUGH_SEMANTICS
    }

    fn add_connection(&self, request: &AddRequest<'_>) -> Result<(), ProviderError> {
        let remote = spelled(request.remote).ok_or(WnError::BAD_NET_NAME)?;
        let letter = match request.local.filter(|local| !local.is_empty()) {
            Some(local) => Some(letter(local).ok_or(WnError::BAD_DEVICE)?),
            None => None,
        };
        let kind = request.resource_type;
        if kind.intersects(ResourceType::PRINT) && !kind.intersects(ResourceType::DISK) {
            return Err(WnError::BAD_DEV_TYPE.into());
        }
        let Credentials::Named { user, password } = request.credentials else {
            return Err(WnError::NOT_SUPPORTED.into());
        };
        let secret = |units: &[u16]| {
            let mut copy = Zeroizing::new(Vec::with_capacity(units.len()));
            copy.extend_from_slice(units);
            copy
        };
        let request = Request {
            letter,
            remote: Some(remote),
            user: user.map(Into::into),
            password: password.map(|password| secret(password.expose().units())),
            resource_type: kind,
            flags: request.flags.0,
            ..self.request(Verb::Connect)?
        };
        bridge::connect(self.prefix()?, &request)
    }

    fn cancel_connection(
        &self,
        name: Wide<'_>,
        force: bool,
        _flags: ConnectFlags,
    ) -> Result<(), ProviderError> {
        let request = Request { force, ..self.request(Verb::Disconnect)? };
        if let Some(letter) = letter(name) {
            Connection::of_letter(self.prefix()?, letter)?;
            return bridge::disconnect(&Request { letter: Some(letter), ..request });
        }
        let all = Connection::all(self.prefix()?)?;
        let mut deviceless = all.iter().filter(|it| it.spot.letter().is_none());
        if !deviceless.any(|it| it.is_named(name)) {
            return Err(WnError::NOT_CONNECTED.into());
        }
        bridge::disconnect(&Request { remote: Some(name.into()), ..request })
    }

    fn connection(&self, local: Wide<'_>) -> Result<WideString, ProviderError> {
        let letter = letter(local).ok_or(WnError::NOT_CONNECTED)?;
        Ok(Connection::of_letter(self.prefix()?, letter)?.remote().into())
    }

    fn universal_name(
        &self,
        path: Wide<'_>,
        level: InfoLevel,
    ) -> Result<UniversalName, ProviderError> {
        let (device, rest) = path.units().split_at(path.len().min(2));
        let letter = letter(Wide::new(device)).ok_or(WnError::BAD_DEVICE)?;
        let found = Connection::of_letter(self.prefix()?, letter)?;
        let mut remaining: Vec<u16> = rest.to_vec();
        for unit in remaining.iter_mut().filter(|unit| **unit == u16::from(b'/')) {
            *unit = u16::from(b'\\');
        }
        if remaining == [u16::from(b'\\')] {
            remaining.clear();
        }
        let unc = found.unc().ok_or(WnError::NOT_SUPPORTED)?;
        let connection = WideString::from(unc.trim_end_matches('\\'));
        let mut universal = connection.clone();
        universal.push(Wide::new(&remaining));
        let universal = Some(universal);
        Ok(match level {
            InfoLevel::UniversalName => UniversalName { universal, ..UniversalName::default() },
            InfoLevel::RemoteName => UniversalName {
                universal,
                connection: Some(connection),
                remaining: Some(remaining.into()),
            },
        })
    }

    fn user(&self, name: Option<Wide<'_>>) -> Result<WideString, ProviderError> {
        let own = || WideString::from(std::env::var("USERNAME").unwrap_or_default());
        let Some(name) = name else { return Ok(own()) };
        let prefix = self.prefix()?;
        let found = match letter(name) {
            Some(letter) => Connection::of_letter(prefix, letter)?,
            None => {
                let mut all = Connection::all(prefix)?.into_iter();
                all.find(|it| it.is_named(name)).ok_or(WnError::NOT_CONNECTED)?
            }
        };
        let user = found.note().user;
        Ok(if user.is_empty() { own() } else { user.into() })
    }

    fn open_enum(
        &self,
        scope: Scope,
        resource_type: ResourceType,
        usage: ResourceUsage,
        container: Option<&NetResource<'_>>,
    ) -> Result<Box<dyn ResourceEnum>, ProviderError> {
        let wanted = |kind: ResourceType| {
            resource_type == ResourceType::ANY || resource_type.intersects(kind)
        };
        let entries = match scope {
            Scope::CONNECTED if wanted(ResourceType::DISK) => {
                Connection::all(self.prefix()?)?.iter().map(Connection::entry).collect()
            }
            Scope::CONNECTED => Vec::new(),
            Scope::GLOBALNET => {
                let remote = container.and_then(|it| it.remote);
                let remote = remote.filter(|_| !self.is_ours(remote)).map(Into::into);
                let request = self.request(Verb::Browse)?;
                let mut found =
                    bridge::browse(&Request { remote, resource_type, flags: usage.0, ..request })?;
                // To the router on this side, all of it is this provider's.
                for entry in &mut found {
                    entry.provider = Some(self.name.clone());
                }
                found
            }
            _ => return Err(WnError::NOT_SUPPORTED.into()),
        };
        Ok(Box::new(ListEnum::from(entries)))
    }
}

/// Returns a remote name if the native side could know it: a UNC name or an address. Nothing is
/// started for any other.
fn spelled(remote: Wide<'_>) -> Option<WideString> {
    let address = remote.to_string().contains("://");
    (remote.starts_with(r"\\") || address).then(|| remote.into())
}

/// Returns the letter of a drive's name, upper-case.
fn letter(name: Wide<'_>) -> Option<u8> {
    let device = DeviceName::parse(name).ok().filter(DeviceName::is_drive)?;
    u8::try_from(*device.as_wide().units().first()?).ok()
}
