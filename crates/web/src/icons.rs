//! Our own 16-pixel stroke icons: one cached sprite, one short reference for each use.

use std::sync::LazyLock;

use crate::{Html, asset};

const SPRITE: &str = include_str!("../assets/icons.svg");
static HREF: LazyLock<String> = LazyLock::new(|| asset("icons.svg"));

/// The names that exist, as drawn in `assets/icons.svg`.
pub fn names() -> impl Iterator<Item = &'static str> {
    SPRITE.split("<symbol id=\"").skip(1).filter_map(|rest| rest.split('"').next())
}

/// The icon `name`, hidden from screen readers: the word beside it is what is read.
pub fn icon(name: &str) -> Html {
    let name = names().find(|known| *known == name).unwrap_or_else(|| {
        debug_assert!(false, "no icon is called {name}");
        "dots"
    });
    let href = HREF.as_str();
    Html::trusted(format!("<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{href}#{name}\"/></svg>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_icon_points_into_the_sprite() {
        assert!(icon("lock").as_str().contains("icons.svg#lock\""));
        assert!(names().count() > 25);
    }
}
