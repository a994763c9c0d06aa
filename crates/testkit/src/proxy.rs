//! A TCP proxy that makes a connection misbehave, for servers that cannot be asked to.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// What becomes of connections through the proxy, old ones and new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Everything passes.
    Well,
    /// Connections are accepted and nothing passes.
    Frozen,
    /// One byte a second passes, each way.
    Slow,
    /// After so many more bytes to the server, counted over all connections, all are reset.
    Cut(u64),
    /// Connecting is refused; those that exist are reset.
    Refused,
}

/// A proxy on the loopback interface; dropping it resets what is connected.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    line: Line,
    /// Ends of connections, to be reset; the number tells which pair.
    streams: Vec<(u64, TcpStream)>,
    accepting: bool,
    next: u64,
    ended: bool,
}

impl Proxy {
    /// Starts a proxy before a server.
    pub fn start(server: SocketAddr) -> io::Result<Self> {
        let state = State {
            line: Line::Well,
            streams: Vec::new(),
            accepting: false,
            next: 0,
            ended: false,
        };
        let shared = Arc::new(Shared { server, state: Mutex::new(state), changed: Condvar::new() });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, crate::free_port()))?;
        let address = listener.local_addr()?;
        accept(Arc::clone(&shared), listener);
        Ok(Self { address, shared })
    }

    /// Returns where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what becomes of connections.
    pub fn set(&self, line: Line) -> io::Result<()> {
        let mut state = self.shared.lock();
        state.line = line;
        self.shared.changed.notify_all();
        if line == Line::Refused {
            reset_all(&mut state);
            // The listener wakes for this connection, sees that it is refused, and is closed.
            drop(TcpStream::connect(self.address));
            while state.accepting {
                state = self.shared.wait(state);
            }
        } else if !state.accepting {
            let listener = TcpListener::bind(self.address)?;
            drop(state);
            accept(Arc::clone(&self.shared), listener);
        }
        Ok(())
    }

    /// Resets every connection there is; new ones are served as before.
    pub fn reset(&self) {
        reset_all(&mut self.shared.lock());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.ended = true;
        self.shared.changed.notify_all();
        reset_all(&mut state);
        drop(TcpStream::connect(self.address));
        while state.accepting {
            state = self.shared.wait(state);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|broken| broken.into_inner())
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(|broken| broken.into_inner())
    }

    /// Waits until something may pass; returns how much may.
    fn admit(&self, pair: u64, to_server: bool, wanted: usize) -> io::Result<usize> {
        let mut state = self.lock();
        loop {
            if state.ended || !state.streams.iter().any(|(its, _)| *its == pair) {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            match state.line {
                Line::Well => return Ok(wanted),
                Line::Frozen => state = self.wait(state),
                Line::Refused => return Err(io::ErrorKind::ConnectionReset.into()),
                Line::Slow => {
                    // A change of mind ends the second early.
                    let second = Duration::from_secs(1);
                    let waited = self.changed.wait_timeout(state, second);
                    let (after, timeout) = waited.unwrap_or_else(|broken| broken.into_inner());
                    if timeout.timed_out() && after.line == Line::Slow {
                        return Ok(1);
                    }
                    state = after;
                }
                Line::Cut(_) if !to_server => return Ok(wanted),
                Line::Cut(0) => {
                    reset_all(&mut state);
                    return Err(io::ErrorKind::ConnectionReset.into());
                }
                Line::Cut(left) => {
                    let passes = wanted.min(usize::try_from(left).unwrap_or(usize::MAX));
                    state.line = Line::Cut(left - passes as u64);
                    return Ok(passes);
                }
            }
        }
    }
}

fn reset_all(state: &mut State) {
    for (_, stream) in state.streams.drain(..) {
        // Closing with nothing lingering sends a reset. The copy that a thread holds keeps the
        // socket open; shut down, its thread wakes, and closes it.
        let _ = rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO));
        let _ = stream.shutdown(Shutdown::Read);
    }
}

