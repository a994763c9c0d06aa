//! What is asked of the native side, and what its answers mean to the router.

use std::time::Duration;

use mpr_core::{ExtendedError, OwnedNetResource, ProviderError, WideString, WnError};
use mpr_wine::{Answer, Refusal, Request, Verb, Verdict};

use crate::connections::{self, hold};
use crate::letters;
use crate::pipes::{Broken, Starting};
use crate::prefix::Prefix;
use crate::provider::NAME;
use crate::system::bridge_program;

/// How long somebody else may be connecting the same letter.
const PATIENCE: Duration = Duration::from_secs(30);

/// Connects; the letter opens when this returns. If it cannot be had, nothing stays connected.
pub(crate) fn connect(prefix: &Prefix, request: &Request) -> Result<(), ProviderError> {
    let starting = begin()?;
    let _held = lock(request.letter)?;
    let is_free = request.letter.is_none_or(|letter| connections::is_free(prefix, letter));
    let pipes = starting.pipes().map_err(broken)?;
    if !is_free {
        pipes.dismiss();
        return Err(WnError::ALREADY_ASSIGNED.into());
    }
    let directory = match pipes.request(request) {
        Ok(Answer::Done { directory, .. }) => directory,
        Ok(Answer::Refused(why)) => return Err(refused(why)),
        Ok(Answer::Alive) => return Err(broken(Broken::Ended)),
        Err(why) => {
            drop(pipes);
            take_back(request);
            return Err(broken(why));
        }
    };
    let Some(letter) = request.letter else {
        return pipes.verdict(Verdict::Keep).map_err(broken);
    };
    let directory = directory.unwrap_or_default().to_string_lossy();
    if let Err(error) = letters::map(letter, &directory) {
        let _ = pipes.verdict(Verdict::Undo).and_then(|()| pipes.answer());
        let text = format!("{}: could not be made: {error}", char::from(letter));
        return Err(said(WnError::GEN_FAILURE, &text));
    }
    if let Err(why) = pipes.verdict(Verdict::Keep) {
        // It has gone, or goes, without knowing that the letter is there.
        let _ = letters::unmap(letter);
        take_back(request);
        return Err(broken(why));
    }
    Ok(())
}

/// Disconnects; a letter that still stands for the connection goes with it.
pub(crate) fn disconnect(request: &Request) -> Result<(), ProviderError> {
    let starting = begin()?;
    let _held = lock(request.letter)?;
    match starting.pipes().and_then(|pipes| pipes.request(request)).map_err(broken)? {
        Answer::Refused(why) => return Err(refused(why)),
        Answer::Alive | Answer::Done { .. } => {}
    }
    let Some(letter) = request.letter else { return Ok(()) };
    let Some(directory) = letters::directory(letter) else { return Ok(()) };
    let ours = Prefix::current().is_some_and(|prefix| prefix.id.spot(&directory) == request.spot());
    if ours {
        // Without its mount it leads nowhere; whoever looks for it next takes it away.
        let _ = letters::unmap(letter);
    }
    Ok(())
}

/// Lists what is in a resource.
pub(crate) fn browse(request: &Request) -> Result<Vec<OwnedNetResource>, ProviderError> {
    match begin()?.pipes().and_then(|pipes| pipes.request(request)).map_err(broken)? {
        Answer::Done { found, .. } => Ok(found),
        Answer::Refused(why) => Err(refused(why)),
        Answer::Alive => Ok(Vec::new()),
    }
}

/// Disconnects what a process that broke off may have connected.
fn take_back(request: &Request) {
    let Some(pipes) = begin().ok().and_then(|it| it.pipes().ok()) else { return };
    let _ = pipes.request(&Request {
        verb: Verb::Disconnect,
        password: None,
        force: true,
        ..request.clone()
    });
}

fn lock(letter: Option<u8>) -> Result<Option<crate::system::Mutex>, ProviderError> {
    let Some(letter) = letter else { return Ok(None) };
    match hold(letter, PATIENCE) {
        Some(held) => Ok(Some(held)),
        None => Err(said(WnError::BUSY, "the drive letter is being connected")),
    }
}

fn begin() -> Result<Starting, ProviderError> {
    let Some(program) = bridge_program() else {
        return Err(said(WnError::NO_NETWORK, "run `mpr wine install` for this prefix"));
    };
    Starting::begin(&program).map_err(|why| match why {
        Broken::NotStarted(error) => {
            let text = format!("{program} could not be started: {error}");
            said(WnError::NO_NETWORK, &text)
        }
        why => broken(why),
    })
}

fn refused(why: Refusal) -> ProviderError {
    let code = WnError::new(why.code).unwrap_or(WnError::UNEXP_NET_ERR);
    let extended = why.extended.map(|(code, text, provider): (u32, WideString, WideString)| {
        Box::new(ExtendedError { code, text, provider })
    });
    ProviderError { code, extended }
}

fn broken(why: Broken) -> ProviderError {
    match why {
        Broken::NotStarted(error) => {
            said(WnError::NO_NETWORK, &format!("mpr-wine-bridge could not be started: {error}"))
        }
        Broken::Silent => said(WnError::TIMEOUT, "mpr-wine-bridge does not answer"),
        Broken::Ended => said(WnError::UNEXP_NET_ERR, "mpr-wine-bridge ended without an answer"),
    }
}

/// An answer with a text of this provider's own.
pub(crate) fn said(code: WnError, text: &str) -> ProviderError {
    let extended = ExtendedError { code: code.code(), text: text.into(), provider: NAME.into() };
    ProviderError { code, extended: Some(Box::new(extended)) }
}
