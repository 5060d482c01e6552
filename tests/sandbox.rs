//! The sandbox, tested over HTTP: its laws, its faults, its shapes.
mod sandbox {
    mod bench;
    mod story;
}
