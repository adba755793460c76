//! Won deals that become orders, between the real adapters and the sandbox, with either CRM.

mod alone;
mod cost;
mod divisions;
mod parents;
mod prices;
mod quotations;
mod shop;
mod stages;
mod story;
