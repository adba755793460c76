//! `serve`, in this process and on a virtual clock: what is told, when, and how often.

mod alerts;
mod business;
mod duty;
mod gone;
mod hooks;
mod idle;
mod passes;
mod tenants;
