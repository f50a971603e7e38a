//! The frame of a plot and its coordinates.

use super::super::text::escape;

/// Width and height of a plot's coordinates.
pub(super) type Size = (f64, f64);

/// An image of these shapes that is stretched to its place.
pub(super) fn image(class: &str, name: &str, (width, height): Size, shapes: &str) -> String {
    let name = escape(name);
    format!(
        "<svg class=\"{class}\" role=\"img\" aria-label=\"{name}\" viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\">\
         {shapes}</svg>"
    )
}

/// A coordinate. One that is not finite becomes 0.
pub(super) fn coordinate(value: f64) -> String {
    let rounded = if value.is_finite() { (value * 10.0).round() / 10.0 } else { 0.0 };
    // The sum turns -0 into 0.
    format!("{}", rounded + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_one_decimal_and_are_finite() {
        assert_eq!([1.0, 1.25, -0.01, 99.96].map(coordinate), ["1", "1.3", "0", "100"]);
        assert_eq!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(coordinate), ["0", "0", "0"]);
    }

    #[test]
    fn the_name_is_escaped() {
        let image = image("bar", "a\"><script>\0", (1.0, 2.0), "");
        assert!(image.contains("aria-label=\"a&quot;&gt;&lt;script&gt;␀\""), "{image}");
    }
}
