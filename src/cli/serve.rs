//! `serve`: the lessons in a browser.

use super::args::ServeArgs;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::serve::{self, CannotServe, Options, Server};
use std::time::Duration;

/// Serves until somebody ends it.
pub fn serve(arguments: &ServeArgs, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    // First of all, while there is one thread; where it is forbidden, the page of a comparison says so.
    let live = serve::enter();
    let options = Options { port: arguments.port, run_time: Duration::from_secs(arguments.limit) };
    let server = Server::bind(options, live).map_err(|error| cannot(&error, arguments, settings))?;
    let address = server.address();
    out::print(
        lang,
        &lang.pick(format!("the lessons are at http://{address}/\n"), format!("课程在 http://{address}/\n")),
    )?;
    if !settings.quiet {
        out::say(lang.pick("Ctrl-C ends it\n", "按 Ctrl-C 结束\n"));
    }
    server.run().map_err(|error| cannot(&error, arguments, settings))?;
    Ok(Exit::Fine)
}

fn cannot(error: &CannotServe, arguments: &ServeArgs, settings: &Settings) -> Failure {
    let lang = settings.lang();
    let port = arguments.port;
    Failure::Unable(match error {
        CannotServe::Taken => lang.pick(
            format!("port {port} is in use by another program; choose one with --port, or --port 0 for any that is free"),
            format!("端口 {port} 已被别的程序占用；请用 --port 另选一个，或用 --port 0 任取一个空闲的"),
        ),
        CannotServe::Forbidden => lang.pick(
            format!("this system does not let you use port {port}; choose one above 1023 with --port"),
            format!("系统不允许你使用端口 {port}；请用 --port 选一个大于 1023 的"),
        ),
        CannotServe::Failed(error) => {
            lang.pick(format!("serving failed: {error}"), format!("服务失败：{error}"))
        }
    })
}
