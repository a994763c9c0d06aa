//! Looking around: a server's shares, the folders of a share.

use std::sync::Arc;

use mpr_core::WnError;
use mpr_engine::{Fault, FaultKind, Kind};
use mpr_mount::{Found, FoundKind, Obstacle, Stage};
use smb2::msg::create::{CreateDisposition, CreateRequest, ImpersonationLevel, ShareAccess};
use smb2::msg::read::ReadRequest;
use smb2::rpc;
use smb2::rpc::srvsvc::{STYPE_DISKTREE, STYPE_PRINTQ, STYPE_SPECIAL, build_net_share_enum_all};
use smb2::types::flags::FileAccessMask;
use smb2::types::status::NtStatus;
use smb2::types::{Command, OplockLevel};

use crate::connect::Recipe;
use crate::link::{CREDIT, Link, OpenFile};
use crate::names;
use crate::srvsvc::{self, ShareInfo};
use crate::status::{fault, fault_of};
use crate::wire::{WriteBytes, read_data};

/// Longest list of shares that is taken in.
const LONGEST: usize = 16 * 1024 * 1024;

/// Lists the folders and files of a directory.
pub(crate) async fn folders(link: &Arc<Link>, recipe: &Recipe) -> Result<Vec<Found>, Obstacle> {
    let base = crate::path::base_path(recipe.name.path());
    let entries = names::list(link, base).await.map_err(|fault| obstacle(recipe, &fault))?;
    let found = entries.into_iter().filter_map(|entry| {
        let kind = match entry.attributes.kind {
            Kind::Directory => FoundKind::Directory,
            _ => FoundKind::File,
        };
        Some(Found { name: String::from_utf8(entry.name).ok()?, kind, comment: None })
    });
    Ok(found.collect())
}

/// Lists what a server shares, without what it shares for administrators only (`C$`, `IPC$`).
pub(crate) async fn shares(link: &Arc<Link>, recipe: &Recipe) -> Result<Vec<Found>, Obstacle> {
    let shares = enumerate(link).await.map_err(|fault| obstacle(recipe, &fault))?;
    let found = shares.into_iter().filter_map(|share| {
        let kind = match share.kind & 0xFFFF {
            STYPE_DISKTREE => FoundKind::Share,
            STYPE_PRINTQ => FoundKind::Printer,
            _ => return None,
        };
        let hidden = share.kind & STYPE_SPECIAL != 0 || share.name.ends_with('$');
        let comment = Some(share.comment).filter(|comment| !comment.is_empty());
        (!hidden).then_some(Found { name: share.name, kind, comment })
    });
    Ok(found.collect())
}

fn obstacle(recipe: &Recipe, fault: &Fault) -> Obstacle {
    let code = match fault.kind {
        FaultKind::Denied => WnError::ACCESS_DENIED,
        FaultKind::TimedOut => WnError::TIMEOUT,
        FaultKind::Nonsense => WnError::BAD_NET_RESP,
        _ => WnError::UNEXP_NET_ERR,
    };
    let text = format!("{} cannot be listed: {}", recipe.name.server_text(), fault.text);
    Obstacle::new(Stage::Open, code, text)
}

/// Calls `NetrShareEnum` of the server's service (MS-SRVS 3.1.4.8) through a named pipe.
async fn enumerate(link: &Arc<Link>) -> Result<Vec<ShareInfo>, Fault> {
    let request = CreateRequest {
        requested_oplock_level: OplockLevel::None,
        impersonation_level: ImpersonationLevel::Impersonation,
        desired_access: FileAccessMask::new(
            FileAccessMask::FILE_READ_DATA | FileAccessMask::FILE_WRITE_DATA,
        ),
        file_attributes: 0,
        share_access: ShareAccess(7),
        create_disposition: CreateDisposition::FileOpen,
        create_options: 0,
        name: "srvsvc".to_owned(),
        create_contexts: Vec::new(),
    };
    let (pipe, _) = link.open(request, Vec::new()).await?;
    tell(&pipe, rpc::build_srvsvc_bind(1)).await?;
    rpc::parse_bind_ack(&hear(&pipe).await?).map_err(|error| fault_of(&error))?;
    let server = format!(r"\\{}", link.connection.server_name());
    tell(&pipe, build_net_share_enum_all(2, &server)).await?;
    // A long answer comes in fragments.
    let mut stub = Vec::new();
    loop {
        let fragment = hear(&pipe).await?;
        let (part, last) =
            rpc::parse_response_fragment(&fragment).map_err(|error| fault_of(&error))?;
        stub.extend_from_slice(part);
        if last {
            break;
        }
        if stub.len() > LONGEST {
            return Err(FaultKind::TooLarge.into());
        }
    }
    pipe.close().await;
    srvsvc::shares(&stub).ok_or_else(|| FaultKind::Nonsense.into())
}

async fn tell(pipe: &OpenFile, message: Vec<u8>) -> Result<(), Fault> {
    let len = message.len();
    let request = WriteBytes { file: pipe.id, offset: 0, data: message.into() };
    pipe.link.ask(Command::Write, request, len).await.map(drop)
}

async fn hear(pipe: &OpenFile) -> Result<Vec<u8>, Fault> {
    let mut message = Vec::new();
    loop {
        let request = ReadRequest {
            padding: 0x50,
            flags: 0,
            length: CREDIT as u32,
            offset: 0,
            file_id: pipe.id,
            minimum_count: 0,
            channel: 0,
            remaining_bytes: 0,
            read_channel_info: Vec::new(),
        };
        let frame = pipe.link.call(Command::Read, request, CREDIT).await?;
        let status = frame.header.status;
        if !status.is_success_or_partial() {
            return Err(fault(status));
        }
        let data = read_data(frame.body).ok_or(FaultKind::Nonsense)?;
        message.extend_from_slice(&data);
        if status != NtStatus::BUFFER_OVERFLOW {
            return Ok(message);
        }
        if data.is_empty() || message.len() > LONGEST {
            return Err(FaultKind::Nonsense.into());
        }
    }
}
