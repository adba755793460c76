//! `serve`, in this process and on a virtual clock: what is told, when, and how often.

mod alerts;
mod business;
mod delivery;
mod duty;
mod gone;
mod hooks;
mod hubspot;
mod idle;
mod late;
mod passes;
mod stopping;
mod stops;
mod tenants;
