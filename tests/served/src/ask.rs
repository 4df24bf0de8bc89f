//! A command, called as the web view calls it.

use anyhow::Context as _;
use serde_json::Value;
use tauri::Url;
use tauri::ipc::{CallbackFn, InvokeBody, InvokeError, InvokeResponse, InvokeResponseBody};
use tauri::test::INVOKE_KEY;
use tauri::webview::InvokeRequest;
use tokio::sync::oneshot;

use crate::runtime::WebviewWindow;

/// Where our own pages are in the window; other pages may call nothing.
#[cfg(not(windows))]
const OWN_PAGE: &str = "tauri://localhost";
/// Where our own pages are in the window; other pages may call nothing.
#[cfg(windows)]
const OWN_PAGE: &str = "http://tauri.localhost";

/// The answer of a command: JSON, or the error that the page would get.
pub(crate) async fn ask(
    window: &WebviewWindow,
    command: &str,
    arguments: Value,
) -> anyhow::Result<Result<String, Value>> {
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: Url::parse(OWN_PAGE)?,
        body: InvokeBody::Json(arguments),
        headers: hyper::HeaderMap::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    let (answer, answered) = oneshot::channel();
    let webview = AsRef::<tauri::Webview<_>>::as_ref(window).clone();
    webview.on_message(
        request,
        Box::new(move |_, _, response, _, _| {
            // Whoever asked may be gone by now.
            let _ = answer.send(response);
        }),
    );
    match answered.await.context("the command ended without an answer")? {
        InvokeResponse::Ok(InvokeResponseBody::Json(json)) => Ok(Ok(json)),
        InvokeResponse::Ok(InvokeResponseBody::Raw(_)) => anyhow::bail!("no command of ours answers with bytes"),
        InvokeResponse::Err(InvokeError(error)) => Ok(Err(error)),
    }
}
