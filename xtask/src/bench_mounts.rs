//! Our mounts beside those of others, as a table in docs/.

use crate::run::{Done, cargo, root, run};
use crate::{setup, stage};

/// Runs the benchmark and writes `docs/benchmarks-mounts.md`.
pub(crate) fn bench_mounts(rest: &[String]) -> Done {
    setup::setup()?;
    setup::peers();
    let usr = stage::stage(stage::Profile::Release)?;
    let rounds = rest.first().map_or("3", String::as_str);
    let file = root().join("docs/benchmarks-mounts.md");
    let mut bench =
        cargo(&["bench", "--quiet", "-p", "mpr-mount-conformance", "--bench", "mounts"]);
    run(bench.arg("--").arg(file).arg(rounds).env("MPR_STAGE", usr))
}
