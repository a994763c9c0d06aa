//! SMB over TCP: each message goes after its length (MS-SMB2 2.1).
//!
//! `smb2` brings such a transport too; this one takes a stream whose address was found and reached
//! stage by stage, sends length and message in one piece, and does not fill a buffer with zeroes
//! before it fills it with data.

use std::io::IoSlice;

use async_trait::async_trait;
use smb2::client::connection::Connection;
use smb2::transport::{TransportReceive, TransportSend};
use smb2::{Error, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Mutex;

use crate::opening::Opening;

/// Longest message: more than any that we ask for.
const LONGEST: usize = 16 * 1024 * 1024;

/// Makes a connection of a stream.
pub(crate) fn connection(stream: TcpStream, server: &str, opening: &Opening) -> Connection {
    let (read, write) = stream.into_split();
    let sender = Sender { stream: Mutex::new(write), opening: opening.clone() };
    let receiver = Receiver { stream: Mutex::new(read), opening: opening.clone() };
    Connection::from_transport(Box::new(sender), Box::new(receiver), server)
}

struct Sender {
    stream: Mutex<OwnedWriteHalf>,
    opening: Opening,
}

#[async_trait]
impl TransportSend for Sender {
    async fn send(&self, data: &[u8]) -> Result<()> {
        let first = self.opening.send(data);
        let data = first.as_deref().unwrap_or(data);
        let length = u32::try_from(data.len()).ok().filter(|_| data.len() <= LONGEST);
        let length = length.ok_or_else(|| Error::invalid_data("a message that is too long"))?;
        let head = length.to_be_bytes();
        let mut stream = self.stream.lock().await;
        let mut pieces = [IoSlice::new(&head), IoSlice::new(data)];
        let mut rest = &mut pieces[..];
        while !rest.is_empty() {
            match stream.write_vectored(rest).await.map_err(Error::Io)? {
                0 => return Err(Error::Disconnected),
                written => IoSlice::advance_slices(&mut rest, written),
            }
        }
        Ok(())
    }
}

struct Receiver {
    stream: Mutex<OwnedReadHalf>,
    opening: Opening,
}

#[async_trait]
impl TransportReceive for Receiver {
    async fn receive(&self) -> Result<Vec<u8>> {
        let mut stream = self.stream.lock().await;
        let mut head = [0; 4];
        stream.read_exact(&mut head).await.map_err(read_error)?;
        // The first byte is zero, or the length is beyond every bound.
        let length = u32::from_be_bytes(head) as usize;
        if length > LONGEST {
            return Err(Error::invalid_data("what answers does not speak SMB"));
        }
        let mut message = Vec::with_capacity(length);
        let mut bounded = (&mut *stream).take(length as u64);
        while message.len() < length {
            if bounded.read_buf(&mut message).await.map_err(read_error)? == 0 {
                return Err(Error::Disconnected);
            }
        }
        self.opening.receive(&message);
        Ok(message)
    }
}

fn read_error(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Error::Disconnected,
        _ => Error::Io(error),
    }
}
