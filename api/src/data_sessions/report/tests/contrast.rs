use std::collections::BTreeMap;

const STYLE: &str = include_str!("../templates/style.css");

type Colour = [f64; 3];
type Colours = BTreeMap<&'static str, Colour>;

/// The colours of the light and of the dark theme.
fn themes() -> [Colours; 2] {
    let mut themes = STYLE.split(":root {").skip(1).map(|part| colours(part.split('}').next().unwrap()));
    [themes.next().unwrap(), themes.next().unwrap()]
}

fn colours(declarations: &'static str) -> Colours {
    let pairs = declarations.split(';').filter_map(|declaration| declaration.trim().strip_prefix("--")?.split_once(": "));
    pairs.map(|(name, value)| (name, colour(value))).collect()
}

/// `#rrggbb` or three numbers.
fn colour(value: &str) -> Colour {
    let parts: Vec<f64> = match value.strip_prefix('#') {
        Some(hex) => [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap())).to_vec(),
        None => value.split(' ').map(|part| part.parse().unwrap()).collect(),
    };
    parts.try_into().unwrap()
}

fn mixed(over: Colour, under: Colour, part: f64) -> Colour {
    std::array::from_fn(|at| over[at] * part + under[at] * (1.0 - part))
}

/// The relative luminance that WCAG defines.
fn luminance(colour: Colour) -> f64 {
    let linear = colour
        .map(|part| part / 255.0)
        .map(|part| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[track_caller]
fn assert_contrast(one: Colour, other: Colour, least: f64) {
    let (one, other) = (luminance(one), luminance(other));
    let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
    assert!(contrast >= least, "{contrast} < {least}");
}

#[test]
fn text_can_be_read_in_both_themes() {
    for theme in themes() {
        for (text, background) in [
            ("text", "page"),
            ("text", "card"),
            ("text", "track"),
            ("quiet", "page"),
            ("quiet", "card"),
            ("quiet", "track"),
            ("link", "page"),
            ("link", "card"),
            ("failed", "card"),
            ("failed", "track"),
            ("page", "bar"),
        ] {
            assert_contrast(theme[text], theme[background], 4.5);
        }
    }
}

#[test]
fn text_can_be_read_on_the_strongest_tint() {
    assert!(STYLE.contains(".level9 { background: rgb(var(--tint) / .48); }"));
    for theme in themes() {
        for tint in ["right", "wrong"] {
            assert_contrast(theme["text"], mixed(theme[tint], theme["page"], 0.48), 4.5);
        }
    }
}

#[test]
fn plots_stand_out_from_their_background() {
    for theme in themes() {
        for (plot, background) in [("bar", "page"), ("bar", "card"), ("bar", "track"), ("negative", "track")] {
            assert_contrast(theme[plot], theme[background], 3.0);
        }
    }
}
