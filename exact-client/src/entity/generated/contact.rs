// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A person at an account. Exact wants a first or a last name.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMContacts)
    Contact at "crm/Contacts" feed "sync/CRM/Contacts" bulk "bulk/CRM/Contacts" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewContact;
    patch ContactPatch;
    write {
        /// The account to which the contact belongs.
        ACCOUNT account "Account": Guid [filterable, required, links("crm/Accounts")];
        /// Birth date.
        BIRTH_DATE birth_date "BirthDate": NaiveDate [filterable_plain];
        /// Birth place.
        BIRTH_PLACE birth_place "BirthPlace": String [filterable_plain];
        /// Email address of the contact.
        BUSINESS_EMAIL business_email "BusinessEmail": String [filterable_plain];
        /// Fax of the contact.
        BUSINESS_FAX business_fax "BusinessFax": String [filterable_plain];
        /// Mobile of the contact.
        BUSINESS_MOBILE business_mobile "BusinessMobile": String [filterable_plain];
        /// Phone of the contact.
        BUSINESS_PHONE business_phone "BusinessPhone": String [filterable_plain];
        /// Phone extension of the contact.
        BUSINESS_PHONE_EXTENSION business_phone_extension "BusinessPhoneExtension": String [filterable_plain];
        /// The mail address at work.
        EMAIL email "Email": String [filterable_plain, max(100)];
        /// End date.
        END_DATE end_date "EndDate": NaiveDate [filterable_plain];
        /// First name. Provide at least first name or last name to create a new contact.
        FIRST_NAME first_name "FirstName": String [filterable_plain];
        /// Gender.
        GENDER gender "Gender": String [filterable_plain];
        /// The number that people see.
        HID hid "HID": i32 [filterable_plain];
        /// Identification date.
        IDENTIFICATION_DATE identification_date "IdentificationDate": NaiveDate [filterable_plain];
        /// Reference to the identification document of the contact.
        IDENTIFICATION_DOCUMENT identification_document "IdentificationDocument": Guid [filterable];
        /// Reference to the user responsible for identification.
        IDENTIFICATION_USER identification_user "IdentificationUser": Guid [filterable];
        /// Initials.
        INITIALS initials "Initials": String [filterable_plain];
        /// Whether the contact wants no mailings.
        IS_MAILING_EXCLUDED is_mailing_excluded "IsMailingExcluded": bool [filterable_plain];
        /// Whether it is the main contact; setting it makes it so.
        IS_MAIN_CONTACT is_main_contact "IsMainContact": bool [filterable_plain];
        /// Jobtitle of the contact.
        JOB_TITLE_DESCRIPTION job_title_description "JobTitleDescription": String [filterable_plain];
        /// Language code.
        LANGUAGE language "Language": Code [filterable_plain];
        /// Last name. Provide at least first name or last name to create a new contact.
        LAST_NAME last_name "LastName": String [filterable_plain, required];
        /// Reference to purpose of an contact.
        LEAD_PURPOSE lead_purpose "LeadPurpose": Guid [filterable_plain];
        /// Reference to source of an contact.
        LEAD_SOURCE lead_source "LeadSource": Guid [filterable_plain];
        /// The user should be able to do a full text search on these notes to gather contacts for a marketing campaign.
        MARKETING_NOTES marketing_notes "MarketingNotes": String [filterable_plain];
        /// Middle name.
        MIDDLE_NAME middle_name "MiddleName": String [filterable_plain];
        /// Business phone of the contact.
        MOBILE mobile "Mobile": String [filterable_plain];
        /// Nationality.
        NATIONALITY nationality "Nationality": String [filterable_plain];
        /// Extra remarks.
        NOTES notes "Notes": String [filterable_plain];
        /// Reference to the personal information of this contact such as name, gender, address etc.
        PERSON person "Person": Guid [filterable];
        /// Phone of the contact.
        PHONE phone "Phone": String [filterable_plain];
        /// Filename of the picture.
        PICTURE_NAME picture_name "PictureName": String [filterable_plain];
        /// Start date.
        START_DATE start_date "StartDate": NaiveDate [filterable_plain];
        /// Title.
        TITLE title "Title": String [filterable_plain];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// Indicates if account is a customer.
        ACCOUNT_IS_CUSTOMER account_is_customer "AccountIsCustomer": bool [filterable_plain];
        /// Indicates if account is a supplier.
        ACCOUNT_IS_SUPPLIER account_is_supplier "AccountIsSupplier": bool [filterable_plain];
        /// Reference to the main contact of the account.
        ACCOUNT_MAIN_CONTACT account_main_contact "AccountMainContact": Guid [filterable_plain, links("crm/Contacts")];
        /// Name of the account.
        ACCOUNT_NAME account_name "AccountName": String [filterable_plain];
        /// Second address line.
        ADDRESS_LINE2 address_line2 "AddressLine2": String [filterable_plain];
        /// Street name of the address.
        ADDRESS_STREET address_street "AddressStreet": String [filterable_plain];
        /// Street number of the address.
        ADDRESS_STREET_NUMBER address_street_number "AddressStreetNumber": String [filterable_plain];
        /// Street number suffix of the address.
        ADDRESS_STREET_NUMBER_SUFFIX address_street_number_suffix "AddressStreetNumberSuffix": String [filterable_plain];
        /// City.
        CITY city "City": String [filterable_plain];
        /// The code of the account.
        CODE code "Code": Code [filterable_plain, left(18)];
        /// Code of the country.
        COUNTRY country "Country": Code [filterable_plain, right(3)];
        /// When it was created.
        CREATED created "Created": WallTime [filterable_plain];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable_plain];
        /// The division.
        DIVISION division "Division": i32 [filterable_plain];
        /// The whole name, which Exact puts together.
        FULL_NAME full_name "FullName": String [filterable_plain];
        /// 1 where the personal data was wiped.
        IS_ANONYMISED is_anonymised "IsAnonymised": u8 [filterable_plain];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable_plain];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable_plain];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable_plain];
        /// Last name of partner.
        PARTNER_NAME partner_name "PartnerName": String [filterable_plain];
        /// Middlename of partner.
        PARTNER_NAME_PREFIX partner_name_prefix "PartnerNamePrefix": String [filterable_plain];
        /// Phone extension of the contact.
        PHONE_EXTENSION phone_extension "PhoneExtension": String [filterable_plain];
        /// Url to retrieve the picture thumbnail.
        PICTURE_THUMBNAIL_URL picture_thumbnail_url "PictureThumbnailUrl": String [filterable_plain];
        /// Url to retrieve the picture.
        PICTURE_URL picture_url "PictureUrl": String [filterable_plain];
        /// Postcode.
        POSTCODE postcode "Postcode": String [filterable_plain];
        /// State.
        STATE state "State": String [filterable_plain];
        /// TitleAbbreviation.
        TITLE_ABBREVIATION title_abbreviation "TitleAbbreviation": String [filterable_plain];
        /// TitleDescription.
        TITLE_DESCRIPTION title_description "TitleDescription": String [filterable_plain];
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable_plain, feed_only];
    }
}

impl crate::entity::Read for Contact {
    type Key = Guid;
}

impl crate::entity::Feed for Contact {
    const FEED: &'static str = "sync/CRM/Contacts";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.id
    }
}

impl crate::entity::Bulk for Contact {
    const BULK: &'static str = "bulk/CRM/Contacts";
}

impl crate::entity::Create for Contact {
    type New = NewContact;
}

impl crate::entity::Update for Contact {
    type Patch = ContactPatch;
}

impl crate::entity::Delete for Contact {}

impl NewContact {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(account: Guid, last_name: impl Into<String>) -> Self {
        Self { account: Some(account), last_name: Some(last_name.into()), ..Self::default() }
    }
}
