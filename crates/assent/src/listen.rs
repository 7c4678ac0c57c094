//! Connections: each request's head has to come in time, what is under way when the program is told to stop may end, and
//! whoever is slow keeps nobody from anything.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

/// How long the head of a request may take, also of the next one on a connection that is kept open.
pub(crate) const HEAD: Duration = Duration::from_secs(30);
/// How long requests may take that are under way when the program is told to stop.
const LAST_WORDS: Duration = Duration::from_secs(20);
/// How long nobody new is let in when there is no room for a connection.
const NO_ROOM: Duration = Duration::from_millis(500);

/// Lets connections in until it is told to stop, and waits for those under way.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    head: Duration,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connection(&graceful, &app, stream, peer, head),
                // Too many files are open, or whoever came has left again.
                Err(_) => tokio::time::sleep(NO_ROOM).await,
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    // Whoever is slow does not keep the ledger from being finished.
    let _ = tokio::time::timeout(LAST_WORDS, graceful.shutdown()).await;
}

fn connection(
    graceful: &GracefulShutdown,
    app: &Router,
    stream: TcpStream,
    peer: SocketAddr,
    head: Duration,
) {
    let app = app.clone();
    let answer = service_fn(move |request: Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let app = app.clone();
        async move { Ok::<_, Infallible>(app.oneshot(request).await.unwrap_or_else(|never| match never {})) }
    });
    let mut one = http1::Builder::new();
    one.timer(TokioTimer::new()).header_read_timeout(head);
    let one = graceful.watch(one.serve_connection(TokioIo::new(stream), answer));
    tokio::spawn(async move {
        // A connection that broke is its owner's to know.
        let _ = one.await;
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::time::Instant;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    async fn begun(
        head: Duration,
    ) -> (SocketAddr, tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let slow = || async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            "slow\n"
        };
        let app = Router::new().route("/", get(|| async { "fine\n" })).route("/slow", get(slow));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap();
        let (tell, told) = tokio::sync::oneshot::channel();
        let serving = tokio::spawn(serve(listener, app, head, async {
            let _ = told.await;
        }));
        (place, tell, serving)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_head_that_never_ends_is_cut_off_and_others_are_served() {
        let (place, _tell, _serving) = begun(Duration::from_millis(300)).await;
        let since = Instant::now();
        let mut slow = TcpStream::connect(place).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await.unwrap();
        let mut quick = TcpStream::connect(place).await.unwrap();
        quick.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut text = String::new();
        quick.read_to_string(&mut text).await.unwrap();
        assert!(text.starts_with("HTTP/1.1 200") && text.ends_with("fine\n"), "{text}");
        // A byte now and then does not help.
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if slow.write_all(b"x").await.is_err() {
                break;
            }
        }
        let mut rest = Vec::new();
        let _ = slow.read_to_end(&mut rest).await;
        assert!(!rest.starts_with(b"HTTP/1.1 200") && since.elapsed() < Duration::from_secs(10));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_under_way_ends_before_the_program_does() {
        let (place, tell, serving) = begun(HEAD).await;
        let mut stream = TcpStream::connect(place).await.unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        tell.send(()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert!(text.ends_with("slow\n"), "{text}");
        serving.await.unwrap();
        assert!(TcpStream::connect(place).await.is_err(), "nobody listens any more");
    }
}
