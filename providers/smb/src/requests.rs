//! The requests that file operations send (MS-SMB2 2.2.13, MS-FSCC 2.4).
//!
//! Every file is opened so that others may read, write, rename and remove it meanwhile: what this
//! machine's programs expect of a file system.

use std::time::SystemTime;

use mpr_engine::OpenHow;
use smb2::msg::create::{CreateDisposition, CreateRequest, ImpersonationLevel, ShareAccess};
use smb2::msg::query_info::{InfoType, QueryInfoRequest};
use smb2::msg::set_info::SetInfoRequest;
use smb2::pack::FileTime;
use smb2::types::flags::{FileAccessMask as Access, FileAttributes};
use smb2::types::{Command, FileId, OplockLevel};

use crate::link::{CREDIT, Step};

const DIRECTORY_FILE: u32 = 0x1;
const NON_DIRECTORY_FILE: u32 = 0x40;
/// The link itself, not what it leads to.
const OPEN_REPARSE_POINT: u32 = 0x0020_0000;

fn create(
    path: String,
    access: u32,
    disposition: CreateDisposition,
    options: u32,
) -> CreateRequest {
    CreateRequest {
        requested_oplock_level: OplockLevel::None,
        impersonation_level: ImpersonationLevel::Impersonation,
        desired_access: Access::new(access | Access::SYNCHRONIZE),
        file_attributes: FileAttributes::NORMAL,
        share_access: ShareAccess(7),
        create_disposition: disposition,
        create_options: options,
        name: path,
        create_contexts: Vec::new(),
    }
}

/// Opens a name to ask about it.
pub(crate) fn look(path: String) -> CreateRequest {
    create(path, Access::FILE_READ_ATTRIBUTES, CreateDisposition::FileOpen, OPEN_REPARSE_POINT)
}

/// Opens a name to change its times and attributes.
pub(crate) fn touch(path: String) -> CreateRequest {
    let access = Access::FILE_READ_ATTRIBUTES | Access::FILE_WRITE_ATTRIBUTES;
    create(path, access, CreateDisposition::FileOpen, OPEN_REPARSE_POINT)
}

/// Opens a directory to list it.
pub(crate) fn open_directory(path: String) -> CreateRequest {
    // The right to read data of a directory is the right to list it.
    let access = Access::FILE_READ_DATA | Access::FILE_READ_ATTRIBUTES;
    create(path, access, CreateDisposition::FileOpen, DIRECTORY_FILE)
}

/// Makes a directory.
pub(crate) fn make_directory(path: String) -> CreateRequest {
    create(path, Access::FILE_READ_ATTRIBUTES, CreateDisposition::FileCreate, DIRECTORY_FILE)
}

/// Opens a file as it is asked for; its content is dropped by [`set_len`], since a disposition
/// that overwrites drops attributes and streams too, and fails on hidden files.
pub(crate) fn open(path: String, how: OpenHow) -> CreateRequest {
    let mut access = Access::FILE_READ_DATA | Access::FILE_READ_ATTRIBUTES;
    if how.write || how.truncate {
        access |=
            Access::FILE_WRITE_DATA | Access::FILE_APPEND_DATA | Access::FILE_WRITE_ATTRIBUTES;
    }
    let disposition = match (how.create, how.exclusive) {
        (false, _) => CreateDisposition::FileOpen,
        (true, false) => CreateDisposition::FileOpenIf,
        (true, true) => CreateDisposition::FileCreate,
    };
    create(path, access, disposition, NON_DIRECTORY_FILE)
}

/// Opens a name to remove or rename it; as a directory, as anything else, or as either.
pub(crate) fn open_to_remove(path: String, directory: Option<bool>) -> CreateRequest {
    let options = match directory {
        Some(true) => DIRECTORY_FILE,
        Some(false) => NON_DIRECTORY_FILE,
        None => 0,
    };
    let access = Access::DELETE | Access::FILE_READ_ATTRIBUTES;
    create(path, access, CreateDisposition::FileOpen, OPEN_REPARSE_POINT | options)
}

/// Asks for everything about an open file.
pub(crate) fn ask_all(file: FileId) -> Step {
    query(InfoType::File, 18, file)
}

/// Asks which kind of reparse point an open file is.
pub(crate) fn ask_tag(file: FileId) -> Step {
    query(InfoType::File, 35, file)
}

/// Asks how much there is on the file system.
pub(crate) fn ask_space() -> Step {
    query(InfoType::Filesystem, 7, FileId::SENTINEL)
}

fn query(info_type: InfoType, file_info_class: u8, file_id: FileId) -> Step {
    let request = QueryInfoRequest {
        info_type,
        file_info_class,
        output_buffer_length: CREDIT as u32,
        additional_information: 0,
        flags: 0,
        file_id,
        input_buffer: Vec::new(),
    };
    Step::new(Command::QueryInfo, request, CREDIT)
}

fn set(file_info_class: u8, file_id: FileId, buffer: Vec<u8>) -> Step {
    let request = SetInfoRequest {
        info_type: InfoType::File,
        file_info_class,
        additional_information: 0,
        file_id,
        buffer,
    };
    Step::new(Command::SetInfo, request, 0)
}

/// Cuts or extends an open file.
pub(crate) fn set_len(file: FileId, len: u64) -> Step {
    set(20, file, len.to_le_bytes().to_vec())
}

/// Marks an open file as to be removed when it is closed; refused for a directory with content.
pub(crate) fn set_delete() -> Step {
    set(13, FileId::SENTINEL, vec![1])
}

/// Gives an open file another name.
pub(crate) fn set_name(path: &str, replace: bool) -> Step {
    let name: Vec<u8> = path.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut buffer = vec![u8::from(replace), 0, 0, 0, 0, 0, 0, 0];
    buffer.extend([0; 8]);
    buffer.extend((name.len() as u32).to_le_bytes());
    buffer.extend(name);
    // The structure has at least this size, whatever the length of the name.
    buffer.resize(buffer.len().max(24), 0);
    set(10, FileId::SENTINEL, buffer)
}

/// Changes times and attributes of an open file; what is `None` stays.
pub(crate) fn set_basic(
    file: FileId,
    accessed: Option<SystemTime>,
    modified: Option<SystemTime>,
    bits: Option<u32>,
) -> Step {
    let ticks = |time: Option<SystemTime>| time.map_or(0, |time| FileTime::from(time).0);
    let mut buffer = 0u64.to_le_bytes().to_vec();
    buffer.extend(ticks(accessed).to_le_bytes());
    buffer.extend(ticks(modified).to_le_bytes());
    buffer.extend(0u64.to_le_bytes());
    // No attribute at all has a bit of its own: zero means no change.
    let bits = bits.map_or(0, |bits| if bits == 0 { FileAttributes::NORMAL } else { bits });
    buffer.extend(bits.to_le_bytes());
    buffer.extend([0; 4]);
    set(4, file, buffer)
}
