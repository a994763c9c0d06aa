use super::*;
use crate::sftp::status;
use tokio::io::{AsyncReadExt as _, DuplexStream};

/// The server's end of a conversation, played by the test.
struct Server(DuplexStream);

impl Server {
    async fn take(&mut self) -> (u8, u32, Vec<u8>) {
        let length = usize::try_from(self.0.read_u32().await.unwrap()).unwrap();
        let mut packet = vec![0; length];
        self.0.read_exact(&mut packet).await.unwrap();
        (packet[0], u32::from_be_bytes(packet[1..5].try_into().unwrap()), packet[5..].to_vec())
    }

    async fn answer(&mut self, kind: u8, id: u32, fill: impl FnOnce(&mut Packet) + Send) {
        let mut packet = Packet::new(kind, id);
        fill(&mut packet);
        self.0.write_all(&packet.finish(0)).await.unwrap();
    }
}

async fn start() -> (Server, Arc<Session>, Extensions, Tasks) {
    let (near, far) = tokio::io::duplex(1 << 16);
    let (input, output) = tokio::io::split(near);
    let mut server = Server(far);
    let hello = async {
        assert_eq!(server.take().await.0, kind::INIT);
        server
            .answer(kind::VERSION, 3, |packet| {
                packet.text(b"limits@openssh.com").text(b"1").text(b"fsync@openssh.com").text(b"9");
            })
            .await;
    };
    let (started, ()) = tokio::join!(Session::start(input, output), hello);
    let (session, extensions, tasks) = started.unwrap().unwrap();
    (server, session, extensions, tasks)
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::time::timeout(std::time::Duration::from_secs(60), test).await.unwrap();
    });
}

#[test]
fn answers_find_their_questions_in_any_order() {
    run(async {
        let (mut server, session, extensions, _tasks) = start().await;
        assert!(extensions.limits && !extensions.fsync);
        let first = session.send(kind::READ, |_| {}).await.unwrap();
        let second = session.send_with(kind::WRITE, |_| {}, Bytes::from("xyz")).await.unwrap();
        let ((_, one, _), (_, two, data)) = (server.take().await, server.take().await);
        assert_eq!(data, b"xyz");
        server
            .answer(kind::STATUS, two, |packet| {
                packet.u32(status::OK);
            })
            .await;
        server
            .answer(kind::DATA, one, |packet| {
                packet.text(b"abc");
            })
            .await;
        assert!(matches!(first.await, Ok(Reply::Data(data)) if &*data == b"abc"));
        assert!(matches!(second.await, Ok(Reply::Status { code: status::OK, .. })));
    });
}

#[test]
fn what_nobody_waits_for_is_tidied_when_it_comes() {
    run(async {
        let (mut server, session, _, _tasks) = start().await;
        drop(session.send(kind::OPEN, |_| {}).await.unwrap());
        let (_, id, _) = server.take().await;
        assert_eq!(session.places.available_permits(), UNDER_WAY - 1);
        server
            .answer(kind::HANDLE, id, |packet| {
                packet.text(b"\0\xff");
            })
            .await;
        let (closed, _, handle) = server.take().await;
        assert_eq!((closed, handle), (kind::CLOSE, b"\0\0\0\x02\0\xff".to_vec()));
        assert_eq!(session.places.available_permits(), UNDER_WAY);
        assert!(session.slots().waiting.is_empty());
    });
}

#[test]
fn what_stays_unanswered_is_bounded() {
    run(async {
        let (_server, session, _, _tasks) = start().await;
        for _ in 0..UNDER_WAY {
            drop(session.send(kind::STAT, |_| {}).await.unwrap());
        }
        let more = session.send(kind::STAT, |_| {});
        let limit = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(limit, more).await.is_err());
        assert_eq!(session.slots().waiting.len(), UNDER_WAY);
    });
}

#[test]
fn an_end_reaches_everybody() {
    run(async {
        let (server, session, _, _tasks) = start().await;
        let waiting = session.send(kind::STAT, |_| {}).await.unwrap();
        drop(server);
        assert_eq!(waiting.await.unwrap_err().kind, FaultKind::Lost);
        assert!(session.ended());
        assert_eq!(session.send(kind::STAT, |_| {}).await.unwrap_err().kind, FaultKind::Lost);
    });
}

#[test]
fn nonsense_ends_the_conversation() {
    run(async {
        let (mut server, session, _, _tasks) = start().await;
        let waiting = session.send(kind::STAT, |_| {}).await.unwrap();
        let (_, id, _) = server.take().await;
        server.answer(77, id, |_| {}).await;
        assert_eq!(waiting.await.unwrap_err().kind, FaultKind::Nonsense);
        assert_eq!(
            session.send(kind::STAT, |_| {}).await.map(|_| ()).unwrap_err().kind,
            FaultKind::Lost
        );
    });
}
