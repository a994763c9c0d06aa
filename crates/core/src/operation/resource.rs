//! What a remote name is, and what holds it.

use crate::error::{Error, WnError};
use crate::flags::{DialogCaps, ResourceType, Scope};
use crate::name::RemoteName;
use crate::resource::{NetResource, OwnedNetResource, ResourceInformation};
use crate::router::Router;
use crate::trace::{Note, Phase, Trace};
use crate::wide::Wide;

impl Router {
    /// Splits a remote name into an existing resource and the path below it.
    ///
    /// Without a provider name, providers are asked in order until one takes the name.
    #[doc(alias = "WNetGetResourceInformation")]
    pub fn resource_information(
        &self,
        resource: &NetResource<'_>,
        trace: &mut dyn Trace,
    ) -> Result<ResourceInformation, Error> {
        let resource = query(resource)?;
        if let Some(index) = self.named_provider(resource.provider)? {
            self.check_running(index)?;
            return self
                .ask_information(index, &resource, trace)
                .map_err(|error| Error::provider(index, error));
        }
        self.check_network(|_, _| true)?;
        self.first_to_take(
            |it, _| it.dialog_caps().contains(DialogCaps::GET_RESOURCE_INFORMATION),
            |index| self.ask_information(index, &resource, trace),
        )
    }

    fn ask_information(
        &self,
        index: usize,
        resource: &NetResource<'_>,
        trace: &mut dyn Trace,
    ) -> Result<ResourceInformation, crate::error::ProviderError> {
        let caps = self.providers()[index].dialog_caps();
        if !caps.contains(DialogCaps::GET_RESOURCE_INFORMATION) {
            return Err(WnError::NOT_SUPPORTED.into());
        }
        let mut found = self.ask(index, trace, Phase::Query, Note::NotMine, |it| {
            it.resource_information(resource)
        })?;
        let name = self.providers()[index].name();
        found.resource.provider.get_or_insert_with(|| name.into());
        // Part of the network, not a connection (wnet.md §8).
        found.resource.scope = Scope::GLOBALNET;
        found.resource.local = None;
        Ok(found)
    }

    /// Returns the parent of a resource; the provider must be named.
    #[doc(alias = "WNetGetResourceParent")]
    pub fn resource_parent(
        &self,
        resource: &NetResource<'_>,
        trace: &mut dyn Trace,
    ) -> Result<OwnedNetResource, Error> {
        let index = match self.named_provider(resource.provider)? {
            Some(index) => index,
            None => return Err(WnError::BAD_PROVIDER.into()),
        };
        let resource = query(resource)?;
        self.check_running(index)?;
        let caps = self.providers()[index].dialog_caps();
        if !caps.contains(DialogCaps::GET_RESOURCE_PARENT) {
            return Err(Error::provider(index, WnError::NOT_SUPPORTED.into()));
        }
        self.ask(index, trace, Phase::Query, Note::Stopped, |it| it.resource_parent(&resource))
            .map_err(|error| Error::provider(index, error))
    }
}

/// Keeps the members that these calls read: remote name, provider and type.
fn query<'a>(resource: &NetResource<'a>) -> Result<NetResource<'a>, Error> {
    let remote = RemoteName::parse(resource.remote.unwrap_or(Wide::new(&[])))?;
    let types = [ResourceType::ANY, ResourceType::DISK, ResourceType::PRINT];
    if !types.contains(&resource.resource_type) {
        return Err(WnError::INVALID_PARAMETER.into());
    }
    Ok(NetResource {
        resource_type: resource.resource_type,
        remote: Some(remote.as_wide()),
        provider: resource.provider.filter(|name| !name.is_empty()),
        ..NetResource::default()
    })
}
