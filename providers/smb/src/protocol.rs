//! Connecting and browsing, as the engine asks for it.

use std::sync::Arc;

use mpr_core::WnError;
use mpr_engine::{Protocol, Target};
use mpr_mount::{Found, Obstacle, Resource as _, Stage};

use crate::browse;
use crate::connect::{Recipe, log_in};
use crate::login::{Demands, Login};
use crate::tree::{establish, open_tree};
use crate::{SmbName, SmbShare};

/// The SMB protocol, versions 2.1 to 3.1.1.
pub struct Smb;

impl Protocol for Smb {
    type Share = SmbShare;

    async fn connect(target: Target) -> Result<SmbShare, Obstacle> {
        let reached = target.reached.clone();
        SmbShare::connect(recipe(target)?, &reached).await
    }

    async fn browse(target: Target) -> Result<Vec<Found>, Obstacle> {
        let reached = target.reached.clone();
        let recipe = recipe(target)?;
        if recipe.name.share().is_some() {
            let link = establish(&recipe, &reached, None).await?;
            return browse::folders(&link, &recipe).await;
        }
        let logged_in = log_in(&recipe, &reached, None).await?;
        reached.set(Stage::Open);
        let link = Arc::new(open_tree(&recipe, logged_in, "IPC$").await?);
        browse::shares(&link, &recipe).await
    }
}

fn recipe(target: Target) -> Result<Recipe, Obstacle> {
    let name = SmbName::parse(&target.source).ok_or_else(|| {
        let text = format!("{} is no name of an SMB resource", target.source);
        Obstacle::new(Stage::Resolve, WnError::BAD_NET_NAME, text)
    })?;
    let demands = Demands::of(&target);
    let user = target.user.or_else(|| name.user().map(str::to_owned));
    let login = Login::new(user.as_deref(), target.password);
    Ok(Recipe { name, login, demands })
}
