// Written by the entity-generator; change its input and run it again.

use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::entity::{VatCalculation, VatTransactionType};
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A VAT code.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=VATVATCodes)
    VatCode at "vat/VATCodes" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewVatCode;
    patch VatCodePatch;
    write {
        /// Tax account.
        ACCOUNT account "Account": Guid [filterable, links("crm/Accounts")];
        /// Indicates how to calculate the tax. 0 = based on the gross amount, 1 = based on the gross amount + another tax.
        CALCULATION_BASIS calculation_basis "CalculationBasis": u8 [filterable];
        /// Indicates if transactions using the VAT code are transactions of the domestic VAT charging regulation (such.
        CHARGED charged "Charged": bool [filterable];
        /// The code.
        CODE code "Code": Code [filterable, required, right(3)];
        /// Description of the VAT code.
        DESCRIPTION description "Description": String [filterable, required];
        /// Used in all legislations except France.
        EU_SALES_LISTING eu_sales_listing "EUSalesListing": String [filterable];
        /// Indicates the purchase discount GL account linked to the VAT codes for German legislation.
        GL_DISCOUNT_PURCHASE gl_discount_purchase "GLDiscountPurchase": Guid [filterable];
        /// Indicates the sales discount GL account linked to the VAT codes for German legislation.
        GL_DISCOUNT_SALES gl_discount_sales "GLDiscountSales": Guid [filterable];
        /// G/L account that is used to book the VAT to claim.
        GL_TO_CLAIM gl_to_claim "GLToClaim": Guid [filterable];
        /// G/L account that is used to book the VAT to pay.
        GL_TO_PAY gl_to_pay "GLToPay": Guid [filterable];
        /// Used in all legislations except France. Indicates if intrastat is used.
        INTRA_STAT intra_stat "IntraStat": bool [filterable];
        /// Used in France legislation only.
        INTRASTAT_TYPE intrastat_type "IntrastatType": String [filterable];
        /// Indicates if the VAT code may still be used.
        IS_BLOCKED is_blocked "IsBlocked": bool [filterable];
        /// Legal description for VAT code to print in the total block of the invoice.
        LEGAL_TEXT legal_text "LegalText": String [filterable];
        /// Indicates what type of Taxcode it is: can be VAT, IncomeTax.
        TAX_RETURN_TYPE tax_return_type "TaxReturnType": i16 [filterable];
        /// How the VAT is reckoned.
        TYPE kind "Type": VatCalculation [filterable];
        /// Field in VAT code maintenance to calculate different VATs depending on the selected document type.
        VAT_DOC_TYPE vat_doc_type "VatDocType": String [filterable];
        /// The VAT margin scheme is used for the trade of secondhand goods which are purchased without VAT (for example.
        VAT_MARGIN vat_margin "VatMargin": u8 [filterable];
        /// Partial ratio explains which part of the VAT the company has to pay.
        VAT_PARTIAL_RATIO vat_partial_ratio "VATPartialRatio": i16 [filterable];
        /// For purchase, sales or both.
        VAT_TRANSACTION_TYPE vat_transaction_type "VATTransactionType": VatTransactionType [filterable];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// Code of Account.
        ACCOUNT_CODE account_code "AccountCode": Code [filterable, left(18)];
        /// Name of Account.
        ACCOUNT_NAME account_name "AccountName": String [filterable];
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable];
        /// The division.
        DIVISION division "Division": i32 [filterable];
        /// ExcludeVATListing.
        EXCLUDE_VAT_LISTING exclude_vat_listing "ExcludeVATListing": u8 [filterable];
        /// Code of the G/L account used for VAT corrections of settlement discount purchase (Germany only).
        GL_DISCOUNT_PURCHASE_CODE gl_discount_purchase_code "GLDiscountPurchaseCode": String [filterable];
        /// Description of the G/L account used for VAT corrections of settlement discount purchase (Germany only).
        GL_DISCOUNT_PURCHASE_DESCRIPTION gl_discount_purchase_description "GLDiscountPurchaseDescription": String [filterable];
        /// Code of the G/L account used for VAT corrections of settlement discount sales (Germany only).
        GL_DISCOUNT_SALES_CODE gl_discount_sales_code "GLDiscountSalesCode": String [filterable];
        /// Description of the G/L account used for VAT corrections of settlement discount sales (Germany only).
        GL_DISCOUNT_SALES_DESCRIPTION gl_discount_sales_description "GLDiscountSalesDescription": String [filterable];
        /// Code of the VAT to claim G/L account for the VAT code.
        GL_TO_CLAIM_CODE gl_to_claim_code "GLToClaimCode": String [filterable];
        /// Description of the VAT to claim G/L account for the VAT code.
        GL_TO_CLAIM_DESCRIPTION gl_to_claim_description "GLToClaimDescription": String [filterable];
        /// Code of the VAT to pay G/L account for the VAT code.
        GL_TO_PAY_CODE gl_to_pay_code "GLToPayCode": String [filterable];
        /// Description of the VAT to pay G/L account for the VAT code.
        GL_TO_PAY_DESCRIPTION gl_to_pay_description "GLToPayDescription": String [filterable];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable];
        /// OSS country. Available when OneStopShop featureset is enabled in the administration.
        OSS_COUNTRY oss_country "OssCountry": String [filterable];
        /// The percentage as a fraction: 0.21 is 21 %.
        PERCENTAGE percentage "Percentage": Decimal [filterable];
    }
}

impl crate::entity::Read for VatCode {
    type Key = Guid;
}

impl crate::entity::Create for VatCode {
    type New = NewVatCode;
}

impl crate::entity::Update for VatCode {
    type Patch = VatCodePatch;
}

impl crate::entity::Delete for VatCode {}

impl NewVatCode {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(code: impl Into<Code>, description: impl Into<String>) -> Self {
        Self { code: Some(code.into()), description: Some(description.into()), ..Self::default() }
    }
}
