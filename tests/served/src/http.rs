//! The server: who may ask, and for what.
//!
//! Only programs of this machine reach it, and each of them could: any page in the person's browser can send it a
//! request. So the address has a random part, which no request may lack; the host must be the one that was listened on,
//! or another site could make its own name point here; and a page that says where it comes from must come from here.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderValue, ORIGIN, REFERRER_POLICY};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tauri::Manager as _;
use tokio::net::{TcpListener, TcpStream};

use crate::ask::ask;
use crate::door::Door;
use crate::heard::Heard;
use crate::page;
use crate::runtime::{AppHandle, WebviewWindow};
use crate::window::MAIN_WINDOW;

/// The most that a request may carry, in bytes; a note may have a million letters.
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Bytes of chance in the address.
const TOKEN_BYTES: usize = 16;

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// The core, as it is served.
pub(crate) struct Served {
    listener: TcpListener,
    core: Arc<Core>,
}

struct Core {
    app: AppHandle,
    window: WebviewWindow,
    heard: Arc<Heard>,
    /// Where it listens: `127.0.0.1:4321`.
    host: String,
    token: String,
    page: Option<PathBuf>,
    policy: HeaderValue,
}

impl Served {
    /// Takes a port of this machine's own.
    pub(crate) async fn bind(app: &AppHandle, page: Option<PathBuf>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let core = Core {
            app: app.clone(),
            window: app.get_webview_window(MAIN_WINDOW).context("there is no window")?,
            heard: Arc::default(),
            host: listener.local_addr()?.to_string(),
            token: token()?,
            page,
            policy: HeaderValue::from_str(&page::policy()?)?,
        };
        Ok(Self {
            listener,
            core: Arc::new(core),
        })
    }

    /// Where the page is, and below it the commands.
    pub(crate) fn address(&self) -> String {
        format!("http://{}/{}/", self.core.host, self.core.token)
    }

    /// Answers until the program ends.
    pub(crate) async fn serve(self) -> anyhow::Result<()> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            tauri::async_runtime::spawn(answer_all(Arc::clone(&self.core), stream));
        }
    }
}

/// Answers what comes over one connection.
async fn answer_all(core: Arc<Core>, stream: TcpStream) {
    let answered = service_fn(move |request| {
        let core = Arc::clone(&core);
        async move { Ok::<_, Infallible>(core.answer(request).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answered);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection broke");
    }
}

impl Core {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let path = request.uri().path().to_owned();
        let Some(path) = self.allowed(&request, &path) else {
            return said(StatusCode::FORBIDDEN, "Not for you.");
        };
        let answered = match (request.method(), path.split_once('/')) {
            (&Method::POST, Some(("invoke", command))) => self.invoke(command, request).await,
            (&Method::POST, Some(("listen", event))) => self.listen(event),
            (&Method::POST, Some(("door", "choose"))) => self.choose(request).await,
            (&Method::GET, None) if path == "events" => Ok(self.events()),
            (&Method::GET, _) => Ok(self.file(path)),
            _ => Ok(said(StatusCode::NOT_FOUND, "There is nothing here.")),
        };
        answered.unwrap_or_else(|error| said(StatusCode::BAD_REQUEST, &format!("{error:#}")))
    }

    /// What is asked for below the address, if whoever asks may.
    fn allowed<'p>(&self, request: &Request<Incoming>, path: &'p str) -> Option<&'p str> {
        let headers = request.headers();
        let is_host = headers
            .get(HOST)
            .is_some_and(|host| host.as_bytes() == self.host.as_bytes());
        let own = format!("http://{}", self.host);
        let is_own = headers
            .get(ORIGIN)
            .is_none_or(|origin| origin.as_bytes() == own.as_bytes());
        let (token, below) = path.strip_prefix('/')?.split_once('/')?;
        (is_host && is_own && is_same(token, &self.token)).then_some(below)
    }

    async fn invoke(&self, command: &str, request: Request<Incoming>) -> anyhow::Result<Answer> {
        let arguments = body(request).await?;
        Ok(match ask(&self.window, command, arguments).await? {
            Ok(json) => told(StatusCode::OK, json),
            Err(error) => told(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
        })
    }

    fn listen(&self, event: &str) -> anyhow::Result<Answer> {
        let plain = event.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        anyhow::ensure!(plain, "no event of ours has such a name");
        self.heard.listen(&self.app, event);
        Ok(told(StatusCode::OK, "null".to_owned()))
    }

    async fn choose(&self, request: Request<Incoming>) -> anyhow::Result<Answer> {
        let asked = body(request).await?;
        let file = asked["file"].as_str().context("name a file: {\"file\": …}")?;
        self.app.state::<Door>().name(PathBuf::from(file));
        Ok(told(StatusCode::OK, json!(file).to_string()))
    }

    fn events(&self) -> Answer {
        let body = StreamBody::new(self.heard.page()).boxed_unsync();
        with_headers(StatusCode::OK, "text/event-stream", body)
    }

    fn file(&self, path: &str) -> Answer {
        let file = self.page.as_deref().and_then(|folder| page::file(folder, path));
        let read = file.and_then(|file| Some((page::kind(&file), std::fs::read(&file).ok()?)));
        let Some((kind, bytes)) = read else {
            return said(StatusCode::NOT_FOUND, "There is no such file.");
        };
        let mut answer = with_headers(StatusCode::OK, kind, full(bytes));
        answer
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, self.policy.clone());
        answer
    }
}

/// What a request carries: JSON, or nothing.
async fn body(request: Request<Incoming>) -> anyhow::Result<Value> {
    let read = Limited::new(request.into_body(), REQUEST_BYTES_MAX).collect().await;
    let bytes = read.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
    if bytes.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(&bytes).context("this is no JSON")
}

fn said(status: StatusCode, words: &str) -> Answer {
    with_headers(status, "text/plain; charset=utf-8", full(words.to_owned()))
}

fn told(status: StatusCode, json: String) -> Answer {
    with_headers(status, "application/json", full(json))
}

fn full(bytes: impl Into<Bytes>) -> UnsyncBoxBody<Bytes, Infallible> {
    Full::new(bytes.into()).boxed_unsync()
}

fn with_headers(status: StatusCode, kind: &'static str, body: UnsyncBoxBody<Bytes, Infallible>) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The address is the key.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}

/// Whether two texts are the same, in a time that does not tell how far they are.
fn is_same(given: &str, wanted: &str) -> bool {
    let differing = given
        .bytes()
        .zip(wanted.bytes())
        .fold(0, |differing, (one, other)| differing | (one ^ other));
    given.len() == wanted.len() && differing == 0
}

fn token() -> anyhow::Result<String> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("the system gives no chance: {error}"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
