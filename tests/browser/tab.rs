//! A browser with one page, driven as a person drives it, and listened to as a developer does.
//!
//! All waiting is for a condition, and bounded. What a page writes to its console as an error or a warning, a broken
//! content security policy included, fails the test when it ends.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long a condition may take to come true, milliseconds.
const PATIENCE: u64 = 20_000;

/// A name that leads to this machine though it is not this machine's.
pub const STRANGER: &str = "stranger.test";
const RESOLVER: &str = "--host-resolver-rules=MAP stranger.test 127.0.0.1";

/// Keys as WebDriver names them.
pub mod key {
    pub const TAB: char = '\u{e004}';
    pub const ENTER: char = '\u{e007}';
    pub const SHIFT: char = '\u{e008}';
    pub const ESCAPE: char = '\u{e00c}';
    pub const SPACE: char = ' ';
    pub const END: char = '\u{e010}';
    pub const HOME: char = '\u{e011}';
    pub const LEFT: char = '\u{e012}';
    pub const RIGHT: char = '\u{e014}';
    pub const DOWN: char = '\u{e015}';
}

/// Whether a ring of two pixels at least is drawn about what has the focus: about itself, what it fills, what it stands
/// in, or the label that stands for it.
const RING: &str = "(() => {
  const at = document.activeElement;
  if (at === document.body) return true;
  const styles = [getComputedStyle(at), getComputedStyle(at, '::after')];
  for (const near of [at.parentElement, at.parentElement?.parentElement, at.nextElementSibling]) {
    if (near) styles.push(getComputedStyle(near));
  }
  return styles.some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
})()";

/// What the browser may reach.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Net {
    /// This machine.
    On,
    /// Nothing: whatever it asks for is refused.
    Off,
}

/// One browser.
pub struct Tab {
    runtime: Runtime,
    client: Client,
    folder: tempfile::TempDir,
}

/// A command of this driver that WebDriver itself does not know.
#[derive(Debug)]
struct Special {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Special {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        // Whatever became of the test; a driver that is gone has taken the browser with it.
        let _ = self.runtime.block_on(self.client.clone().close());
    }
}

