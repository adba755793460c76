// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::AccountStatus;
use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// An account: a customer, prospect, supplier or other relation.
    ///
    /// A plain read delivers 60 rows a call, the sync feed and the bulk twin 1,000. Custom fields and images are left out.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMAccounts)
    Account at "crm/Accounts" feed "sync/CRM/Accounts" bulk "bulk/CRM/Accounts" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewAccount;
    patch AccountPatch;
    write {
        /// The accountant.
        ACCOUNTANT accountant "Accountant": Guid [filterable, links("crm/Accounts")];
        /// The account manager, a user.
        ACCOUNT_MANAGER account_manager "AccountManager": Guid [filterable];
        /// The activity sector.
        ACTIVITY_SECTOR activity_sector "ActivitySector": Guid;
        /// The activity sub-sector.
        ACTIVITY_SUB_SECTOR activity_sub_sector "ActivitySubSector": Guid;
        /// The visit address: first line.
        ADDRESS_LINE1 address_line1 "AddressLine1": String [filterable, max(60)];
        /// The visit address: second line.
        ADDRESS_LINE2 address_line2 "AddressLine2": String [filterable, max(60)];
        /// The visit address: third line.
        ADDRESS_LINE3 address_line3 "AddressLine3": String [filterable, max(60)];
        /// Whether it is blocked.
        BLOCKED blocked "Blocked": bool [filterable];
        /// The type of business.
        BUSINESS_TYPE business_type "BusinessType": Guid;
        /// The number in the trade register: KvK in the Netherlands, KBO in Belgium.
        CHAMBER_OF_COMMERCE chamber_of_commerce "ChamberOfCommerce": String [filterable, max(40)];
        /// The visit address: city.
        CITY city "City": String [filterable, max(40)];
        /// Classification 1.
        CLASSIFICATION1 classification1 "Classification1": Guid [filterable];
        /// Classification 2.
        CLASSIFICATION2 classification2 "Classification2": Guid [filterable];
        /// Classification 3.
        CLASSIFICATION3 classification3 "Classification3": Guid [filterable];
        /// Classification 4.
        CLASSIFICATION4 classification4 "Classification4": Guid [filterable];
        /// Classification 5.
        CLASSIFICATION5 classification5 "Classification5": Guid [filterable];
        /// Classification 6.
        CLASSIFICATION6 classification6 "Classification6": Guid [filterable];
        /// Classification 7.
        CLASSIFICATION7 classification7 "Classification7": Guid [filterable];
        /// Classification 8.
        CLASSIFICATION8 classification8 "Classification8": Guid [filterable];
        /// The customer's number; the next free one where it is left out.
        CODE code "Code": Code [filterable, left(18)];
        /// The number under which it knows the own company.
        CODE_AT_SUPPLIER code_at_supplier "CodeAtSupplier": String [filterable];
        /// The size of the company.
        COMPANY_SIZE company_size "CompanySize": Guid;
        /// The visit address: code of the country.
        COUNTRY country "Country": Code [filterable, right(3)];
        /// The credit limit for purchase; 0 is none.
        CREDIT_LINE_PURCHASE credit_line_purchase "CreditLinePurchase": Decimal;
        /// The credit limit for sales; 0 is none.
        CREDIT_LINE_SALES credit_line_sales "CreditLineSales": Decimal;
        /// The discount on purchase as a fraction.
        DISCOUNT_PURCHASE discount_purchase "DiscountPurchase": Decimal;
        /// The discount on sales as a fraction: 0.055 is 5.5 %.
        DISCOUNT_SALES discount_sales "DiscountSales": Decimal;
        /// The mail address.
        EMAIL email "Email": String [filterable, max(100)];
        /// Until when it is active.
        END_DATE end_date "EndDate": NaiveDate [filterable];
        /// The customs number.
        EORI_NUMBER eori_number "EORINumber": String [filterable];
        /// When it was founded.
        ESTABLISHED_DATE established_date "EstablishedDate": NaiveDate;
        /// The fax number.
        FAX fax "Fax": String [filterable];
        /// The ledger account for purchase.
        GL_ACCOUNT_PURCHASE gl_account_purchase "GLAccountPurchase": Guid;
        /// The ledger account for sales.
        GL_ACCOUNT_SALES gl_account_sales "GLAccountSales": Guid;
        /// The global location number.
        GLN_NUMBER gln_number "GlnNumber": String;
        /// The account that gets the invoices.
        INVOICE_ACCOUNT invoice_account "InvoiceAccount": Guid [filterable, links("crm/Accounts")];
        /// How it gets its invoices: 1 paper, 2 mail, 4 mailbox, 8 send and track, 32 Peppol.
        INVOICING_METHOD invoicing_method "InvoicingMethod": i32;
        /// 1 or 2 for an accountant.
        IS_ACCOUNTANT is_accountant "IsAccountant": u8 [filterable];
        /// 1 for an agency.
        IS_AGENCY is_agency "IsAgency": u8;
        /// 1 for a competitor.
        IS_COMPETITOR is_competitor "IsCompetitor": u8;
        /// 1 to leave it out of mailings.
        IS_MAILING is_mailing "IsMailing": u8;
        /// Whether it is a pilot account.
        IS_PILOT is_pilot "IsPilot": bool;
        /// Whether it is a reseller.
        IS_RESELLER is_reseller "IsReseller": bool [filterable];
        /// Whether it is a supplier.
        IS_SUPPLIER is_supplier "IsSupplier": bool [filterable];
        /// The language code, such as `NL`.
        LANGUAGE language "Language": Code;
        /// The purpose of the lead.
        LEAD_PURPOSE lead_purpose "LeadPurpose": Guid;
        /// The source of the lead.
        LEAD_SOURCE lead_source "LeadSource": Guid;
        /// The main contact.
        MAIN_CONTACT main_contact "MainContact": Guid [filterable, links("crm/Contacts")];
        /// The name.
        NAME name "Name": String [filterable, required, max(50)];
        /// The Dutch government's number.
        OIN_NUMBER oin_number "OINNumber": String;
        /// The parent account.
        PARENT parent "Parent": Guid [filterable, links("crm/Accounts")];
        /// Code of the payment condition for purchase.
        PAYMENT_CONDITION_PURCHASE payment_condition_purchase "PaymentConditionPurchase": String;
        /// Code of the payment condition for sales.
        PAYMENT_CONDITION_SALES payment_condition_sales "PaymentConditionSales": String;
        /// The phone number.
        PHONE phone "Phone": String [filterable, max(17)];
        /// The extension of the phone number.
        PHONE_EXTENSION phone_extension "PhoneExtension": String;
        /// The visit address: postcode.
        POSTCODE postcode "Postcode": String [filterable, max(20)];
        /// The sales price list.
        PRICE_LIST price_list "PriceList": Guid [filterable];
        /// The currency for purchase; the code of an inactive one is emptied without a word.
        PURCHASE_CURRENCY purchase_currency "PurchaseCurrency": String;
        /// The VAT code for purchase.
        PURCHASE_VAT_CODE purchase_vat_code "PurchaseVATCode": Code [right(3)];
        /// Remarks.
        REMARKS remarks "Remarks": String;
        /// The reseller.
        RESELLER reseller "Reseller": Guid [filterable, links("crm/Accounts")];
        /// The Dutch fiscal number.
        RSIN rsin "RSIN": String [filterable];
        /// The currency for sales; the code of an inactive one is emptied without a word.
        SALES_CURRENCY sales_currency "SalesCurrency": String;
        /// The VAT code for sales.
        SALES_VAT_CODE sales_vat_code "SalesVATCode": Code [right(3)];
        /// A short name to search by.
        SEARCH_CODE search_code "SearchCode": String [filterable, max(30)];
        /// The shipping method.
        SHIPPING_METHOD shipping_method "ShippingMethod": Guid;
        /// From when it is active.
        START_DATE start_date "StartDate": NaiveDate [filterable];
        /// The visit address: code of the state or province.
        STATE state "State": String;
        /// Customer, prospect or suspect. Orders and invoices need a customer.
        STATUS status "Status": AccountStatus [filterable];
        /// The name it trades under.
        TRADE_NAME trade_name "TradeName": String;
        /// The VAT number.
        VAT_NUMBER vat_number "VATNumber": String [filterable, max(20)];
        /// The website.
        WEBSITE website "Website": String;
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// The name of the account manager.
        ACCOUNT_MANAGER_FULL_NAME account_manager_full_name "AccountManagerFullName": String;
        /// The name of the country.
        COUNTRY_NAME country_name "CountryName": String;
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid;
        /// Since when it is a customer.
        CUSTOMER_SINCE customer_since "CustomerSince": NaiveDate;
        /// The division.
        DIVISION division "Division": i32;
        /// The code of the account that gets the invoices.
        INVOICE_ACCOUNT_CODE invoice_account_code "InvoiceAccountCode": Code [left(18)];
        /// The name of the account that gets the invoices.
        INVOICE_ACCOUNT_NAME invoice_account_name "InvoiceAccountName": String;
        /// 1 where its personal data was wiped.
        IS_ANONYMISED is_anonymised "IsAnonymised": u8;
        /// Whether it can be bought from.
        IS_PURCHASE is_purchase "IsPurchase": bool;
        /// Whether it can be sold to; follows from the status.
        IS_SALES is_sales "IsSales": bool [filterable];
        /// The name of the language.
        LANGUAGE_DESCRIPTION language_description "LanguageDescription": String;
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid;
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String;
        /// The name of the payment condition for sales.
        PAYMENT_CONDITION_SALES_DESCRIPTION payment_condition_sales_description "PaymentConditionSalesDescription": String;
        /// The Peppol identifier.
        PEPPOL_IDENTIFIER peppol_identifier "PeppolIdentifier": String;
        /// The type of the Peppol identifier.
        PEPPOL_IDENTIFIER_TYPE peppol_identifier_type "PeppolIdentifierType": i32;
        /// The name of the reseller.
        RESELLER_NAME reseller_name "ResellerName": String;
        /// The name of the VAT code for sales.
        SALES_VAT_CODE_DESCRIPTION sales_vat_code_description "SalesVATCodeDescription": String;
        /// Where it came from.
        SOURCE source "Source": u8;
        /// The name of the state or province.
        STATE_NAME state_name "StateName": String;
        /// Since when it has its status.
        STATUS_SINCE status_since "StatusSince": NaiveDate;
        /// `A` for a relation, `D` for a division.
        TYPE kind "Type": String [filterable];
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable, feed_only];
    }
}

impl crate::entity::Read for Account {
    type Key = Guid;
}

impl crate::entity::Feed for Account {
    const FEED: &'static str = "sync/CRM/Accounts";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.id
    }
}

impl crate::entity::Bulk for Account {
    const BULK: &'static str = "bulk/CRM/Accounts";
}

impl crate::entity::Create for Account {
    type New = NewAccount;
}

impl crate::entity::Update for Account {
    type Patch = AccountPatch;
}

impl crate::entity::Delete for Account {}

impl NewAccount {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }
}
