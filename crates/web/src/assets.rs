//! Styles, scripts and icons, compiled in. All live under one folder named by the hash of them all
//! (`/assets/1a2b3c4d/app.css`), so that a script finds its neighbours and nothing is ever stale.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::extract::{Path, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing};
use sha2::{Digest as _, Sha256};

use crate::Problem;

#[cfg(test)]
mod contrast;

const STYLE: &str = concat!(
    include_str!("../assets/css/tokens.css"),
    include_str!("../assets/css/base.css"),
    include_str!("../assets/css/shell.css"),
    include_str!("../assets/css/controls.css"),
    include_str!("../assets/css/table.css"),
    include_str!("../assets/css/terms.css"),
    include_str!("../assets/css/record.css"),
    include_str!("../assets/css/work.css"),
    include_str!("../assets/css/chart.css"),
    include_str!("../assets/css/overlay.css"),
    include_str!("../assets/css/portal.css"),
    include_str!("../assets/css/guide.css"),
    include_str!("../assets/css/print.css"),
);

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Name, kind, bytes.
static FILES: [(&str, &str, &[u8]); 17] = [
    ("app.css", CSS, STYLE.as_bytes()),
    ("app.js", JS, include_bytes!("../assets/app.js")),
    ("board.js", JS, include_bytes!("../assets/board.js")),
    ("inline.js", JS, include_bytes!("../assets/inline.js")),
    ("keys.js", JS, include_bytes!("../assets/keys.js")),
    ("live.js", JS, include_bytes!("../assets/live.js")),
    ("palette.js", JS, include_bytes!("../assets/palette.js")),
    ("passkey.js", JS, include_bytes!("../assets/passkey.js")),
    ("receipt.js", JS, include_bytes!("../assets/receipt.js")),
    ("reads.js", JS, include_bytes!("../assets/reads.js")),
    ("peek.js", JS, include_bytes!("../assets/peek.js")),
    ("say.js", JS, include_bytes!("../assets/say.js")),
    ("swap.js", JS, include_bytes!("../assets/swap.js")),
    ("terms.js", JS, include_bytes!("../assets/terms.js")),
    ("theme.js", JS, include_bytes!("../assets/theme.js")),
    ("icons.svg", SVG, include_bytes!("../assets/icons.svg")),
    ("mark.svg", SVG, include_bytes!("../assets/mark.svg")),
];

static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut all = Sha256::new();
    for (name, _, bytes) in FILES {
        all.update(name);
        all.update((bytes.len() as u64).to_be_bytes());
        all.update(bytes);
    }
    all.finalize()[..4].iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
});

/// The address of `name`, as a page writes it.
pub fn asset(name: &str) -> String {
    debug_assert!(FILES.iter().any(|(known, ..)| *known == name), "no asset is called {name}");
    format!("/assets/{}/{name}", *HASH)
}

/// `GET /assets/{hash}/{name}`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{hash}/{name}", routing::get(get))
}

async fn get(Path((hash, name)): Path<(String, String)>, request: Request) -> Response {
    answer(&hash, &name, request.headers())
}

fn answer(hash: &str, name: &str, asked: &HeaderMap) -> Response {
    let found = FILES.iter().find(|(known, ..)| *known == name).filter(|_| hash == *HASH);
    let Some((_, kind, bytes)) = found else {
        return Problem::not_found("There is no such file. Reload the page to get the current ones.")
            .into_response();
    };
    let tag = format!("\"{}\"", *HASH);
    let headers = [
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()),
        (header::ETAG, tag.clone()),
        (header::CONTENT_TYPE, (*kind).to_owned()),
    ];
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, *bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_kept_for_ever_under_its_hash() {
        let fresh = answer(&HASH, "app.css", &HeaderMap::new());
        assert_eq!(fresh.status(), StatusCode::OK);
        assert!(fresh.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));

        let mut asked = HeaderMap::new();
        asked.insert(header::IF_NONE_MATCH, fresh.headers()[header::ETAG].clone());
        assert_eq!(answer(&HASH, "app.css", &asked).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn unknown_names_and_old_hashes_are_not_found() {
        let none = HeaderMap::new();
        assert_eq!(answer(&HASH, "../Cargo.toml", &none).status(), StatusCode::NOT_FOUND);
        assert_eq!(answer("00000000", "app.css", &none).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn every_script_imports_only_its_neighbours() {
        for (name, kind, bytes) in FILES.iter().filter(|(_, kind, _)| *kind == JS) {
            let text = std::str::from_utf8(bytes).unwrap();
            for line in text.lines().filter(|line| line.starts_with("import ")) {
                let target = line.split('"').nth(1).unwrap().trim_start_matches("./");
                assert!(FILES.iter().any(|(known, ..)| *known == target), "{name} ({kind}) imports {target}");
            }
        }
    }
}