impl Tab {
    /// A fresh browser that nobody used before.
    pub fn open(driver: &str, net: Net) -> Tab {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let wanted = wanted(net, folder.path());
        let connected = runtime.block_on(async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(wanted);
            builder.connect(driver).await
        });
        let client = connected.unwrap_or_else(|error| panic!("no browser: {error}"));
        let tab = Tab { runtime, client, folder };
        let place = json!({ "behavior": "allow", "downloadPath": tab.folder.path() });
        tab.devtools("Browser.setDownloadBehavior", place);
        tab
    }

    /// Does one thing after another; what the driver says went wrong is the test's mistake or the page's.
    fn does<T, E: std::fmt::Display>(&self, what: &str, act: impl Future<Output = Result<T, E>>) -> T {
        self.runtime.block_on(act).unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// A command of the browser's developer tools.
    pub fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.does(command, self.client.issue_cmd(Special { path: "goog/cdp/execute", body }))
    }

    /// Opens an address anew, and waits until its document has come.
    pub fn goto(&self, address: &str) {
        // Another place of the page that is open would be no new page.
        self.does("about:blank", self.client.goto("about:blank"));
        self.does(address, self.client.goto(address));
    }

    /// The value of an expression in the page.
    pub fn value(&self, expression: &str) -> Value {
        self.does(expression, self.client.execute(&format!("return ({expression});"), Vec::new()))
    }

    /// The value of an expression that is a text.
    pub fn text(&self, expression: &str) -> String {
        match self.value(expression) {
            Value::String(text) => text,
            other => panic!("{expression} is {other}"),
        }
    }

    /// The words of the first element of that selector.
    pub fn words(&self, css: &str) -> String {
        self.text(&format!("document.querySelector({css:?}).textContent.trim()"))
    }

    /// Runs statements in the page, which call `done(value)`.
    pub fn run(&self, statements: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {statements}");
        self.does("a script", self.client.execute_async(&script, Vec::new()))
    }

    /// Waits until an expression in the page is true, also across pages, and gives its value.
    pub fn until(&self, condition: &str) -> Value {
        // Looked at in the page itself, so that nothing is missed and no time is lost.
        let script = format!(
            "const done = arguments[arguments.length - 1];
             const end = performance.now() + {PATIENCE};
             let wrong = 'false';
             const look = () => {{
               try {{
                 const value = ({condition});
                 if (value) {{ done([value]); return; }}
                 wrong = String(value);
               }} catch (error) {{ wrong = String(error); }}
               if (performance.now() > end) done(wrong);
               else setTimeout(look, 5);
             }};
             look();"
        );
        // Where the page goes away under the script, the next page is asked.
        for _ in 0..20 {
            match self.runtime.block_on(self.client.execute_async(&script, Vec::new())) {
                Ok(Value::Array(mut value)) => return value.remove(0),
                Ok(wrong) => panic!("never true: {condition}: {wrong}\n{}", self.seen()),
                Err(error) if error.to_string().contains("unloaded") => {}
                Err(error) => panic!("{condition}: {error}"),
            }
        }
        panic!("the page goes away again and again: {condition}")
    }

    /// What a person sees, for whoever reads why a test failed.
    fn seen(&self) -> String {
        let text = self.text("location.href + '\\n' + document.body.innerText");
        let log = self.log().join("\n");
        format!("{}\n{log}", text.chars().take(3000).collect::<String>())
    }

    fn element(&self, css: &str) -> Element {
        self.until(&format!("document.querySelector({css:?})"));
        self.does(css, self.client.find(Locator::Css(css)))
    }

    /// Clicks on the first element of that selector, once it is there and scrolled to, with the mouse: what something
    /// else covers cannot be clicked.
    pub fn click(&self, css: &str) {
        let element = self.element(css);
        self.value(&format!(
            "(document.querySelector({css:?})?.scrollIntoView({{ block: 'nearest' }}), true)"
        ));
        self.does(css, element.click());
    }

    /// Types into a field after what it holds, or names a file in a chooser.
    pub fn fill(&self, css: &str, text: &str) {
        self.does(css, self.element(css).send_keys(text));
    }

    /// Presses keys one after another, wherever the focus is; Shift holds for the next key.
    pub fn press(&self, keys: &[char]) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        let mut held = Vec::new();
        for &value in keys {
            actions = actions.then(KeyAction::Down { value });
            held.push(value);
            if value != key::SHIFT {
                for value in held.drain(..).rev() {
                    actions = actions.then(KeyAction::Up { value });
                }
            }
        }
        self.does("keys", self.client.perform_actions(actions));
    }

    /// Presses Tab until that element has the focus, which must be seen on whatever has it on the way.
    pub fn tab_to(&self, css: &str) {
        for _ in 0..300 {
            self.press(&[key::TAB]);
            let at = || self.text("document.activeElement.outerHTML.slice(0, 300)");
            assert_eq!(self.value(RING), true, "the focus is not seen on {}", at());
            if self.value(&format!("document.activeElement.matches({css:?})")) == true {
                return;
            }
        }
        panic!("{css} cannot be reached by keyboard");
    }

    /// How wide and high the page is, and in which colours the person likes it.
    pub fn look(&self, width: u32, height: u32, scheme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size);
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", features);
        // What comes into sight is laid out with the next frame, and may move what lies below.
        self.run(
            "requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => done(1))));",
        );
    }

    /// The picture of the page as PNG.
    pub fn picture(&self) -> Vec<u8> {
        self.does("a picture", self.client.screenshot())
    }

    /// Where downloads arrive.
    pub fn downloads(&self) -> &Path {
        self.folder.path()
    }

    /// Waits on something outside of the page.
    pub fn wait_for<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        self.runtime.block_on(async {
            for _ in 0..PATIENCE / 10 {
                if let Some(found) = look() {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("never: {what}")
        })
    }

    /// What the page, or the browser about it, has complained of since this was last asked.
    pub fn log(&self) -> Vec<String> {
        let log = self.does(
            "log",
            self.client.issue_cmd(Special { path: "se/log", body: json!({ "type": "browser" }) }),
        );
        let entries = log.as_array().map_or(&[][..], Vec::as_slice);
        let of = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        entries
            .iter()
            .filter(|entry| ["SEVERE", "WARNING"].contains(&of(entry, "level").as_str()))
            .map(|entry| format!("{}: {}", of(entry, "level"), of(entry, "message")))
            .collect()
    }
}

/// What the driver is asked for.
fn wanted(net: Net, folder: &Path) -> serde_json::Map<String, Value> {
    let mut arguments = vec![
        "--headless=new",
        // Containers forbid its sandbox; it opens nothing but our own pages.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        // Through a pipe, the browser ends with its driver, even if that is killed.
        "--remote-debugging-pipe",
        "--window-size=1280,900",
        RESOLVER,
    ];
    if net == Net::Off {
        arguments.extend(["--proxy-server=http://127.0.0.1:1", "--proxy-bypass-list=<-loopback>"]);
    }
    let options = json!({
        "args": arguments,
        "binary": super::machine::browser(),
        "prefs": { "download.default_directory": folder, "download.prompt_for_download": false },
    });
    let wanted = json!({
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
        "timeouts": { "script": PATIENCE * 2 },
    });
    let Value::Object(wanted) = wanted else { unreachable!("an object was written") };
    wanted
}
