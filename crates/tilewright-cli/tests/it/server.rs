//! A small HTTP server on this machine, as bad as a test needs it.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Requests a server answers at most.
const MOST: usize = 50;

/// What a request asks for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The path, with its slash.
    pub(crate) path: String,
    /// First byte of the `Range`, if there is one.
    pub(crate) from: Option<usize>,
    /// Which request it is, from 0.
    pub(crate) number: usize,
}

/// What is answered.
pub(crate) struct Reply {
    /// Status and reason.
    pub(crate) status: &'static str,
    /// Header lines besides the length.
    pub(crate) headers: String,
    /// The body whose length is announced.
    pub(crate) body: Vec<u8>,
    /// Bytes of the body after which the connection ends.
    pub(crate) cut: Option<usize>,
}

impl Reply {
    /// The whole body.
    pub(crate) fn whole(body: &[u8]) -> Self {
        Self { status: "200 OK", headers: String::new(), body: body.to_vec(), cut: None }
    }

    /// Nothing but a status.
    pub(crate) fn status(status: &'static str) -> Self {
        Self { status, ..Self::whole(b"no") }
    }

    /// The body from where it was asked for.
    pub(crate) fn range(body: &[u8], from: Option<usize>) -> Self {
        let Some(from) = from else { return Self::whole(body) };
        let headers = format!("Content-Range: bytes {from}-{}/{}\r\n", body.len() - 1, body.len());
        Self { status: "206 Partial Content", headers, body: body[from..].to_vec(), cut: None }
    }

    /// The same, ending early.
    pub(crate) fn cut_after(self, bytes: usize) -> Self {
        Self { cut: Some(bytes), ..self }
    }
}

/// A running server.
pub(crate) struct Server {
    /// Its address, `http://…`.
    pub(crate) address: String,
    seen: Arc<Mutex<Vec<(Request, usize)>>>,
}

impl Server {
    /// Answers each request by `reply`.
    pub(crate) fn start(reply: impl Fn(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let seen = Arc::new(Mutex::new(vec![]));
        let record = Arc::clone(&seen);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().take(MOST).enumerate() {
                let Ok(stream) = stream else { continue };
                let Some(request) = read(&stream, number) else { continue };
                let reply = reply(&request);
                let body = &reply.body[..reply.cut.unwrap_or(reply.body.len())];
                record.lock().expect("no panic while locked").push((request, body.len()));
                // A client that has seen enough hangs up.
                drop(answer(stream, &reply, body));
            }
        });
        Self { address, seen }
    }

    /// The requests so far, and how many bytes of a body each got.
    pub(crate) fn seen(&self) -> Vec<(Request, usize)> {
        self.seen.lock().expect("no panic while locked").clone()
    }
}

fn read(stream: &TcpStream, number: usize) -> Option<Request> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let lines: Vec<String> =
        BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let path = lines.first()?.split(' ').nth(1)?.to_owned();
    let range = lines.iter().find_map(|line| line.to_lowercase().strip_prefix("range: bytes=").map(ToOwned::to_owned));
    let from = range.and_then(|range| range.split('-').next()?.parse().ok());
    Some(Request { path, from, number })
}

fn answer(mut stream: TcpStream, reply: &Reply, body: &[u8]) -> std::io::Result<()> {
    let Reply { status, headers, body: announced, .. } = reply;
    let length = announced.len();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}Connection: close\r\n\r\n")?;
    stream.write_all(body)?;
    stream.flush()
}
