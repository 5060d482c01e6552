//! The sandbox, tested over HTTP: its laws, its faults, its shapes.
#[cfg(test)]
mod sandbox {
    mod bench;
    mod customers;
    mod faults;
    mod fixtures;
    mod laws;
    mod requests;
    mod story;
    mod transport;
    mod webhooks;
}
