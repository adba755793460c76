//! One file of data per entity.

// Written by the entity-generator; change its input and run it again.

mod accept_quotation;
mod account;
mod address;
mod bank_account;
mod complete_sales_order;
mod complete_sales_order_line;
mod contact;
mod currency;
mod deleted;
mod division;
mod document;
mod document_attachment;
mod email_with_sign_off_quotation;
mod goods_delivery;
mod goods_delivery_line;
mod invoice_sales_order;
mod item;
mod item_group;
mod journal;
mod me;
mod opportunity;
mod payment_condition;
mod payment_term;
mod print_quotation;
mod printed_sales_invoice;
mod printed_sales_order;
mod quotation;
mod quotation_line;
mod receivable;
mod receivables_list;
mod reject_quotation;
mod reopen_quotation;
mod review_quotation;
mod sales_invoice;
mod sales_invoice_line;
mod sales_invoice_row;
mod sales_item_price;
mod sales_order;
mod sales_order_line;
mod sales_price_list_period;
mod sales_price_list_volume_discount;
mod sync_timestamp;
mod unit;
mod vat_code;
mod webhook_subscription;

pub use accept_quotation::{AcceptQuotation, NewAcceptQuotation};
pub use account::{Account, AccountPatch, NewAccount};
pub use address::{Address, AddressPatch, NewAddress};
pub use bank_account::{BankAccount, BankAccountPatch, NewBankAccount};
pub use complete_sales_order::{CompleteSalesOrder, NewCompleteSalesOrder};
pub use complete_sales_order_line::{CompleteSalesOrderLine, NewCompleteSalesOrderLine};
pub use contact::{Contact, ContactPatch, NewContact};
pub use currency::Currency;
pub use deleted::Deleted;
pub use division::Division;
pub use document::{Document, DocumentPatch, NewDocument};
pub use document_attachment::{DocumentAttachment, NewDocumentAttachment};
pub use email_with_sign_off_quotation::{EmailWithSignOffQuotation, NewEmailWithSignOffQuotation};
pub use goods_delivery::{GoodsDelivery, GoodsDeliveryPatch, NewGoodsDelivery};
pub use goods_delivery_line::{GoodsDeliveryLine, GoodsDeliveryLinePatch, NewGoodsDeliveryLine};
pub use invoice_sales_order::{InvoiceSalesOrder, NewInvoiceSalesOrder};
pub use item::{Item, ItemPatch, NewItem};
pub use item_group::ItemGroup;
pub use journal::{Journal, JournalPatch, NewJournal};
pub use me::Me;
pub use opportunity::{NewOpportunity, Opportunity, OpportunityPatch};
pub use payment_condition::{NewPaymentCondition, PaymentCondition};
pub use payment_term::PaymentTerm;
pub use print_quotation::{NewPrintQuotation, PrintQuotation};
pub use printed_sales_invoice::{NewPrintedSalesInvoice, PrintedSalesInvoice};
pub use printed_sales_order::{NewPrintedSalesOrder, PrintedSalesOrder};
pub use quotation::{NewQuotation, Quotation, QuotationPatch};
pub use quotation_line::{NewQuotationLine, QuotationLine, QuotationLinePatch};
pub use receivable::{Receivable, ReceivablePatch};
pub use receivables_list::ReceivablesList;
pub use reject_quotation::{NewRejectQuotation, RejectQuotation};
pub use reopen_quotation::{NewReopenQuotation, ReopenQuotation};
pub use review_quotation::{NewReviewQuotation, ReviewQuotation};
pub use sales_invoice::{NewSalesInvoice, SalesInvoice, SalesInvoicePatch};
pub use sales_invoice_line::{NewSalesInvoiceLine, SalesInvoiceLine, SalesInvoiceLinePatch};
pub use sales_invoice_row::SalesInvoiceRow;
pub use sales_item_price::{NewSalesItemPrice, SalesItemPrice, SalesItemPricePatch};
pub use sales_order::{NewSalesOrder, SalesOrder, SalesOrderPatch};
pub use sales_order_line::{NewSalesOrderLine, SalesOrderLine, SalesOrderLinePatch};
pub use sales_price_list_period::SalesPriceListPeriod;
pub use sales_price_list_volume_discount::SalesPriceListVolumeDiscount;
pub use sync_timestamp::SyncTimestamp;
pub use unit::Unit;
pub use vat_code::{NewVatCode, VatCode, VatCodePatch};
pub use webhook_subscription::{NewWebhookSubscription, WebhookSubscription};

use super::Entity;
use crate::odata::Resource;

/// Every resource that has a struct.
pub(crate) static TYPED: &[&Resource] = &[
    AcceptQuotation::RESOURCE,
    Account::RESOURCE,
    Address::RESOURCE,
    BankAccount::RESOURCE,
    CompleteSalesOrder::RESOURCE,
    CompleteSalesOrderLine::RESOURCE,
    Contact::RESOURCE,
    Currency::RESOURCE,
    Deleted::RESOURCE,
    Division::RESOURCE,
    Document::RESOURCE,
    DocumentAttachment::RESOURCE,
    EmailWithSignOffQuotation::RESOURCE,
    GoodsDelivery::RESOURCE,
    GoodsDeliveryLine::RESOURCE,
    InvoiceSalesOrder::RESOURCE,
    Item::RESOURCE,
    ItemGroup::RESOURCE,
    Journal::RESOURCE,
    Me::RESOURCE,
    Opportunity::RESOURCE,
    PaymentCondition::RESOURCE,
    PaymentTerm::RESOURCE,
    PrintQuotation::RESOURCE,
    PrintedSalesInvoice::RESOURCE,
    PrintedSalesOrder::RESOURCE,
    Quotation::RESOURCE,
    QuotationLine::RESOURCE,
    Receivable::RESOURCE,
    ReceivablesList::RESOURCE,
    RejectQuotation::RESOURCE,
    ReopenQuotation::RESOURCE,
    ReviewQuotation::RESOURCE,
    SalesInvoice::RESOURCE,
    SalesInvoiceLine::RESOURCE,
    SalesInvoiceRow::RESOURCE,
    SalesItemPrice::RESOURCE,
    SalesOrder::RESOURCE,
    SalesOrderLine::RESOURCE,
    SalesPriceListPeriod::RESOURCE,
    SalesPriceListVolumeDiscount::RESOURCE,
    SyncTimestamp::RESOURCE,
    Unit::RESOURCE,
    VatCode::RESOURCE,
    WebhookSubscription::RESOURCE,
];