fn accept(shared: Arc<Shared>, listener: TcpListener) {
    shared.lock().accepting = true;
    std::thread::spawn(move || {
        while let Ok((client, _)) = listener.accept() {
            let state = shared.lock();
            if state.ended || state.line == Line::Refused {
                break;
            }
            drop(state);
            // A server that is down refuses, and so the client is refused, a moment late.
            let Ok(server) = TcpStream::connect(shared.server) else {
                let _ = rustix::net::sockopt::set_socket_linger(&client, Some(Duration::ZERO));
                continue;
            };
            if connect(&shared, client, server).is_err() {
                break;
            }
        }
        drop(listener);
        shared.lock().accepting = false;
        shared.changed.notify_all();
    });
}

fn connect(shared: &Arc<Shared>, client: TcpStream, server: TcpStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let mut state = shared.lock();
    let pair = state.next;
    state.next += 1;
    state.streams.push((pair, client.try_clone()?));
    state.streams.push((pair, server.try_clone()?));
    drop(state);
    let pairs = [(client.try_clone()?, server.try_clone()?, true), (server, client, false)];
    for (from, to, to_server) in pairs {
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            let ended = pump(&shared, pair, &from, &to, to_server);
            if ended.is_err() {
                let mut state = shared.lock();
                let (gone, kept) = state.streams.drain(..).partition(|(its, _)| *its == pair);
                state.streams = kept;
                let mut gone = State { streams: gone, ..State::empty() };
                reset_all(&mut gone);
                shared.changed.notify_all();
            } else {
                // One way ends as its end did; the other may go on.
                let _ = to.shutdown(Shutdown::Write);
            }
        });
    }
    Ok(())
}

impl State {
    fn empty() -> Self {
        Self { line: Line::Well, streams: Vec::new(), accepting: false, next: 0, ended: true }
    }
}

fn pump(
    shared: &Shared,
    pair: u64,
    mut from: &TcpStream,
    mut to: &TcpStream,
    to_server: bool,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            // Its end, or `reset_all`, which wakes us thus.
            let known = shared.lock().streams.iter().any(|(its, _)| *its == pair);
            return if known { Ok(()) } else { Err(io::ErrorKind::ConnectionReset.into()) };
        }
        let mut done = 0;
        while done < count {
            let passes = shared.admit(pair, to_server, count - done)?;
            to.write_all(&buffer[done..done + passes])?;
            done += passes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || io::copy(&mut &stream, &mut &stream));
            }
        });
        address
    }

    fn ask(stream: &mut TcpStream, text: &[u8]) -> io::Result<Vec<u8>> {
        stream.write_all(text)?;
        let mut answer = vec![0; text.len()];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    }

    #[test]
    fn a_line_goes_wrong_and_recovers() {
        let proxy = Proxy::start(echo()).unwrap();
        let mut stream = TcpStream::connect(proxy.address()).unwrap();
        assert_eq!(ask(&mut stream, b"hello").unwrap(), b"hello");

        proxy.set(Line::Frozen).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        assert!(ask(&mut stream, b"late").is_err());
        proxy.set(Line::Slow).unwrap();
        stream.set_read_timeout(None).unwrap();
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        proxy.set(Line::Well).unwrap();
        let mut rest = [0; 3];
        stream.read_exact(&mut rest).unwrap();
        assert_eq!([&byte[..], &rest[..]].concat(), b"late");

        proxy.set(Line::Cut(3)).unwrap();
        assert!(ask(&mut stream, b"cut off").is_err());
        proxy.set(Line::Refused).unwrap();
        assert!(TcpStream::connect(proxy.address()).is_err());
        proxy.set(Line::Well).unwrap();
        let mut stream = TcpStream::connect(proxy.address()).unwrap();
        assert_eq!(ask(&mut stream, b"again").unwrap(), b"again");
        proxy.reset();
        let error = ask(&mut stream, b"?").unwrap_err();
        let reset = [io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe];
        assert!(reset.contains(&error.kind()), "{error}");
        let address = proxy.address();
        drop(proxy);
        assert!(TcpStream::connect(address).is_err());
    }
}
