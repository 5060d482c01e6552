//! The sandbox, tested over HTTP: its laws, its faults, its shapes.
#[cfg(test)]
mod sandbox {
    mod bench;
    mod fixtures;
    mod laws;
    mod requests;
    mod story;
}
