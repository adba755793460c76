// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A division (an administration) that the user granted to the app.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SystemSystemDivisions)
    Division at "system/Divisions" key "Code";
    verbs [Read];
    read {
        /// The code that stands in URLs.
        CODE code "Code": i32 [filterable];
        /// When it was archived.
        ARCHIVE_DATE archive_date "ArchiveDate": NaiveDate;
        /// 0 not blocked; other numbers say why it is.
        BLOCKING_STATUS blocking_status "BlockingStatus": i32;
        /// The number at the chamber of commerce.
        CHAMBER_OF_COMMERCE_NUMBER chamber_of_commerce_number "ChamberOfCommerceNumber": String;
        /// The country whose law applies.
        COUNTRY country "Country": Code [right(3)];
        /// When it was created.
        CREATED created "Created": WallTime;
        /// The default currency.
        CURRENCY currency "Currency": String;
        /// Whether the user used it last. It changes when the user switches in the browser: never rely on it.
        CURRENT current "Current": bool;
        /// The account that owns it.
        CUSTOMER customer "Customer": Guid;
        /// The code of the owner.
        CUSTOMER_CODE customer_code "CustomerCode": Code [left(18)];
        /// The name of the owner.
        CUSTOMER_NAME customer_name "CustomerName": String;
        /// The name.
        DESCRIPTION description "Description": String [filterable];
        /// When it was linked to Exact Online HR, or unlinked.
        DIVISION_HR_LINK_UNLINK_DATE division_hr_link_unlink_date "DivisionHRLinkUnlinkDate": WallTime;
        /// When it was moved: feeds start over, because all timestamps are new.
        DIVISION_MOVE_DATE division_move_date "DivisionMoveDate": WallTime;
        /// The number that the customer gave it.
        HID hid "Hid": i64 [filterable];
        /// Whether it is the main one of the licence.
        IS_MAIN_DIVISION is_main_division "IsMainDivision": bool;
        /// The legislation.
        LEGISLATION legislation "Legislation": Code;
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime;
        /// 0 inactive, 1 active, 2 archived.
        STATUS status "Status": i32;
        /// The VAT number.
        VAT_NUMBER vat_number "VATNumber": String;
    }
}

impl crate::entity::Read for Division {
    type Key = i32;
}
