//! A connection whose other end may not keep it busy for ever by reading nothing.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// A stream that fails when for so long nothing of what is written to it is taken.
pub struct Patience<S> {
    stream: S,
    limit: Duration,
    /// Runs while a write waits.
    waits: Pin<Box<Sleep>>,
    waiting: bool,
}

impl<S> Patience<S> {
    /// Around that stream.
    pub fn new(stream: S, limit: Duration) -> Patience<S> {
        Patience { stream, limit, waits: Box::pin(tokio::time::sleep(limit)), waiting: false }
    }

    /// What the write gave, or that it has waited too long.
    fn weigh<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = false;
            return written;
        }
        if !self.waiting {
            self.waiting = true;
            self.waits.as_mut().reset(Instant::now() + self.limit);
        }
        ready!(self.waits.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patience<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patience<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, octets);
        self.weigh(written, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.weigh(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.weigh(shut, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.weigh(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[test]
    fn a_reader_who_reads_nothing_ends_it_and_one_who_reads_does_not() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("an address");
            let mut reader = tokio::net::TcpStream::connect(address).await.expect("connected");
            let (stream, _) = listener.accept().await.expect("accepted");
            let mut patient = Patience::new(stream, Duration::from_millis(50));
            let octets = vec![0; 64 * 1024 * 1024];
            let reading = tokio::spawn(async move {
                let mut buffer = vec![0; 65536];
                let mut left = 8 * 1024 * 1024;
                while left > 0 {
                    left -= reader.read(&mut buffer).await.expect("read").min(left);
                }
                reader
            });
            patient.write_all(&octets[..8 * 1024 * 1024]).await.expect("somebody reads");
            let _reader = reading.await.expect("read");
            let stalled = patient.write_all(&octets).await.expect_err("nobody reads");
            assert_eq!(stalled.kind(), io::ErrorKind::TimedOut);
        });
    }
}
