use chrono::NaiveDate;

use super::macros::entity;
use crate::id::{DivisionId, Guid};
use crate::odata::{Code, WallTime};

entity! {
    /// A division (an administration) that the user granted to the app.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SystemSystemDivisions)
    Division at "system/Divisions" key "Code";
    read {
        /// The code that stands in URLs.
        CODE code "Code": i32 [filterable];
        /// The number that the customer gave it.
        HID hid "Hid": i64 [filterable];
        /// The name.
        DESCRIPTION description "Description": String [filterable];
        /// The account that owns it.
        CUSTOMER customer "Customer": Guid;
        /// The name of the owner.
        CUSTOMER_NAME customer_name "CustomerName": String;
        /// The code of the owner.
        CUSTOMER_CODE customer_code "CustomerCode": Code [left(18)];
        /// The number at the chamber of commerce.
        CHAMBER_OF_COMMERCE_NUMBER chamber_of_commerce_number "ChamberOfCommerceNumber": String;
        /// The VAT number.
        VAT_NUMBER vat_number "VATNumber": String;
        /// The country whose law applies.
        COUNTRY country "Country": Code [right(3)];
        /// The default currency.
        CURRENCY currency "Currency": String;
        /// The legislation.
        LEGISLATION legislation "Legislation": Code;
        /// 0 inactive, 1 active, 2 archived.
        STATUS status "Status": i32;
        /// Whether it is the main one of the licence.
        IS_MAIN_DIVISION is_main_division "IsMainDivision": bool;
        /// Whether the user used it last. It changes when the user switches in the browser: never rely on it.
        CURRENT current "Current": bool;
        /// 0 not blocked; other numbers say why it is.
        BLOCKING_STATUS blocking_status "BlockingStatus": i32;
        /// When it was archived.
        ARCHIVE_DATE archive_date "ArchiveDate": NaiveDate;
        /// When it was moved: feeds start over, because all timestamps are new.
        DIVISION_MOVE_DATE division_move_date "DivisionMoveDate": WallTime;
        /// When it was linked to Exact Online HR, or unlinked.
        DIVISION_HR_LINK_UNLINK_DATE division_hr_link_unlink_date "DivisionHRLinkUnlinkDate": WallTime;
        /// When it was created.
        CREATED created "Created": WallTime;
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime;
    }
}

impl Division {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<DivisionId> {
        self.code.map(DivisionId::new)
    }
}
