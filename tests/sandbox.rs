//! The sandbox, tested over HTTP: its laws, its faults, its shapes.
#[cfg(test)]
mod sandbox {
    mod archives;
    mod bench;
    mod contract;
    mod contract_webhooks;
    mod customers;
    mod faults;
    mod fixtures;
    mod laws;
    mod load;
    mod propagation;
    mod requests;
    mod routing;
    mod shape;
    mod story;
    mod tenants;
    mod transport;
    mod webhooks;
}
