//! Packets, field by field.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use mpr_engine::{Fault, FaultKind};

/// A packet that is being written; its length is known when it is finished.
pub(crate) struct Packet(BytesMut);

impl Packet {
    /// Begins a packet.
    pub(crate) fn new(kind: u8, id: u32) -> Self {
        let mut bytes = BytesMut::with_capacity(128);
        bytes.put_u32(0);
        bytes.put_u8(kind);
        bytes.put_u32(id);
        Self(bytes)
    }

    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        self.0.put_u32(value);
        self
    }

    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        self.0.put_u64(value);
        self
    }

    /// Adds bytes with their length before them.
    pub(crate) fn text(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.put_u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.0.put_slice(bytes);
        self
    }

    /// Returns the packet, whose last field is `body` and goes after it on the wire.
    pub(crate) fn finish(mut self, body: usize) -> Bytes {
        let length = u32::try_from(self.0.len() - 4 + body).unwrap_or(u32::MAX);
        self.0[..4].copy_from_slice(&length.to_be_bytes());
        self.0.freeze()
    }
}

/// The fields of a packet that came; reading takes them off the front.
#[derive(Debug)]
pub(crate) struct Fields(pub(crate) Bytes);

impl Fields {
    pub(crate) fn u8(&mut self) -> Result<u8, Fault> {
        self.0.try_get_u8().map_err(|_| short())
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Fault> {
        self.0.try_get_u32().map_err(|_| short())
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Fault> {
        self.0.try_get_u64().map_err(|_| short())
    }

    /// Takes bytes with their length before them; they are not copied.
    pub(crate) fn text(&mut self) -> Result<Bytes, Fault> {
        let length = usize::try_from(self.u32()?).map_err(|_| short())?;
        if length > self.0.len() {
            return Err(short());
        }
        Ok(self.0.split_to(length))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn short() -> Fault {
    Fault::new(FaultKind::Nonsense, "the server's answer is cut short")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_and_nothing_more() {
        let mut packet = Packet::new(3, 7);
        packet.text(b"na\xffme").u32(9).u64(1 << 40);
        let bytes = packet.finish(5);
        assert_eq!(bytes[..4], (u32::try_from(bytes.len()).unwrap() - 4 + 5).to_be_bytes());
        let mut fields = Fields(bytes.slice(4..));
        assert_eq!((fields.u8().unwrap(), fields.u32().unwrap()), (3, 7));
        assert_eq!(fields.text().unwrap(), &b"na\xffme"[..]);
        assert_eq!((fields.u32().unwrap(), fields.u64().unwrap()), (9, 1 << 40));
        assert!(fields.is_empty() && fields.u8().is_err());
        assert_eq!(Fields(Bytes::from_static(&[0, 0, 0, 9, 1])).text().unwrap_err(), short());
    }
}
