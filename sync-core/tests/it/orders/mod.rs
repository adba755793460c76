//! Won deals that become orders, between the real adapters and the sandbox, with either CRM.

mod shop;
mod story;
