//! Enumeration: `wnet.md` §8, U50 to U52, P4, P5, W7 to W11.

use mpr_core::{
    Availability, EnumerationCaps, NetResource, OwnedNetResource, ResourceType, ResourceUsage,
    Scope, Taken,
};

use crate::parts::{Bench, Parts, SHARE, code, wide};

fn entry(name: &str) -> OwnedNetResource {
    OwnedNetResource { remote: Some(wide(name)), ..OwnedNetResource::default() }
}

fn list(
    bench: &Bench,
    scope: Scope,
    container: Option<&NetResource<'_>>,
) -> Result<Vec<String>, u32> {
    let (any, all) = (ResourceType::ANY, ResourceUsage::NONE);
    let opened = bench.router.open_enum(scope, any, all, container, &mut ());
    let mut entries = opened.map_err(|error| error.code.code())?;
    let mut names = Vec::new();
    while let Some((entry, _)) = entries.peek().map_err(|error| error.code.code())? {
        let text = |name: Option<mpr_core::Wide<'_>>| name.map(|it| it.to_string());
        let name = text(entry.remote).or(text(entry.comment)).unwrap_or_default();
        names.push(format!("{} {name}", text(entry.provider).unwrap_or_default()));
        entries.advance();
    }
    entries.close().map(|()| names).map_err(|error| error.code.code())
}

/// W7 to W10: every provider's entries, empty ones in between or not.
#[test]
fn connected_goes_over_everyone() {
    let mut parts = Parts::new();
    parts.providers[0].entries = Some(vec![entry("a")]);
    parts.provider("Q").entries = Some(vec![]);
    parts.provider("R").entries = Some(vec![entry("b"), entry("c")]);
    parts.provider("S").entries = Some(vec![]);
    let bench = parts.build();
    assert_eq!(list(&bench, Scope::CONNECTED, None).unwrap(), ["P a", "R b", "R c"]);
}

/// An entry that was left is shown again; nothing is asked for behind the last one wanted.
#[test]
fn entries_are_shown_until_there_are_enough() {
    let mut parts = Parts::new();
    parts.providers[0].entries = Some(vec![entry("a"), entry("b")]);
    parts.provider("Q").entries = Some(vec![entry("c"), entry("d")]);
    let bench = parts.build();
    let (any, all) = (ResourceType::ANY, ResourceUsage::NONE);
    let mut open = bench.router.open_enum(Scope::CONNECTED, any, all, None, &mut ()).unwrap();
    let mut show = |answers: &[Taken]| {
        let (mut answers, mut shown) = (answers.iter(), String::new());
        open.each(&mut |entry| {
            let (provider, remote) = (entry.provider.unwrap(), entry.remote.unwrap());
            shown += &format!("{provider}{remote} ");
            *answers.next().unwrap()
        })
        .unwrap();
        shown
    };
    assert_eq!(show(&[Taken::Left]), "Pa ");
    assert_eq!(show(&[Taken::Last]), "Pa ");
    assert_eq!(show(&[Taken::More, Taken::Left]), "Pb Qc ");
    assert_eq!(show(&[Taken::More, Taken::More]), "Qc Qd ");
    assert_eq!(show(&[]), "");
}

/// P4: CONNECTED is not gated on WNNC_ENUM_LOCAL.
#[test]
fn connected_asks_even_those_who_do_not_say_so() {
    let mut parts = Parts::new();
    parts.providers[0].enumeration = EnumerationCaps::CONTEXT;
    parts.providers[0].entries = Some(vec![entry("a")]);
    let bench = parts.build();
    assert_eq!(list(&bench, Scope::CONNECTED, None).unwrap(), ["P a"]);
}

/// P5, W2: entries without a local name are entries.
#[test]
fn deviceless_connections_are_listed() {
    let bench = Parts::new().build();
    assert_eq!(bench.add("", 0), 0);
    assert_eq!(list(&bench, Scope::CONNECTED, None).unwrap(), [r"P \\srv\share"]);
    assert_eq!(list(&Parts::new().build(), Scope::CONNECTED, None).unwrap(), [""; 0]);
}

#[test]
fn the_root_lists_providers() {
    let mut parts = Parts::new();
    parts.provider("Q").enumeration = EnumerationCaps::LOCAL;
    parts.provider("R").availability = Availability::Down;
    parts.provider("S");
    let bench = parts.build();
    assert_eq!(list(&bench, Scope::GLOBALNET, None).unwrap(), ["P P", "S S"]);
    assert_eq!(bench.log(), [""; 0], "no provider is asked");
}

