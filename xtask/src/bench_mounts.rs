//! Our mounts beside those of others, as a table in docs/.

use crate::run::{Done, cargo, root, run};
use crate::{setup, stage};

/// Runs the benchmark and writes `docs/benchmarks-mounts.md`.
pub(crate) fn bench_mounts(rest: &[String]) -> Done {
    setup::setup()?;
    setup::peers();
    let usr = stage::stage(stage::Profile::Release)?;
    let rounds = rest.first().map_or("3", String::as_str);
    if rounds.parse::<u32>().is_err() {
        return Err(format!("{rounds} is no number of rounds"));
    }
    let file = root().join("docs/benchmarks-mounts.md");
    let mut bench =
        cargo(&["bench", "--quiet", "-p", "mpr-mount-conformance", "--bench", "mounts"]);
    bench.arg("--").arg(file).arg(rounds).args(rest.iter().skip(1));
    run(bench.env("MPR_STAGE", usr))
}
