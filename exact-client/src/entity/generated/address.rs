// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::AddressType;
use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// An address of an account, for visits, post, invoices or deliveries.
    ///
    /// Creating an address that is there already, letter by letter, answers with the id of that one.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMAddresses)
    Address at "crm/Addresses" feed "sync/CRM/Addresses" bulk "bulk/CRM/Addresses" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewAddress;
    patch AddressPatch;
    write {
        /// The account that it belongs to; empty for that of a warehouse.
        ACCOUNT account "Account": Guid [filterable, required, links("crm/Accounts")];
        /// First address line.
        ADDRESS_LINE1 address_line1 "AddressLine1": String [filterable_plain];
        /// Second address line.
        ADDRESS_LINE2 address_line2 "AddressLine2": String [filterable_plain];
        /// Third address line.
        ADDRESS_LINE3 address_line3 "AddressLine3": String [filterable_plain];
        /// City.
        CITY city "City": String [filterable_plain];
        /// Contact linked to Address.
        CONTACT contact "Contact": Guid [filterable, links("crm/Contacts")];
        /// Code of the country.
        COUNTRY country "Country": Code [filterable_plain, right(3)];
        /// Fax number.
        FAX fax "Fax": String [filterable_plain];
        /// Free boolean field 1.
        FREE_BOOL_FIELD_01 free_bool_field_01 "FreeBoolField_01": bool [filterable_plain];
        /// Free boolean field 2.
        FREE_BOOL_FIELD_02 free_bool_field_02 "FreeBoolField_02": bool [filterable_plain];
        /// Free boolean field 3.
        FREE_BOOL_FIELD_03 free_bool_field_03 "FreeBoolField_03": bool [filterable_plain];
        /// Free boolean field 4.
        FREE_BOOL_FIELD_04 free_bool_field_04 "FreeBoolField_04": bool [filterable_plain];
        /// Free boolean field 5.
        FREE_BOOL_FIELD_05 free_bool_field_05 "FreeBoolField_05": bool [filterable_plain];
        /// Free date field 1.
        FREE_DATE_FIELD_01 free_date_field_01 "FreeDateField_01": NaiveDate [filterable_plain];
        /// Free date field 2.
        FREE_DATE_FIELD_02 free_date_field_02 "FreeDateField_02": NaiveDate [filterable_plain];
        /// Free date field 3.
        FREE_DATE_FIELD_03 free_date_field_03 "FreeDateField_03": NaiveDate [filterable_plain];
        /// Free date field 4.
        FREE_DATE_FIELD_04 free_date_field_04 "FreeDateField_04": NaiveDate [filterable_plain];
        /// Free date field 5.
        FREE_DATE_FIELD_05 free_date_field_05 "FreeDateField_05": NaiveDate [filterable_plain];
        /// Free number field 1.
        FREE_NUMBER_FIELD_01 free_number_field_01 "FreeNumberField_01": Decimal [filterable_plain];
        /// Free number field 2.
        FREE_NUMBER_FIELD_02 free_number_field_02 "FreeNumberField_02": Decimal [filterable_plain];
        /// Free number field 3.
        FREE_NUMBER_FIELD_03 free_number_field_03 "FreeNumberField_03": Decimal [filterable_plain];
        /// Free number field 4.
        FREE_NUMBER_FIELD_04 free_number_field_04 "FreeNumberField_04": Decimal [filterable_plain];
        /// Free number field 5.
        FREE_NUMBER_FIELD_05 free_number_field_05 "FreeNumberField_05": Decimal [filterable_plain];
        /// Free text field 1.
        FREE_TEXT_FIELD_01 free_text_field_01 "FreeTextField_01": String [filterable_plain];
        /// Free text field 2.
        FREE_TEXT_FIELD_02 free_text_field_02 "FreeTextField_02": String [filterable_plain];
        /// Free text field 3.
        FREE_TEXT_FIELD_03 free_text_field_03 "FreeTextField_03": String [filterable_plain];
        /// Free text field 4.
        FREE_TEXT_FIELD_04 free_text_field_04 "FreeTextField_04": String [filterable_plain];
        /// Free text field 5.
        FREE_TEXT_FIELD_05 free_text_field_05 "FreeTextField_05": String [filterable_plain];
        /// MailboxTake notes: The 'Mailbox' functionality required the Mailbox feature set in the licence.
        MAILBOX mailbox "Mailbox": String [filterable_plain];
        /// Whether it is the main one of its type.
        MAIN main "Main": bool [filterable];
        /// Last 5 digits of SIRET number which is an intern sequential number of 4 digits representing the.
        NIC_NUMBER nic_number "NicNumber": String [filterable_plain];
        /// Notes for an address.
        NOTES notes "Notes": String [filterable_plain];
        /// Phone number.
        PHONE phone "Phone": String [filterable_plain];
        /// Phone extension.
        PHONE_EXTENSION phone_extension "PhoneExtension": String [filterable_plain];
        /// Postcode.
        POSTCODE postcode "Postcode": String [filterable_plain];
        /// State.
        STATE state "State": String [filterable_plain];
        /// What it is for.
        TYPE kind "Type": AddressType [filterable, required];
        /// The warehouse, for deliveries alone.
        WAREHOUSE warehouse "Warehouse": Guid [filterable];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// Indicates if the account is a supplier.
        ACCOUNT_IS_SUPPLIER account_is_supplier "AccountIsSupplier": bool [filterable_plain];
        /// Name of the account.
        ACCOUNT_NAME account_name "AccountName": String [filterable_plain];
        /// Contact name.
        CONTACT_NAME contact_name "ContactName": String [filterable_plain];
        /// Country name.
        COUNTRY_NAME country_name "CountryName": String [filterable_plain];
        /// When it was created.
        CREATED created "Created": WallTime [filterable_plain];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable_plain];
        /// The division.
        DIVISION division "Division": i32 [filterable_plain];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable_plain];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable_plain];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable_plain];
        /// Source.
        SOURCE source "Source": u8 [filterable_plain];
        /// Name of the State.
        STATE_DESCRIPTION state_description "StateDescription": String [filterable_plain];
        /// Code of the warehoude.
        WAREHOUSE_CODE warehouse_code "WarehouseCode": String [filterable_plain];
        /// Description of the warehouse.
        WAREHOUSE_DESCRIPTION warehouse_description "WarehouseDescription": String [filterable_plain];
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable_plain, feed_only];
    }
}

impl crate::entity::Read for Address {
    type Key = Guid;
}

impl crate::entity::Feed for Address {
    const FEED: &'static str = "sync/CRM/Addresses";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.id
    }
}

impl crate::entity::Bulk for Address {
    const BULK: &'static str = "bulk/CRM/Addresses";
}

impl crate::entity::Create for Address {
    type New = NewAddress;
}

impl crate::entity::Update for Address {
    type Patch = AddressPatch;
}

impl crate::entity::Delete for Address {}

impl NewAddress {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(account: Guid, kind: AddressType) -> Self {
        Self { account: Some(account), kind: Some(kind), ..Self::default() }
    }
}
