//! How slowly a body may come in: whoever sends a byte a minute holds a place that others need.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a body may take that brings nothing.
const START: Duration = Duration::from_secs(30);
/// How many bytes a second are enough.
const RATE: u64 = 4 * 1024;

/// It came too slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body came too slowly")]
pub struct TooSlow;

/// True when a body could not be read because it came too slowly.
#[must_use]
pub fn was_slow(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut at = Some(error);
    while let Some(one) = at {
        if one.is::<TooSlow>() {
            return true;
        }
        at = one.source();
    }
    false
}

/// Middleware: bodies are read as long as they come fast enough.
pub async fn limited(request: Request, next: Next) -> Response {
    next.run(request.map(|body| Timed::new(body, START).boxed_in())).await
}

/// A body with a time by which the next piece must be there; every byte moves it on.
struct Timed {
    body: Body,
    start: Duration,
    begun: Instant,
    got: u64,
    until: Pin<Box<Sleep>>,
}

impl Timed {
    fn new(body: Body, start: Duration) -> Self {
        let begun = Instant::now();
        Self { body, start, begun, got: 0, until: Box::pin(sleep_until(begun + start)) }
    }
    fn boxed_in(self) -> Body {
        // What holds nothing needs no clock.
        if self.body.is_end_stream() { self.body } else { Body::new(self) }
    }
    fn came(&mut self, bytes: usize) {
        self.got = self.got.saturating_add(bytes as u64);
        let earned = Duration::from_millis(self.got.saturating_mul(1000) / RATE);
        let wait = self.start.saturating_add(earned);
        let until = self.begun.checked_add(wait).unwrap_or(self.begun + self.start);
        self.until.as_mut().reset(until);
    }
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.came(frame.data_ref().map_or(0, Bytes::len));
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(other) => Poll::Ready(other),
            Poll::Pending => match self.until.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(Some(Err(axum::Error::new(TooSlow)))),
                Poll::Pending => Poll::Pending,
            },
        }
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// Pieces of so many bytes, one every so many milliseconds; a fifth of a second is what may pass without any.
    fn dripping(size: usize, every: u64, pieces: usize) -> Body {
        let (send, receive) = tokio::sync::mpsc::channel::<Bytes>(1);
        tokio::spawn(async move {
            for _ in 0..pieces {
                tokio::time::sleep(Duration::from_millis(every)).await;
                if send.send(Bytes::from(vec![b'a'; size])).await.is_err() {
                    return;
                }
            }
        });
        Body::new(Timed::new(Body::new(Dripping(receive)), Duration::from_millis(200)))
    }

    struct Dripping(tokio::sync::mpsc::Receiver<Bytes>);
    impl HttpBody for Dripping {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.0.poll_recv(cx).map(|one| one.map(|bytes| Ok(Frame::data(bytes))))
        }
    }

    #[tokio::test]
    async fn who_drips_is_refused_and_who_only_has_much_to_send_is_not() {
        let error = axum::body::to_bytes(dripping(1, 20, 1_000), 1 << 20).await.unwrap_err();
        assert!(was_slow(&error), "{error:?}");
        // For longer than that, but at a pace.
        let whole = axum::body::to_bytes(dripping(8 * 1024, 40, 20), 2 << 20).await.unwrap();
        assert_eq!(whole.len(), 20 * 8 * 1024);
        // What is too large is another thing.
        let error = axum::body::to_bytes(dripping(1024, 1, 5), 100).await.unwrap_err();
        assert!(!was_slow(&error));
    }
}
