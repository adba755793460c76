// Written by the entity-generator; change its input and run it again.

use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::Code;

entity! {
    /// The user behind the grant. Read it with [`Client::me`](crate::Client::me).
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SystemSystemMe)
    Me at "current/Me" key "UserID";
    verbs [Read];
    read {
        /// The user's id.
        USER_ID user_id "UserID": Guid [filterable];
        /// The division with the accountant's own books.
        ACCOUNTING_DIVISION accounting_division "AccountingDivision": i32 [filterable];
        /// The division that the user used last. It changes when the user switches in the browser: never follow it.
        CURRENT_DIVISION current_division "CurrentDivision": i32 [filterable];
        /// The account that owns the current division.
        DIVISION_CUSTOMER division_customer "DivisionCustomer": Guid [filterable];
        /// Its code.
        DIVISION_CUSTOMER_CODE division_customer_code "DivisionCustomerCode": Code [filterable, left(18)];
        /// Its name.
        DIVISION_CUSTOMER_NAME division_customer_name "DivisionCustomerName": String [filterable];
        /// The mail address.
        EMAIL email "Email": String [filterable];
        /// The first name.
        FIRST_NAME first_name "FirstName": String [filterable];
        /// The whole name.
        FULL_NAME full_name "FullName": String [filterable];
        /// The language of messages, such as `nl-NL`.
        LANGUAGE_CODE language_code "LanguageCode": String [filterable];
        /// The last name.
        LAST_NAME last_name "LastName": String [filterable];
        /// The legislation.
        LEGISLATION legislation "Legislation": i64 [filterable];
        /// The package of the licence.
        PACKAGE_CODE package_code "PackageCode": String [filterable];
        /// What the clock on Exact's wall shows, as text.
        SERVER_TIME server_time "ServerTime": String [filterable];
        /// How far that clock is ahead of UTC, in seconds.
        SERVER_UTC_OFFSET server_utc_offset "ServerUtcOffset": Decimal [filterable];
        /// The login name.
        USER_NAME user_name "UserName": String [filterable];
    }
}

impl crate::entity::Read for Me {
    type Key = Guid;
}