#[test]
fn containers() {
    let mut parts = Parts::new();
    parts.provider("Q").entries = Some(vec![entry("inside")]);
    let bench = parts.build();
    let (server, q, nobody) = (wide(r"\\srv"), wide("q"), wide("nobody"));
    let container = NetResource { remote: Some(server.as_wide()), ..NetResource::default() };
    assert_eq!(list(&bench, Scope::GLOBALNET, Some(&container)).unwrap(), ["Q inside"]);
    let of = |provider| NetResource { provider: Some(provider), ..NetResource::default() };
    let root = of(q.as_wide());
    assert_eq!(list(&bench, Scope::GLOBALNET, Some(&root)).unwrap(), ["Q inside"]);
    let by_name = NetResource { remote: Some(q.as_wide()), ..NetResource::default() };
    assert_eq!(list(&bench, Scope::GLOBALNET, Some(&by_name)).unwrap(), ["Q inside"], "U50");
    let unknown = of(nobody.as_wide());
    assert_eq!(list(&bench, Scope::GLOBALNET, Some(&unknown)), Err(1204));
    let leaf = NetResource { usage: ResourceUsage::CONNECTABLE, ..container };
    assert_eq!(list(&bench, Scope::GLOBALNET, Some(&leaf)), Err(1207));
}

/// U51: the logical root first, and opening it is the global root.
#[test]
fn context() {
    let mut parts = Parts::new();
    parts.providers[0].entries = Some(vec![entry("near")]);
    let bench = parts.build();
    assert_eq!(list(&bench, Scope::CONTEXT, None).unwrap(), [" Entire Network", "P near"]);
    let root = NetResource { usage: ResourceUsage::CONTAINER, ..NetResource::default() };
    assert_eq!(list(&bench, Scope::GLOBALNET, Some(&root)).unwrap(), ["P P"]);
}

#[test]
fn remembered_and_recent() {
    let mut parts = Parts::new();
    parts.profile = parts.profile.with("S:", SHARE, "P").with("R:", r"\\srv\r", "Q");
    let bench = parts.build();
    let remembered = list(&bench, Scope::REMEMBERED, None).unwrap();
    assert_eq!(remembered, [r"Q \\srv\r", r"P \\srv\share"]);
    assert_eq!(list(&bench, Scope::RECENT, None).unwrap(), [""; 0], "U52");
    let printers = (Scope::REMEMBERED, ResourceType::PRINT);
    let opened = bench.router.open_enum(printers.0, printers.1, ResourceUsage::NONE, None, &mut ());
    assert!(opened.unwrap().peek().unwrap().is_none());
    assert_eq!(bench.log(), [""; 0], "no provider is asked");
}

#[test]
fn bad_arguments() {
    let bench = Parts::new().build();
    let open = |scope, kind, usage, container: Option<&NetResource<'_>>| {
        let (scope, kind, usage) = (Scope(scope), ResourceType(kind), ResourceUsage(usage));
        code(bench.router.open_enum(scope, kind, usage, container, &mut ()))
    };
    let nr = NetResource::default();
    assert_eq!(open(9, 0, 0, None), 87);
    assert_eq!(open(1, 4, 0, None), 87);
    assert_eq!(open(1, 0, 0, Some(&nr)), 87);
    assert_eq!(open(2, 0, 0x20, None), 87);
    assert_eq!(open(1, 0, 0x20, None), 0, "usage is ignored outside GLOBALNET");
    assert_eq!(open(2, 3, 0x13, None), 0);
}

/// W11: nothing to clear is success.
#[test]
fn clear_connections() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1);
    let bench = parts.build();
    assert_eq!(code(bench.router.clear_connections(&mut ())), 0);
    assert_eq!((bench.add("S:", 1), bench.add("", 0)), (0, 0));
    bench.log();
    assert_eq!(code(bench.router.clear_connections(&mut ())), 0);
    assert!(bench.providers[0].table.lock().unwrap().is_empty());
    assert!(bench.notified().is_empty(), "nobody is notified");
    assert_eq!(bench.profile.pairs().len(), 1, "nothing is forgotten");
}
