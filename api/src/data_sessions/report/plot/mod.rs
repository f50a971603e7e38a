//! Plots as inline SVG.
//!
//! A plot has shapes only and is stretched to the width of its place; labels are HTML beside it, so that they keep the size of the text.
//! Each has the role of an image and a name. Coordinates are finite and have one decimal.

mod bar;
mod histogram;
mod line;
mod svg;
mod ticks;

pub(super) use bar::{share_bar, signed_bar};
pub(super) use histogram::histogram;
pub(super) use line::{LinePlot, line_plot};
