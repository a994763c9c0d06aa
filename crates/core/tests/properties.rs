//! For any sequence of operations and any scripted answers: PRE and POST pair up, contexts match,
//! nothing is called after a veto, the trace tells what happened, the profile equals the model.

use std::collections::BTreeMap;

use mpr_core::testing::Answer;
use mpr_core::{AddConnection, ConnectFlags};
use proptest::prelude::*;

use crate::parts::{Parts, SHARE, wide};

const CODES: [u32; 9] = [0, 0, 0, 5, 50, 59, 86, 1223, 1237];

#[derive(Clone, Debug)]
struct Script {
    pre: Vec<(u32, usize)>,
    post: Vec<(u32, usize)>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Add { letter: u8, flags: u32, other: bool },
    Cancel { letter: u8, forget: bool },
}

fn script() -> impl Strategy<Value = Script> {
    let answer = || (prop::sample::select(&CODES[..]), 0usize..3);
    let answers = || prop::collection::vec(answer(), 0..12);
    (answers(), answers()).prop_map(|(pre, post)| Script { pre, post })
}

fn step() -> impl Strategy<Value = Step> {
    let letter = b'S'..=b'U';
    let flags = prop::sample::select(&[0u32, 1, 1, 4, 5][..]);
    prop_oneof![
        (letter.clone(), flags, any::<bool>()).prop_map(|(letter, flags, other)| Step::Add {
            letter,
            flags,
            other
        }),
        (letter, any::<bool>()).prop_map(|(letter, forget)| Step::Cancel { letter, forget }),
    ]
}

/// Checks one operation's log against the protocol.
fn check_protocol(log: &[String], vetoed: bool) {
    let mut open: BTreeMap<String, u32> = BTreeMap::new();
    let mut attempts = 0;
    for line in log {
        let mut words = line.split(' ');
        let (kind, name) =
            (words.next().expect("two words"), words.next().expect("two words").to_owned());
        match kind {
            "pre" => {
                let count = open.entry(name).or_default();
                assert!(*count == 0, "PRE twice without POST: {log:?}");
                *count += 1;
            }
            "post" => {
                let context = words.nth(1).expect("a context");
                let count = open.get_mut(&name).expect("POST without PRE");
                assert!(context != "0x0", "POST without context: {log:?}");
                *count = 0;
            }
            "add" => attempts += 1,
            _ => {}
        }
    }
    assert!(attempts <= 5 * 2 || vetoed, "at most 4 repeats over two providers: {log:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_keeps_the_protocol(
        scripts in prop::collection::vec(script(), 0..4),
        adds in prop::collection::vec(prop::sample::select(&CODES[..]), 0..20),
        steps in prop::collection::vec(step(), 1..8),
    ) {
        let mut parts = Parts::new();
        parts.providers[0].next_adds.lock().unwrap().extend(adds);
        parts.provider("Q");
        for (index, script) in scripts.iter().enumerate() {
            let notifyee = parts.notifyee(&format!("n{index}"), index + 1);
            let answers = |from: &[(u32, usize)]| -> Vec<Answer> {
                let answer = |&(code, context): &(u32, usize)| Answer {
                    code,
                    context: Some(context).filter(|&it| it > 0).map(|it| it + index * 16),
                };
                from.iter().map(answer).collect()
            };
            notifyee.next_pre.lock().unwrap().extend(answers(&script.pre));
            notifyee.next_post.lock().unwrap().extend(answers(&script.post));
        }
        let bench = parts.build();
        let mut model: BTreeMap<String, String> = BTreeMap::new();
        for step in steps {
            let connected = |name: &str| {
                bench.providers.iter().any(|it| it.table.lock().unwrap().contains_key(name))
            };
            let mut lines = mpr_core::testing::Lines::default();
            match step {
                Step::Add { letter, flags, other } => {
                    let name = format!("{}:", letter as char);
                    let share = if other { r"\\srv\other" } else { SHARE };
                    let was = connected(&name);
                    let (local, remote) = (wide(&name), wide(share));
                    let request = AddConnection {
                        local: Some(local.as_wide()),
                        remote: Some(remote.as_wide()),
                        flags: ConnectFlags(flags),
                        ..AddConnection::default()
                    };
                    let made = bench.router.add_connection(&request, &mut lines).is_ok();
                    prop_assert_eq!(connected(&name), was || made);
                    if made && flags == 1 {
                        model.insert(name, share.to_owned());
                    }
                }
                Step::Cancel { letter, forget } => {
                    let name = format!("{}:", letter as char);
                    let flags = ConnectFlags(u32::from(forget));
                    let was = connected(&name);
                    let done = bench
                        .router
                        .cancel_connection(wide(&name).as_wide(), flags, false, &mut lines)
                        .is_ok();
                    prop_assert_eq!(connected(&name), was && !done);
                    if done && forget {
                        model.remove(&name);
                    }
                }
            }
            let vetoed = lines.0.iter().any(|line| line.ends_with(" veto"));
            let log = bench.log();
            check_protocol(&log, vetoed);

            // The trace tells exactly what happened, in the same order.
            let seen = |line: &String| {
                let kind = line.split(' ').next().unwrap().to_owned();
                let name = line.split(' ').nth(1).unwrap().to_owned();
                matches!(&*kind, "pre" | "post" | "add" | "cancel").then_some((kind, name))
            };
            let told: Vec<_> = lines.0.iter().filter_map(seen).collect();
            let happened: Vec<_> = log.iter().filter_map(seen).collect();
            prop_assert_eq!(told, happened);

            // After a veto only POST calls follow.
            if let Some(at) = lines.0.iter().position(|line| line.ends_with(" veto")) {
                prop_assert!(lines.0[at + 1..].iter().all(|line| line.starts_with("post ")));
            }
            let pairs: BTreeMap<_, _> = bench.profile.pairs().into_iter().collect();
            prop_assert_eq!(&pairs, &model);
        }
    }
}
