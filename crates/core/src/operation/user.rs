//! Whose name a connection was made under.

use crate::error::{Error, WnError};
use crate::router::{Router, is_not_connected};
use crate::trace::{Note, Phase, Trace};
use crate::wide::{Wide, WideString};

impl Router {
    /// Returns the user of a local or remote name, of a provider, or of this process (U58).
    #[doc(alias = "WNetGetUser")]
    pub fn user(&self, name: Option<Wide<'_>>, trace: &mut dyn Trace) -> Result<WideString, Error> {
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Ok(self.surroundings().current_user());
        };
        if let Ok(local) = self.parse_local(name) {
            let name = Some(local.as_wide());
            return self.ask_owner(&local, trace, |index, trace| self.ask_user(index, name, trace));
        }
        if let Ok(index) = self.find_provider(name) {
            self.check_running(index)?;
            return self.ask_user(index, None, trace);
        }
        self.check_network(|_, _| true)?;
        let (mut down, mut refusal) = (false, None);
        for candidate in self.candidates(|it, _| it.knows_users()) {
            let Ok(index) = candidate else {
                down = true;
                continue;
            };
            match self.ask_user(index, Some(name), trace) {
                Ok(user) => return Ok(user),
                Err(error) if error.code == WnError::NO_NETWORK => down = true,
                Err(error) if is_not_connected(error.code) => {}
                Err(error) => {
                    refusal.get_or_insert(error);
                }
            }
        }
        let nobody = if down { WnError::NO_NET_OR_BAD_PATH } else { WnError::NOT_CONNECTED };
        Err(refusal.unwrap_or(Error::router(nobody)))
    }

    fn ask_user(
        &self,
        index: usize,
        name: Option<Wide<'_>>,
        trace: &mut dyn Trace,
    ) -> Result<WideString, Error> {
        if !self.providers()[index].knows_users() {
            return Err(Error::provider(index, WnError::NOT_SUPPORTED.into()));
        }
        self.ask(index, trace, Phase::Query, Note::NotMine, |it| it.user(name))
            .map_err(|error| Error::provider(index, error))
    }
}
