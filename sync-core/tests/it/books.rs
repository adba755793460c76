//! The presets from end to end: the real engine and adapters between the local Exact and both local CRMs.

mod check;
mod contacts;
mod cost;
mod desk;
mod invoices;
mod privacy;
mod products;
mod undo;

/// Every test of this topic stands for both vendors.
macro_rules! for_both_vendors {
    ($($name:ident),* $(,)?) => {
        mod pipedrive {
            $(#[tokio::test]
            async fn $name() {
                super::$name(sync_core::flow::Vendor::Pipedrive).await;
            })*
        }
        mod hubspot {
            $(#[tokio::test]
            async fn $name() {
                super::$name(sync_core::flow::Vendor::HubSpot).await;
            })*
        }
    };
}
pub(crate) use for_both_vendors;
