//! The colours are read from the style itself and held to WCAG 2.2 AA in both themes.

use std::collections::HashMap;

type Pair = ([f64; 3], [f64; 3]);

/// `--name: light-dark(#day, #night)` of the tokens.
fn tokens() -> HashMap<&'static str, Pair> {
    let css = include_str!("../../assets/css/tokens.css");
    css.lines().filter_map(|line| token(line.trim())).collect()
}

fn token(line: &'static str) -> Option<(&'static str, Pair)> {
    let (name, rest) = line.strip_prefix("--")?.split_once(": light-dark(")?;
    let (day, night) = rest.strip_suffix(");")?.split_once(", ")?;
    Some((name, (colour(day)?, colour(night)?)))
}

fn colour(hex: &str) -> Option<[f64; 3]> {
    let hex = hex.strip_prefix('#')?;
    let part =
        |i: usize| u8::from_str_radix(hex.get(i..i + 2)?, 16).ok().map(|v| linear(f64::from(v) / 255.0));
    Some([part(0)?, part(2)?, part(4)?])
}

fn linear(v: f64) -> f64 {
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

fn luminance([r, g, b]: [f64; 3]) -> f64 {
    0.2126f64.mul_add(r, 0.7152f64.mul_add(g, 0.0722 * b))
}

fn ratio(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// What lies on what, and the least contrast it may have.
const TEXT: f64 = 4.5;
const EDGE: f64 = 3.0;
const PAIRS: &[(&[&str], &[&str], f64)] = &[
    (&["text", "muted", "accent", "bad"], &["canvas", "surface", "sunken", "hover"], TEXT),
    (&["text", "accent"], &["accent-soft"], TEXT),
    (&["text", "open"], &["open-soft"], TEXT),
    (&["text", "part"], &["part-soft"], TEXT),
    (&["text", "shut"], &["shut-soft"], TEXT),
    (&["text", "bad"], &["bad-soft"], TEXT),
    (&["open", "part", "shut"], &["canvas", "surface", "hover", "accent-soft"], TEXT),
    (&["accent-text"], &["accent"], TEXT),
    (&["muted"], &["accent-soft"], TEXT),
    (&["canvas"], &["text"], TEXT),
    (&["edge", "accent", "open"], &["canvas", "surface", "sunken"], EDGE),
];

#[test]
fn every_pair_of_colours_can_be_read_in_both_themes() {
    let tokens = tokens();
    let mut short = Vec::new();
    for (front, back, least) in PAIRS {
        for (f, b) in front.iter().flat_map(|f| back.iter().map(move |b| (f, b))) {
            let ((fd, fn_), (bd, bn)) = (tokens[f], tokens[b]);
            for (theme, got) in [("light", ratio(fd, bd)), ("dark", ratio(fn_, bn))] {
                if got < *least {
                    short.push(format!("{f} on {b}, {theme}: {got:.2} < {least}"));
                }
            }
        }
    }
    assert!(short.is_empty(), "{short:#?}");
}

#[test]
fn the_measure_is_right() {
    let (black, white) = (colour("#000000").unwrap(), colour("#ffffff").unwrap());
    assert!((ratio(black, white) - 21.0).abs() < 1e-9);
    assert!((ratio(colour("#767676").unwrap(), white) - 4.54).abs() < 0.01);
}
