//! Cutting what comes into packets.

use std::io;

use bytes::{BufMut as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Longest packet that is believed; OpenSSH's longest has 256 KiB.
const LONGEST: usize = 1 << 20;

/// How much is read without knowing what it is. A long packet is read for the rest straight into
/// memory of its own, so hardly any of it is copied.
const AHEAD: usize = 16 * 1024;

/// The packets that a server sends.
pub(crate) struct Incoming<R> {
    input: R,
    ahead: BytesMut,
}

impl<R: AsyncRead + Unpin> Incoming<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, ahead: BytesMut::new() }
    }

    /// Returns the next packet without its length; `None` at the end.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        while self.ahead.len() < 4 {
            self.ahead.reserve(AHEAD);
            if self.input.read_buf(&mut (&mut self.ahead).limit(AHEAD)).await? == 0 {
                return match self.ahead.is_empty() {
                    true => Ok(None),
                    false => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        }
        let length =
            u32::from_be_bytes([self.ahead[0], self.ahead[1], self.ahead[2], self.ahead[3]]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length == 0 || length > LONGEST {
            // Text, most likely, that the account's start files print.
            let start = self.ahead.split();
            let text = String::from_utf8_lossy(&start);
            let text: String = text.chars().take_while(|it| !it.is_control()).take(100).collect();
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let _ = self.ahead.split_to(4);
        if self.ahead.len() >= length {
            return Ok(Some(self.ahead.split_to(length).freeze()));
        }
        let mut packet = BytesMut::with_capacity(length);
        packet.extend_from_slice(&self.ahead.split());
        while packet.len() < length {
            let missing = length - packet.len();
            if self.input.read_buf(&mut (&mut packet).limit(missing)).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(Some(packet.freeze()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets(bytes: &[u8]) -> (Vec<Bytes>, io::Result<()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut incoming = Incoming::new(bytes);
        let mut packets = Vec::new();
        loop {
            match runtime.block_on(incoming.next()) {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => return (packets, Ok(())),
                Err(error) => return (packets, Err(error)),
            }
        }
    }

    #[test]
    fn packets_of_all_lengths_are_cut_out() {
        let mut bytes = Vec::new();
        let lengths = [1, 5, AHEAD - 4, AHEAD, 7, 3 * AHEAD + 1, 200_000, 2];
        for length in lengths {
            bytes.put_u32(u32::try_from(length).unwrap());
            bytes.extend((0..length).map(|at| u8::try_from(at % 251).unwrap()));
        }
        let (packets, end) = packets(&bytes);
        assert!(end.is_ok());
        assert_eq!(packets.iter().map(Bytes::len).collect::<Vec<_>>(), lengths);
        let right =
            |packet: &Bytes| packet.iter().enumerate().all(|(at, &it)| at % 251 == usize::from(it));
        assert!(packets.iter().all(right));
    }

    #[test]
    fn ends_and_chatter_are_told() {
        assert_eq!(packets(b"\0\0\0").1.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(packets(b"\0\0\0\x02x").1.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let error = packets(b"Welcome to h!\n").1.unwrap_err();
        assert_eq!(error.to_string(), "Welcome to h!");
    }
}
