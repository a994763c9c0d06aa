//! Connecting and disconnecting by the native router.

use std::path::{Path, PathBuf};

use mpr_core::{
    AddConnection, AddVerb, ConnectFlags, Credentials, Error, ExtendedError, InfoLevel, Password,
    ResourceType, Router, Wide, WideString, WnError,
};
use mpr_wine::{Mount, Note, Refusal, Request, Spot};

use crate::links::Links;
use crate::places::Places;

/// Flags that the native router gets; whether a connection is remembered is the Windows side's
/// business, and nobody can be asked here.
const PASSED: u32 = ConnectFlags::REQUIRE_INTEGRITY.0
    | ConnectFlags::REQUIRE_PRIVACY.0
    | ConnectFlags::WRITE_THROUGH_SEMANTICS.0;

/// One request about a connection.
pub(crate) struct Connection<'a> {
    pub(crate) router: &'a Router,
    pub(crate) places: &'a Places,
    pub(crate) links: Links,
    pub(crate) prefix: &'a Path,
    pub(crate) request: &'a Request,
}

impl Connection<'_> {
    /// Connects; returns the directory that it appears at.
    pub(crate) fn connect(&self, spot: &Spot) -> Result<PathBuf, Refusal> {
        let remote = self.request.remote.as_ref().ok_or_else(|| refuse(WnError::BAD_NET_NAME))?;
        if let Some(letter) = spot.letter()
            && self.links.is_device(letter)
        {
            return Err(refuse(WnError::ALREADY_ASSIGNED));
        }
        self.places.create(self.prefix).map_err(|error| said(WnError::GEN_FAILURE, &error))?;
        let place = self.places.at(spot);
        if let Some(mount) = self.mounted(spot)? {
            match spot {
                // Its letter is free: whoever made it was killed before it had one.
                Spot::Letter(_) => self.disconnect_one(spot, true)?,
                Spot::Deviceless(_) => return self.connect_again(spot, &mount, remote),
            }
        }
        if let Err(why) = self.add(&place, remote) {
            self.places.clear(spot);
            return Err(why);
        }
        let made = self.mounted(spot)?;
        let Some(mount) = made else {
            // Of a provider that keeps connections in its process: it would end with this one.
            let _ = self.cancel(&place, true);
            self.places.clear(spot);
            let text = "connected, but nothing was mounted that Windows programs could see";
            return Err(said(WnError::NOT_SUPPORTED, &text));
        };
        let note = self.note(&place, &mount, remote);
        let noted = self.places.write_note(spot, &note);
        self.link();
        if let Err(error) = noted {
            let _ = self.disconnect_one(spot, true);
            return Err(said(WnError::GEN_FAILURE, &error));
        }
        Ok(place)
    }

    /// Connects without local name once more. Whoever brings a password has it judged, by a
    /// connection that goes again.
    fn connect_again(
        &self,
        spot: &Spot,
        mount: &Mount,
        remote: &WideString,
    ) -> Result<PathBuf, Refusal> {
        let place = self.places.at(spot);
        let known = self.places.note(spot, mount).map(|note| note.user).unwrap_or_default();
        let given = self.request.user.as_ref().map(WideString::to_string_lossy).unwrap_or_default();
        if !given.is_empty() && !known.is_empty() && given != known {
            return Err(refuse(WnError::SESSION_CREDENTIAL_CONFLICT));
        }
        if self.request.password.is_some() {
            let probe = place.with_extension(format!("{}", std::process::id()));
            self.add(&probe, remote)?;
            let _ = self.cancel(&probe, true);
            let _ = std::fs::remove_dir(probe);
        }
        Ok(place)
    }

    fn add(&self, place: &Path, remote: &WideString) -> Result<(), Refusal> {
        let request = self.request;
        let local = local_name(place);
        let password = request.password.as_ref().map(|units| Password::new(Wide::new(units)));
        let wanted = AddConnection {
            verb: AddVerb::AddConnection2,
            resource_type: ResourceType::DISK,
            local: Some(local.as_wide()),
            remote: Some(remote.as_wide()),
            credentials: Credentials::Named {
                user: request.user.as_ref().map(WideString::as_wide),
                password,
            },
            flags: ConnectFlags(request.flags & PASSED) | ConnectFlags::TEMPORARY,
            ..AddConnection::default()
        };
        self.router.add_connection(&wanted, &mut ()).map(drop).map_err(|error| refusal(&error))
    }

    fn note(&self, place: &Path, mount: &Mount, remote: &WideString) -> Note {
        let local = local_name(place);
        let named = self.router.universal_name(local.as_wide(), InfoLevel::UniversalName, &mut ());
        let unc = named.ok().and_then(|it| it.universal).map(|it| it.to_string_lossy());
        let lossy = |text: &WideString| text.to_string_lossy();
        Note {
            source: mount.source.clone(),
            remote: lossy(remote),
            unc: unc.filter(|unc| unc.starts_with(r"\\")).unwrap_or_default(),
            user: self.request.user.as_ref().map(lossy).unwrap_or_default(),
        }
    }

    /// Disconnects what the request is about.
    pub(crate) fn disconnect(&self) -> Result<(), Refusal> {
        let (force, unknown) = (self.request.force, || refuse(WnError::NOT_CONNECTED));
        if let Some(letter) = self.request.letter {
            let spot = Spot::Letter(letter);
            if self.mounted(&spot)?.is_none() {
                self.forget(&spot);
                return Err(unknown());
            }
            return self.disconnect_one(&spot, force);
        }
        let remote = self.request.remote.as_ref().ok_or_else(unknown)?;
        let all = self.places.mounts().map_err(|error| said(WnError::GEN_FAILURE, &error))?;
        let asked = Spot::deviceless(remote.as_wide());
        let wanted = |(spot, mount): &&(Spot, Mount)| match spot {
            Spot::Letter(_) => false,
            Spot::Deviceless(_) => *spot == asked || self.is_named(spot, mount, remote),
        };
        let found: Vec<_> = all.iter().filter(wanted).collect();
        if found.is_empty() {
            return Err(unknown());
        }
        found.into_iter().try_for_each(|(spot, _)| self.disconnect_one(spot, force))
    }

    /// Tells whether a mount is of this name, in one of the spellings that are known of it.
    fn is_named(&self, spot: &Spot, mount: &Mount, remote: &WideString) -> bool {
        let note = self.places.note(spot, mount).unwrap_or_default();
        let names = [mount.source.as_str(), &note.remote, &note.unc];
        names
            .into_iter()
            .any(|name| WideString::from(name).as_wide().same_resource(remote.as_wide()))
    }

    /// Disconnects one mount.
    pub(crate) fn disconnect_one(&self, spot: &Spot, force: bool) -> Result<(), Refusal> {
        let place = self.places.at(spot);
        self.cancel(&place, force)?;
        self.link();
        self.places.clear(spot);
        Ok(())
    }

    /// Makes the links those of what is connected now. Without a link a letter works all the same.
    fn link(&self) {
        let named = |(spot, mount): (Spot, Mount)| {
            let note = self.places.note(&spot, &mount)?;
            Some((note.unc, self.places.at(&spot)))
        };
        let all = || Ok(self.places.mounts()?.into_iter().filter_map(named).collect());
        let _ = self.links.follow(all);
    }

    /// Forgets a connection whose mount has gone by itself.
    fn forget(&self, spot: &Spot) {
        self.link();
        self.places.clear(spot);
    }

    fn cancel(&self, place: &Path, force: bool) -> Result<(), Refusal> {
        let name = local_name(place);
        let none = ConnectFlags::NONE;
        self.router
            .cancel_connection(name.as_wide(), none, force, &mut ())
            .map(drop)
            .map_err(|error| refusal(&error))
    }

    fn mounted(&self, spot: &Spot) -> Result<Option<Mount>, Refusal> {
        self.places.mounted(spot).map_err(|error| said(WnError::GEN_FAILURE, &error))
    }
}

fn local_name(place: &Path) -> WideString {
    place.to_string_lossy().as_ref().into()
}

/// Refuses with a code alone.
pub(crate) fn refuse(code: WnError) -> Refusal {
    Refusal { code: code.code(), extended: None }
}

/// Refuses with a text of this program's own.
pub(crate) fn said(code: WnError, text: &dyn std::fmt::Display) -> Refusal {
    let extended = (code.code(), text.to_string().into(), "OpenMPR Network".into());
    Refusal { code: code.code(), extended: Some(extended) }
}

/// Passes on what the native router answered: its code, and the text with whoever said it.
pub(crate) fn refusal(error: &Error) -> Refusal {
    let extended = error.extended.as_deref().map(|it: &ExtendedError| {
        let ExtendedError { code, text, provider } = it;
        (*code, text.clone(), provider.clone())
    });
    Refusal { code: error.code.code(), extended }
}
