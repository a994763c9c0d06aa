//! `mpr explain REMOTE`: who would be asked, and what each says, without connecting.

use mpr_core::{
    Availability, DialogCaps, Error, NetResource, ResourceInformation, ResourceType, WideString,
    WnError,
};
use serde_json::{Value, json};

use crate::app::{App, Outcome};
use crate::failure::About;
use crate::names::{availability_word, code_json, resource_json, type_word};
use crate::story::duration;
use crate::table::{Table, clean};

/// Show who would be asked about a remote name and what each says, without connecting
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The remote name
    remote: String,
}

/// What one provider says.
struct Answer {
    name: String,
    key: String,
    availability: Availability,
    abilities: Vec<&'static str>,
    /// `None` if it was not asked.
    said: Option<Result<ResourceInformation, Error>>,
    micros: Option<u64>,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let host = app.network()?;
    if mpr_core::RemoteName::parse(WideString::from(args.remote.as_str()).as_wide()).is_err() {
        let error = WnError::BAD_NET_NAME.into();
        let hint = Some("a remote name has 1 to 259 characters");
        return Err(app.failed(&error, About { hint, ..About::default() }, Vec::new()));
    }
    let answers: Vec<_> =
        (0..host.settings().providers.len()).map(|index| ask(app, index, &args.remote)).collect();
    app.show(|| json(app, args, &answers), || text(app, args, &answers));
    Ok(0)
}

fn ask(app: &App, index: usize, remote: &str) -> Answer {
    let host = app.host();
    let provider = &host.router().providers()[index];
    let availability = provider.availability();
    let can_say = provider.dialog_caps().contains(DialogCaps::GET_RESOURCE_INFORMATION);
    let remote = WideString::from(remote);
    let resource = NetResource {
        remote: Some(remote.as_wide()),
        provider: Some(provider.name()),
        ..NetResource::default()
    };
    let mut story = app.story();
    let said = (availability == Availability::Started && can_say)
        .then(|| host.router().resource_information(&resource, &mut story));
    Answer {
        name: provider.name().to_string(),
        key: host.settings().providers[index].key.clone(),
        availability,
        abilities: super::provider::abilities(&**provider),
        said,
        micros: story.steps().last().and_then(|step| step.micros),
    }
}

/// Tells whether a code says that a name belongs to somebody else.
fn is_foreign(code: WnError) -> bool {
    matches!(
        code,
        WnError::BAD_NET_NAME
            | WnError::INVALID_PARAMETER
            | WnError::BAD_DEVICE
            | WnError::INVALID_LEVEL
            | WnError::NOT_CONNECTED
    )
}

impl Answer {
    /// Returns the word for what it says.
    fn word(&self) -> &'static str {
        match &self.said {
            None if self.availability != Availability::Started => "not asked",
            None => "cannot say",
            Some(Ok(_)) => "would take it",
            Some(Err(error)) if error.code == WnError::NOT_SUPPORTED => "cannot say",
            Some(Err(error)) if is_foreign(error.code) => "not its resource",
            Some(Err(_)) => "refuses it",
        }
    }

    fn detail(&self) -> String {
        match &self.said {
            None if self.availability != Availability::Started => {
                format!("it is {}", availability_word(self.availability))
            }
            None => "only connecting would tell".into(),
            Some(Ok(found)) => {
                let resource = &found.resource;
                let kind = type_word(resource.resource_type);
                let kind =
                    if resource.resource_type == ResourceType::ANY { "resource" } else { kind };
                let remote = resource.remote.as_ref().map(|name| name.to_string_lossy());
                let rest = found.system.as_ref().map(|rest| format!(", path {rest}"));
                format!("{kind} {}{}", remote.unwrap_or_default(), rest.unwrap_or_default())
            }
            Some(Err(error)) => error.to_string(),
        }
    }

    fn json(&self, app: &App) -> Value {
        let error = self.said.as_ref().and_then(|said| said.as_ref().err());
        let found = self.said.as_ref().and_then(|said| said.as_ref().ok());
        let (code, code_name) = code_json(error.map_or(0, |error| error.code.code()));
        let about = About::default();
        json!({
            "name": self.name,
            "key": self.key,
            "availability": availability_word(self.availability),
            "abilities": self.abilities,
            "answer": self.word(),
            "code": if self.said.is_some() { code } else { Value::Null },
            "code_name": code_name,
            "message": error.map(|it| match is_foreign(it.code) {
                true => format!("{}: {it}", self.name),
                false => app.failed(it, about, Vec::new()).message().to_owned(),
            }),
            "resource": found.map(|it| resource_json(&it.resource.borrow())),
            "remaining": found.and_then(|it| it.system.as_ref()).map(WideString::to_string_lossy),
            "micros": self.micros,
        })
    }
}

fn json(app: &App, args: &Args, answers: &[Answer]) -> Value {
    let notifyees = app.host().settings().notifyees.iter();
    let notifyees = notifyees
        .map(|it| json!({ "name": it.name, "kind": super::notifyee::kind_word(&it.kind) }));
    let takes = answers.iter().find(|it| matches!(it.said, Some(Ok(_))));
    json!({
        "ok": true,
        "remote": args.remote,
        "takes": takes.map(|it| &it.name),
        "providers": answers.iter().map(|it| it.json(app)).collect::<Value>(),
        "notifyees": notifyees.collect::<Value>(),
    })
}

fn text(app: &App, args: &Args, answers: &[Answer]) -> String {
    let mut text = format!("To connect {}:\n\n", clean(&args.remote));
    let notifyees = &app.host().settings().notifyees;
    if notifyees.is_empty() {
        text += "No notifyee would be told.\n";
    } else {
        text += "These notifyees would be told before, and in reverse order after:\n";
        let mut table = Table::indented();
        for entry in notifyees {
            table.row([entry.name.clone(), super::notifyee::kind_word(&entry.kind).into()]);
        }
        text += &table.text();
    }
    if answers.is_empty() {
        return text + "\nThere is no provider to ask; `mpr doctor` says what is configured.\n";
    }
    text += "\nThese providers would be asked, until one connects:\n";
    let mut table = Table::indented();
    for (place, answer) in answers.iter().enumerate() {
        table.row([
            format!("{}", place + 1),
            answer.name.clone(),
            answer.word().into(),
            answer.detail(),
            answer.micros.map(duration).unwrap_or_default(),
        ]);
    }
    text += &table.text();
    if !answers.iter().any(|it| matches!(it.said, Some(Ok(_)))) {
        text += "\nNone of them says that it would take it.\n";
    }
    text
}
