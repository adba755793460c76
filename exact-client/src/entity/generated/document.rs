// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::DocumentType;
use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A document: a note with attachments. Printing an invoice makes one, with the PDF attached.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=DocumentsDocuments)
    Document at "documents/Documents" feed "sync/Documents/Documents" bulk "bulk/Documents/Documents" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewDocument;
    patch DocumentPatch;
    write {
        /// ID of the related account of this document.
        ACCOUNT account "Account": Guid [filterable, links("crm/Accounts")];
        /// The amount in the record's own currency.
        AMOUNT_FC amount_fc "AmountFC": Decimal [filterable_plain];
        /// Body of this document.
        BODY body "Body": String [filterable_plain];
        /// ID of the category of this document.
        CATEGORY category "Category": Guid [filterable];
        /// ID of the related contact of this document.
        CONTACT contact "Contact": Guid [filterable, links("crm/Contacts")];
        /// Currency code.
        CURRENCY currency "Currency": String [filterable_plain];
        /// Entry date of the incoming document.
        DOCUMENT_DATE document_date "DocumentDate": NaiveDate [filterable];
        /// The Id of document folder.
        DOCUMENT_FOLDER document_folder "DocumentFolder": Guid [filterable];
        /// The booking that it belongs to; for a sales invoice the invoice's id.
        FINANCIAL_TRANSACTION_ENTRY_ID financial_transaction_entry_id "FinancialTransactionEntryID": Guid [filterable];
        /// Human-readable ID, formatted as xx.xxx.xxx. Unique. May not be equal to zero.
        HID hid "HID": i32 [filterable];
        /// The language code of the document.
        LANGUAGE language "Language": Code [filterable_plain];
        /// The opportunity linked to the document.
        OPPORTUNITY opportunity "Opportunity": Guid [filterable, links("crm/Opportunities")];
        /// The project linked to the document.
        PROJECT project "Project": Guid [filterable];
        /// 'Our reference' of the transaction that belongs to this document.
        SALES_INVOICE_NUMBER sales_invoice_number "SalesInvoiceNumber": i32 [filterable];
        /// Number of the sales order.
        SALES_ORDER_NUMBER sales_order_number "SalesOrderNumber": i32 [filterable_plain];
        /// Number of the shop order.
        SHOP_ORDER_NUMBER shop_order_number "ShopOrderNumber": i32 [filterable_plain];
        /// Subject of this document.
        SUBJECT subject "Subject": String [filterable, required];
        /// What sort of document it is.
        TYPE kind "Type": DocumentType [filterable, required];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// Code of Account.
        ACCOUNT_CODE account_code "AccountCode": Code [filterable_plain, left(18)];
        /// Name of Account.
        ACCOUNT_NAME account_name "AccountName": String [filterable_plain];
        /// Description of Category.
        CATEGORY_DESCRIPTION category_description "CategoryDescription": String [filterable_plain];
        /// Contact full name.
        CONTACT_FULL_NAME contact_full_name "ContactFullName": String [filterable_plain];
        /// The contract linked to the document.
        CONTRACT_ID contract_id "ContractID": Guid [filterable_plain];
        /// Contract Number.
        CONTRACT_NUMBER contract_number "ContractNumber": String [filterable_plain];
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable];
        /// The division.
        DIVISION division "Division": i32 [filterable];
        /// The Code of document folder.
        DOCUMENT_FOLDER_CODE document_folder_code "DocumentFolderCode": String [filterable_plain];
        /// The Decsription of document folder.
        DOCUMENT_FOLDER_DESCRIPTION document_folder_description "DocumentFolderDescription": String [filterable_plain];
        /// Url to view the document.
        DOCUMENT_VIEW_URL document_view_url "DocumentViewUrl": String [filterable_plain];
        /// Expiry date of this document.
        EXPIRY_DATE expiry_date "ExpiryDate": NaiveDate [filterable_plain];
        /// Indicates that the document body is empty.
        HAS_EMPTY_BODY has_empty_body "HasEmptyBody": bool [filterable_plain];
        /// InheritShare value.
        INHERIT_SHARE inherit_share "InheritShare": bool [filterable_plain];
        /// The item linked to the document.
        ITEM item "Item": Guid [filterable_plain, links("logistics/Items")];
        /// Code of Item.
        ITEM_CODE item_code "ItemCode": String [filterable_plain];
        /// Description of Item.
        ITEM_DESCRIPTION item_description "ItemDescription": String [filterable_plain];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable_plain];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable_plain];
        /// Code of project.
        PROJECT_CODE project_code "ProjectCode": String [filterable_plain];
        /// Description of project.
        PROJECT_DESCRIPTION project_description "ProjectDescription": String [filterable_plain];
        /// ProposedEntryStatus, 0 = Void, 5 = Rejected, 20 = Open, 50 = Processed.
        PROPOSED_ENTRY_STATUS proposed_entry_status "ProposedEntryStatus": i16 [filterable_plain];
        /// Scan service status.
        SCAN_SERVICE_STATUS scan_service_status "ScanServiceStatus": i16 [filterable_plain];
        /// Send method.
        SEND_METHOD send_method "SendMethod": i32 [filterable_plain];
        /// Teams meeting id.
        TEAMS_MEETING_ID teams_meeting_id "TeamsMeetingId": String [filterable_plain];
        /// Description of Type.
        TYPE_DESCRIPTION type_description "TypeDescription": String [filterable_plain];
        /// ActionRegenerateEntryProposal.
        ACTION_REGENERATE_ENTRY_PROPOSAL action_regenerate_entry_proposal "ActionRegenerateEntryProposal": bool [filterable_plain, not_in_bulk];
        /// EntryStatusDescription.
        ENTRY_STATUS_DESCRIPTION entry_status_description "EntryStatusDescription": String [filterable_plain, not_in_bulk];
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable_plain, feed_only];
        /// ID of bill of material materials.
        ITEM_MATERIAL item_material "ItemMaterial": Guid [feed_only];
        /// ID of bill of material routings.
        ITEM_ROUTING_STEP item_routing_step "ItemRoutingStep": Guid [feed_only];
    }
}

impl crate::entity::Read for Document {
    type Key = Guid;
}

impl crate::entity::Feed for Document {
    const FEED: &'static str = "sync/Documents/Documents";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.id
    }
}

impl crate::entity::Bulk for Document {
    const BULK: &'static str = "bulk/Documents/Documents";
}

impl crate::entity::Create for Document {
    type New = NewDocument;
}

impl crate::entity::Update for Document {
    type Patch = DocumentPatch;
}

impl crate::entity::Delete for Document {}

impl NewDocument {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(subject: impl Into<String>, kind: DocumentType) -> Self {
        Self { subject: Some(subject.into()), kind: Some(kind), ..Self::default() }
    }
}
