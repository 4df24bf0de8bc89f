//! The one window, and where its page cannot go.
//!
//! The content security policy (`tauri.conf.json`) says what the page may load; it does not say where the page may go.
//! A page that somebody has taken over could carry the catalogue away in the address of another page, of a new window,
//! or of a download. So it goes nowhere: no other address is loaded, no window is opened, and no file is saved.

use tauri::webview::NewWindowResponse;
use tauri::{PhysicalSize, Url, WebviewWindowBuilder};

use crate::runtime::{App, WebviewWindow};

use crate::location;
use crate::view_state::ViewState;

/// The label of the one window.
pub(crate) const MAIN_WINDOW: &str = "main";

/// The scheme of our own pages, where the system allows a program one.
#[cfg(not(windows))]
const OWN: (&str, &str) = ("tauri", "localhost");
/// The scheme and host that stand in for it elsewhere.
#[cfg(windows)]
const OWN: (&str, &str) = ("http", "tauri.localhost");

/// Opens the configured window.
pub(crate) fn open(app: &App) -> tauri::Result<()> {
    let window = app.config().app.windows.first().ok_or(tauri::Error::WindowNotFound)?;
    let window = WebviewWindowBuilder::from_config(app.handle(), window)?
        .initialization_script(remembered())
        .on_navigation(|url| {
            let own = is_own(url);
            if !own {
                // The address itself is not logged: it may be what somebody wants to get out.
                tracing::warn!(scheme = url.scheme(), "the page wanted to go elsewhere");
            }
            own
        })
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()?;
    fit(&window)
}

/// What the page is told before it draws anything. An account without a home folder remembers nothing.
fn remembered() -> String {
    let state = location::view_state_file().map(|file| ViewState::read(&file));
    state.unwrap_or_default().script().unwrap_or_default()
}

/// Makes the window no larger than its screen: not every system's window manager does, and what is outside can be
/// neither read nor clicked. (The configuration's `preventOverflow` asks for a primary screen, and not every X server
/// has one.)
fn fit(window: &WebviewWindow) -> tauri::Result<()> {
    let all = window.available_monitors()?;
    let Some(screen) = window.current_monitor()?.or_else(|| all.into_iter().next()) else {
        return Ok(());
    };
    let (room, size) = (screen.work_area().size, window.inner_size()?);
    if size.width > room.width || size.height > room.height {
        window.set_size(PhysicalSize::new(
            size.width.min(room.width),
            size.height.min(room.height),
        ))?;
    }
    Ok(())
}

/// Whether an address is one of our own pages.
fn is_own(url: &Url) -> bool {
    (url.scheme(), url.host_str().unwrap_or_default()) == OWN
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_loaded() {
        let (scheme, host) = OWN;
        let own = |text: &str| is_own(&Url::parse(text).expect("an address"));
        assert!(own(&format!("{scheme}://{host}")));
        assert!(own(&format!("{scheme}://{host}/index.html?x#y")));
        for other in [
            "https://example.org/",
            "http://localhost/",
            "file:///etc/passwd",
            "about:blank",
            "data:text/html,x",
            "tauri://elsewhere/",
            "tauri://localhost.example.org/",
            "tauri://name@localhost/",
            "http://tauri.localhost:8080/",
        ] {
            assert!(!own(other), "{other}");
        }
    }
}
