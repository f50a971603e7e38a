//! A place for the program.

fn main() {}
