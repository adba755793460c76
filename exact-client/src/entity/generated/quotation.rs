// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::entity::{NewQuotationLine, QuotationLine, QuotationStatus};
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A quotation. Its state changes by actions: [`AcceptQuotation`](crate::AcceptQuotation),
    /// [`RejectQuotation`](crate::RejectQuotation), [`ReviewQuotation`](crate::ReviewQuotation),
    /// [`ReopenQuotation`](crate::ReopenQuotation), [`PrintQuotation`](crate::PrintQuotation) and
    /// [`EmailWithSignOffQuotation`](crate::EmailWithSignOffQuotation).
    ///
    /// The feed delivers headers alone; the lines have a feed of their own.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMQuotations)
    Quotation at "crm/Quotations" feed "sync/CRM/QuotationHeaders" bulk "bulk/CRM/Quotations" key "QuotationID";
    verbs [Read, Create, Update, Delete];
    new NewQuotation;
    patch QuotationPatch;
    write {
        /// Date on which you expect to close/win the deal.
        CLOSING_DATE closing_date "ClosingDate": NaiveDate [filterable_plain];
        /// The currency of the quotation.
        CURRENCY currency "Currency": String [filterable_plain];
        /// The contact person of the delivery account.
        DELIVERY_ACCOUNT_CONTACT delivery_account_contact "DeliveryAccountContact": Guid [filterable, links("crm/Contacts")];
        /// The id of the delivery address.
        DELIVERY_ADDRESS delivery_address "DeliveryAddress": Guid [filterable, links("crm/Addresses")];
        /// The description.
        DESCRIPTION description "Description": String [filterable_plain, max(60)];
        /// Document linked to the quotation.
        DOCUMENT document "Document": Guid [filterable, links("documents/Documents")];
        /// Date after which the quotation is no longer valid.
        DUE_DATE due_date "DueDate": NaiveDate [filterable_plain];
        /// The contact person of the invoice account.
        INVOICE_ACCOUNT_CONTACT invoice_account_contact "InvoiceAccountContact": Guid [filterable, links("crm/Contacts")];
        /// Opportunity linked to the quotation.
        OPPORTUNITY opportunity "Opportunity": Guid [filterable, links("crm/Opportunities")];
        /// The contact person of the order account.
        ORDER_ACCOUNT_CONTACT order_account_contact "OrderAccountContact": Guid [filterable, links("crm/Contacts")];
        /// The project linked to the quotation.
        PROJECT project "Project": Guid [filterable];
        /// Date on which the quotation version is entered or printed.
        QUOTATION_DATE quotation_date "QuotationDate": NaiveDate [filterable];
        /// The number that people see, together with the version.
        QUOTATION_NUMBER quotation_number "QuotationNumber": i32 [filterable];
        /// Extra text that can be added to the quotation.
        REMARKS remarks "Remarks": String [filterable_plain];
        /// The user that is responsible for the quotation version.
        SALES_PERSON sales_person "SalesPerson": Guid [filterable_plain];
        /// The customer's own reference, where the number of a foreign system belongs.
        YOUR_REF your_ref "YourRef": String [filterable_plain, max(40)];
    }
    create {
        /// The account where the items should delivered.
        DELIVERY_ACCOUNT delivery_account "DeliveryAccount": Guid [filterable, links("crm/Accounts")];
        /// The account to which the invoice is sent.
        INVOICE_ACCOUNT invoice_account "InvoiceAccount": Guid [filterable, links("crm/Accounts")];
        /// The account that requested the quotation.
        ORDER_ACCOUNT order_account "OrderAccount": Guid [filterable, required, links("crm/Accounts")];
    }
    read {
        /// The id.
        QUOTATION_ID quotation_id "QuotationID": Guid [filterable];
        /// The amount in the division's currency.
        AMOUNT_DC amount_dc "AmountDC": Decimal [filterable_plain];
        /// Discount Amount in the currency of the transaction.
        AMOUNT_DISCOUNT amount_discount "AmountDiscount": Decimal [filterable_plain];
        /// Discount Amount excluding VAT in the currency of the transaction.
        AMOUNT_DISCOUNT_EXCL_VAT amount_discount_excl_vat "AmountDiscountExclVat": Decimal [filterable_plain];
        /// The amount in the record's own currency.
        AMOUNT_FC amount_fc "AmountFC": Decimal [filterable_plain];
        /// Date on which the customer accepted or rejected the quotation version.
        CLOSE_DATE close_date "CloseDate": NaiveDate [filterable_plain];
        /// When it was created.
        CREATED created "Created": WallTime [filterable_plain];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable_plain];
        /// The code of the delivery account.
        DELIVERY_ACCOUNT_CODE delivery_account_code "DeliveryAccountCode": Code [filterable_plain, left(18)];
        /// Full name of the delivery account contact person.
        DELIVERY_ACCOUNT_CONTACT_FULL_NAME delivery_account_contact_full_name "DeliveryAccountContactFullName": String [filterable_plain];
        /// The name of the delivery account.
        DELIVERY_ACCOUNT_NAME delivery_account_name "DeliveryAccountName": String [filterable_plain];
        /// The date of the delivery.
        DELIVERY_DATE delivery_date "DeliveryDate": NaiveDate [filterable_plain];
        /// The division.
        DIVISION division "Division": i32 [filterable_plain];
        /// The subject of the document.
        DOCUMENT_SUBJECT document_subject "DocumentSubject": String [filterable_plain];
        /// Address of Incoterm.
        INCOTERM_ADDRESS incoterm_address "IncotermAddress": String [filterable_plain];
        /// Code of Incoterm.
        INCOTERM_CODE incoterm_code "IncotermCode": String [filterable_plain];
        /// Version of Incoterm Supported version for Incoterms : 2010, 2020.
        INCOTERM_VERSION incoterm_version "IncotermVersion": i16 [filterable_plain];
        /// The code of the invoice account.
        INVOICE_ACCOUNT_CODE invoice_account_code "InvoiceAccountCode": Code [filterable_plain, left(18)];
        /// Full name of the invoice account contact person.
        INVOICE_ACCOUNT_CONTACT_FULL_NAME invoice_account_contact_full_name "InvoiceAccountContactFullName": String [filterable_plain];
        /// The name of the invoice account.
        INVOICE_ACCOUNT_NAME invoice_account_name "InvoiceAccountName": String [filterable_plain];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable_plain];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable_plain];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable_plain];
        /// The name of the opportunity.
        OPPORTUNITY_NAME opportunity_name "OpportunityName": String [filterable_plain];
        /// The code of the order account.
        ORDER_ACCOUNT_CODE order_account_code "OrderAccountCode": Code [filterable_plain, left(18)];
        /// Full name of the order account contact person.
        ORDER_ACCOUNT_CONTACT_FULL_NAME order_account_contact_full_name "OrderAccountContactFullName": String [filterable_plain];
        /// The name of the order account.
        ORDER_ACCOUNT_NAME order_account_name "OrderAccountName": String [filterable_plain];
        /// Payment condition code.
        PAYMENT_CONDITION payment_condition "PaymentCondition": String [filterable_plain];
        /// Payment condition description.
        PAYMENT_CONDITION_DESCRIPTION payment_condition_description "PaymentConditionDescription": String [filterable_plain];
        /// The code of the project.
        PROJECT_CODE project_code "ProjectCode": String [filterable_plain];
        /// The description of the project.
        PROJECT_DESCRIPTION project_description "ProjectDescription": String [filterable_plain];
        /// ID of Sales channel.
        SALES_CHANNEL sales_channel "SalesChannel": Guid [filterable_plain];
        /// Code of Sales channel.
        SALES_CHANNEL_CODE sales_channel_code "SalesChannelCode": String [filterable_plain];
        /// Description of Sales channel.
        SALES_CHANNEL_DESCRIPTION sales_channel_description "SalesChannelDescription": String [filterable_plain];
        /// Full name of the sales person.
        SALES_PERSON_FULL_NAME sales_person_full_name "SalesPersonFullName": String [filterable_plain];
        /// ID of selection code.
        SELECTION_CODE selection_code "SelectionCode": Guid [filterable];
        /// Code of selection code.
        SELECTION_CODE_CODE selection_code_code "SelectionCodeCode": String [filterable_plain];
        /// Description of selection code.
        SELECTION_CODE_DESCRIPTION selection_code_description "SelectionCodeDescription": String [filterable_plain];
        /// Shipping method ID.
        SHIPPING_METHOD shipping_method "ShippingMethod": Guid [filterable_plain];
        /// Shipping method description.
        SHIPPING_METHOD_DESCRIPTION shipping_method_description "ShippingMethodDescription": String [filterable_plain];
        /// How far it is.
        STATUS status "Status": QuotationStatus [filterable];
        /// The description of the status.
        STATUS_DESCRIPTION status_description "StatusDescription": String [filterable_plain];
        /// Total VAT amount in the currency of the transaction.
        VAT_AMOUNT_FC vat_amount_fc "VATAmountFC": Decimal [filterable_plain, not_in_feed];
        /// Number indicating the different reviews which are made for the quotation.
        VERSION_NUMBER version_number "VersionNumber": i32 [filterable];
        /// Code of Warehouse.
        WAREHOUSE_CODE warehouse_code "WarehouseCode": String [filterable_plain, not_in_feed, not_in_bulk];
        /// Description of Warehouse.
        WAREHOUSE_DESCRIPTION warehouse_description "WarehouseDescription": String [filterable_plain, not_in_feed, not_in_bulk];
        /// Warehouse.
        WAREHOUSE_ID warehouse_id "WarehouseID": Guid [filterable_plain, not_in_feed, not_in_bulk];
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable_plain, feed_only];
        /// Discount given on the default price. This is stored as a fraction. ie 5.5% is stored as .055.
        DISCOUNT discount "Discount": Decimal [feed_only];
        /// The id of the feed's row.
        ID id "ID": Guid [feed_only];
        /// Extra notes.
        NOTES notes "Notes": String [feed_only];
    }
    lines {
        /// Its lines.
        quotation_lines "QuotationLines": QuotationLine, NewQuotationLine;
    }
}

impl crate::entity::Read for Quotation {
    type Key = Guid;
}

impl crate::entity::Feed for Quotation {
    const FEED: &'static str = "sync/CRM/QuotationHeaders";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.quotation_id
    }
}

impl crate::entity::Bulk for Quotation {
    const BULK: &'static str = "bulk/CRM/Quotations";
}

impl crate::entity::Create for Quotation {
    type New = NewQuotation;
}

impl crate::entity::Update for Quotation {
    type Patch = QuotationPatch;
}

impl crate::entity::Delete for Quotation {}

impl NewQuotation {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(order_account: Guid, quotation_lines: Vec<NewQuotationLine>) -> Self {
        Self { order_account: Some(order_account), quotation_lines, ..Self::default() }
    }
}
