//! The desk page: a customer's window and the agents' view of the same chat, side by side.
//!
//! Opening `/` is a new customer who comes to the site, and leads to `/desk/{customer}`: the address is the
//! session, so every tab may be a customer of its own and a reload stays the same one. Each window shows what
//! the platform's API tells that side and nothing else. The page is whole without JavaScript; with it, what has
//! changed is sent as HTML and put in its place. It needs nothing from elsewhere and lets nothing from elsewhere in.
mod acts;
mod assets;
mod line;
mod page;
mod problem;
mod regions;
mod routes;
mod scene;
mod story;
mod updates;
mod windows;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use routes::router;
