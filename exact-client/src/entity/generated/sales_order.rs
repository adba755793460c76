// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::entity::{ApprovalStatus, NewSalesOrderLine, OrderStatus, SalesOrderLine};
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A sales order. Create it with its lines in one call; later each line is changed by itself.
    ///
    /// The feed delivers headers alone, and a change of a line is no change of the header: follow
    /// [`SalesOrderLine`](crate::SalesOrderLine) too. A completed order cannot be changed.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesOrderSalesOrders)
    SalesOrder at "salesorder/SalesOrders" feed "sync/SalesOrder/SalesOrderHeaders" bulk "bulk/SalesOrder/SalesOrders" key "OrderID";
    verbs [Read, Create, Update, Delete];
    new NewSalesOrder;
    patch SalesOrderPatch;
    write {
        /// Currency code.
        CURRENCY currency "Currency": String;
        /// Reference to contact person of delivery customer.
        DELIVER_TO_CONTACT_PERSON deliver_to_contact_person "DeliverToContactPerson": Guid [filterable, links("crm/Contacts")];
        /// Delivery address.
        DELIVERY_ADDRESS delivery_address "DeliveryAddress": Guid [filterable, links("crm/Addresses")];
        /// Delivery date.
        DELIVERY_DATE delivery_date "DeliveryDate": NaiveDate [filterable];
        /// The description.
        DESCRIPTION description "Description": String [filterable, max(60)];
        /// The discount as a fraction.
        DISCOUNT discount "Discount": Decimal;
        /// Document that is manually linked to the sales order.
        DOCUMENT document "Document": Guid [filterable, links("documents/Documents")];
        /// Reference to the contact person of the customer who will receive the invoice.
        INVOICE_TO_CONTACT_PERSON invoice_to_contact_person "InvoiceToContactPerson": Guid [filterable, links("crm/Contacts")];
        /// Order date.
        ORDER_DATE order_date "OrderDate": NaiveDate [filterable];
        /// Contact person of the customer who ordered the sales order.
        ORDERED_BY_CONTACT_PERSON ordered_by_contact_person "OrderedByContactPerson": Guid [filterable, links("crm/Contacts")];
        /// Number of sales order.
        ORDER_NUMBER order_number "OrderNumber": i32 [filterable];
        /// The payment condition used for due date and discount calculation.
        PAYMENT_CONDITION payment_condition "PaymentCondition": String;
        /// The payment reference.
        PAYMENT_REFERENCE payment_reference "PaymentReference": String [filterable, max(25)];
        /// Extra remarks.
        REMARKS remarks "Remarks": String;
        /// Sales representative.
        SALESPERSON salesperson "Salesperson": Guid [filterable];
        /// ShippingMethod.
        SHIPPING_METHOD shipping_method "ShippingMethod": Guid [filterable];
        /// The warehouse. Small packages of Exact refuse it.
        WAREHOUSE_ID warehouse_id "WarehouseID": Guid [filterable];
        /// The customer's own reference, where the number of a foreign system belongs.
        YOUR_REF your_ref "YourRef": String [filterable, max(40)];
    }
    create {
        /// Reference to the delivery customer. For an existing sales order this value can not be changed.
        DELIVER_TO deliver_to "DeliverTo": Guid [filterable, links("crm/Accounts")];
        /// Reference to the customer who will receive the invoice.
        INVOICE_TO invoice_to "InvoiceTo": Guid [filterable, links("crm/Accounts")];
        /// Customer who ordered the sales order. For an existing sales order this value can not be changed.
        ORDERED_BY ordered_by "OrderedBy": Guid [filterable, required, links("crm/Accounts")];
    }
    change {
        /// Whether it is approved; writing `Approved` approves it.
        APPROVAL_STATUS approval_status "ApprovalStatus": ApprovalStatus [filterable];
    }
    read {
        /// The id.
        ORDER_ID order_id "OrderID": Guid [filterable];
        /// The amount in the division's currency.
        AMOUNT_DC amount_dc "AmountDC": Decimal;
        /// Discount amount in the default currency of the company.
        AMOUNT_DISCOUNT amount_discount "AmountDiscount": Decimal;
        /// Discount amount excluding VAT in the default currency of the company.
        AMOUNT_DISCOUNT_EXCL_VAT amount_discount_excl_vat "AmountDiscountExclVat": Decimal;
        /// The amount in the record's own currency.
        AMOUNT_FC amount_fc "AmountFC": Decimal;
        /// Amount exclude VAT in the currency of the transaction.
        AMOUNT_FC_EXCL_VAT amount_fc_excl_vat "AmountFCExclVat": Decimal;
        /// Description of ApprovalStatus.
        APPROVAL_STATUS_DESCRIPTION approval_status_description "ApprovalStatusDescription": String;
        /// Approval datetime.
        APPROVED approved "Approved": WallTime;
        /// User who approved the sales order.
        APPROVER approver "Approver": Guid [filterable];
        /// Name of approver.
        APPROVER_FULL_NAME approver_full_name "ApproverFullName": String;
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid;
        /// Name of contact person of delivery customer.
        DELIVER_TO_CONTACT_PERSON_FULL_NAME deliver_to_contact_person_full_name "DeliverToContactPersonFullName": String;
        /// Name of delivery customer.
        DELIVER_TO_NAME deliver_to_name "DeliverToName": String;
        /// How much of it is delivered.
        DELIVERY_STATUS delivery_status "DeliveryStatus": OrderStatus [filterable];
        /// Description of DeliveryStatus.
        DELIVERY_STATUS_DESCRIPTION delivery_status_description "DeliveryStatusDescription": String;
        /// The division.
        DIVISION division "Division": i32;
        /// Number of the document.
        DOCUMENT_NUMBER document_number "DocumentNumber": i32;
        /// Subject of the document.
        DOCUMENT_SUBJECT document_subject "DocumentSubject": String;
        /// Address of Incoterm.
        INCOTERM_ADDRESS incoterm_address "IncotermAddress": String;
        /// Code of Incoterm.
        INCOTERM_CODE incoterm_code "IncotermCode": String;
        /// Version of Incoterm Supported version for Incoterms : 2010, 2020.
        INCOTERM_VERSION incoterm_version "IncotermVersion": i16;
        /// How much of it is invoiced.
        INVOICE_STATUS invoice_status "InvoiceStatus": OrderStatus [filterable];
        /// Description of InvoiceStatus.
        INVOICE_STATUS_DESCRIPTION invoice_status_description "InvoiceStatusDescription": String;
        /// Name of the contact person of the customer who will receive the invoice.
        INVOICE_TO_CONTACT_PERSON_FULL_NAME invoice_to_contact_person_full_name "InvoiceToContactPersonFullName": String;
        /// Name of the customer who will receive the invoice.
        INVOICE_TO_NAME invoice_to_name "InvoiceToName": String;
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid;
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String;
        /// Name of contact person of the customer who ordered the sales order.
        ORDERED_BY_CONTACT_PERSON_FULL_NAME ordered_by_contact_person_full_name "OrderedByContactPersonFullName": String;
        /// Name of the customer who ordered the sales order.
        ORDERED_BY_NAME ordered_by_name "OrderedByName": String;
        /// Description of PaymentCondition.
        PAYMENT_CONDITION_DESCRIPTION payment_condition_description "PaymentConditionDescription": String;
        /// ID of Sales channel.
        SALES_CHANNEL sales_channel "SalesChannel": Guid;
        /// Code of Sales channel.
        SALES_CHANNEL_CODE sales_channel_code "SalesChannelCode": String;
        /// Description of Sales channel.
        SALES_CHANNEL_DESCRIPTION sales_channel_description "SalesChannelDescription": String;
        /// Name of sales representative.
        SALESPERSON_FULL_NAME salesperson_full_name "SalespersonFullName": String;
        /// ID of selection code.
        SELECTION_CODE selection_code "SelectionCode": Guid [filterable];
        /// Code of selection code.
        SELECTION_CODE_CODE selection_code_code "SelectionCodeCode": String;
        /// Description of selection code.
        SELECTION_CODE_DESCRIPTION selection_code_description "SelectionCodeDescription": String;
        /// Description of ShippingMethod.
        SHIPPING_METHOD_DESCRIPTION shipping_method_description "ShippingMethodDescription": String;
        /// How far it is.
        STATUS status "Status": OrderStatus [filterable];
        /// Description of Status.
        STATUS_DESCRIPTION status_description "StatusDescription": String;
        /// Code of Warehouse.
        WAREHOUSE_CODE warehouse_code "WarehouseCode": String;
        /// Description of Warehouse.
        WAREHOUSE_DESCRIPTION warehouse_description "WarehouseDescription": String;
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable, feed_only];
        /// The id of the feed's row.
        ID id "ID": Guid [feed_only];
        /// Extra notes.
        NOTES notes "Notes": String [feed_only];
        /// The project to which the sales order line is linked.
        PROJECT project "Project": Guid [feed_only];
        /// Code of Project.
        PROJECT_CODE project_code "ProjectCode": String [feed_only];
        /// Description of Project.
        PROJECT_DESCRIPTION project_description "ProjectDescription": String [feed_only];
        /// Code of Shipping Method.
        SHIPPING_METHOD_CODE shipping_method_code "ShippingMethodCode": String [feed_only];
        /// VAT amount in the currency of the transaction.
        VAT_AMOUNT vat_amount "VATAmount": Decimal [feed_only];
        /// VAT code.
        VAT_CODE vat_code "VATCode": Code [right(3), feed_only];
        /// Description of VATCode.
        VAT_CODE_DESCRIPTION vat_code_description "VATCodeDescription": String [feed_only];
    }
    lines {
        /// Its lines.
        sales_order_lines "SalesOrderLines": SalesOrderLine, NewSalesOrderLine;
    }
}

impl crate::entity::Read for SalesOrder {
    type Key = Guid;
}

impl crate::entity::Feed for SalesOrder {
    const FEED: &'static str = "sync/SalesOrder/SalesOrderHeaders";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.order_id
    }
}

impl crate::entity::Bulk for SalesOrder {
    const BULK: &'static str = "bulk/SalesOrder/SalesOrders";
}

impl crate::entity::Create for SalesOrder {
    type New = NewSalesOrder;
}

impl crate::entity::Update for SalesOrder {
    type Patch = SalesOrderPatch;
}

impl crate::entity::Delete for SalesOrder {}

impl NewSalesOrder {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(ordered_by: Guid, sales_order_lines: Vec<NewSalesOrderLine>) -> Self {
        Self { ordered_by: Some(ordered_by), sales_order_lines, ..Self::default() }
    }
}
