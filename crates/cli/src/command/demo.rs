//! stub
use crate::app::{App, Outcome};
/// Show
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}
pub(crate) fn run(_app: &App, _args: &Args) -> Outcome {
    Ok(0)
}
