//! The listener, its connections, and the end of both.

use super::guard::Guard;
use super::patience::Patience;
use super::{Live, Options, limits, routes};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How long work may take to see that it is to end.
const GRACE: Duration = Duration::from_millis(150);

/// How long to wait when the system has no descriptor left for another connection.
const BREATH: Duration = Duration::from_millis(50);

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum CannotServe {
    /// Another program has the port.
    #[error("the port is in use")]
    Taken,
    /// The system does not allow this port.
    #[error("the port is not allowed")]
    Forbidden,
    /// Something else.
    #[error(transparent)]
    Failed(#[from] io::Error),
}

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    options: Options,
    live: Live,
}

impl Server {
    /// Takes the port of 127.0.0.1. `live` is what [`super::enter`] said.
    ///
    /// # Errors
    /// The port is taken or not allowed.
    pub fn bind(options: Options, live: Live) -> Result<Server, CannotServe> {
        let place = (Ipv4Addr::LOCALHOST, options.port);
        let listener = TcpListener::bind(place).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => CannotServe::Taken,
            io::ErrorKind::PermissionDenied => CannotServe::Forbidden,
            _ => CannotServe::Failed(error),
        })?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Server { listener, address, options, live })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until Ctrl-C or SIGTERM.
    ///
    /// # Errors
    /// What the system refuses at the beginning.
    pub fn run(self) -> Result<(), CannotServe> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_keep_alive(Duration::from_secs(1))
            .build()?;
        let result = runtime.block_on(async {
            let router = routes::router(Guard::new(self.address.port()), self.options.run_time, self.live);
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            let end = end()?;
            tokio::select! {
                () = accept(&listener, &router) => {}
                () = end => {}
            }
            io::Result::Ok(())
        });
        // The connections went with the loop above, and each told its work to end.
        runtime.shutdown_timeout(GRACE);
        Ok(result?)
    }
}

/// Ends when somebody wants the server to end.
#[cfg(unix)]
fn end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends when somebody wants the server to end.
#[cfg(not(unix))]
fn end() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Takes connections, so many at once; further ones wait in the kernel's queue.
async fn accept(listener: &tokio::net::TcpListener, router: &Router) {
    let places = Arc::new(Semaphore::new(limits::CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let router = router.clone();
                connections.spawn(async move {
                    carry(stream, router).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(BREATH).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// One connection, until it ends.
async fn carry(stream: TcpStream, router: Router) {
    let _ = stream.set_nodelay(true);
    let stream = TokioIo::new(Patience::new(stream, limits::STALL));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEADER_TIME)
        .max_headers(limits::HEADERS)
        .max_buf_size(limits::HEADER_OCTETS)
        .serve_connection(stream, TowerToHyperService::new(router));
    // Whatever is wrong with a connection is the other end's affair.
    let _ = connection.await;
}
