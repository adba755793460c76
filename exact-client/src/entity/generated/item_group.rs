// Written by the entity-generator; change its input and run it again.

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::WallTime;

entity! {
    /// A group of items that share their ledger accounts.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=LogisticsItemGroups)
    ItemGroup at "logistics/ItemGroups" key "ID";
    verbs [Read];
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// Code of the item group.
        CODE code "Code": String [filterable];
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable];
        /// Description of the item group.
        DESCRIPTION description "Description": String [filterable];
        /// The division.
        DIVISION division "Division": i32 [filterable];
        /// GL account on which the costs of items of this group will be booked.
        GL_COSTS gl_costs "GLCosts": Guid [filterable];
        /// Code of GLCosts.
        GL_COSTS_CODE gl_costs_code "GLCostsCode": String [filterable];
        /// Description of GLCosts.
        GL_COSTS_DESCRIPTION gl_costs_description "GLCostsDescription": String [filterable];
        /// GL costs work in progress.
        GL_COSTS_WORK_IN_PROGRESS gl_costs_work_in_progress "GLCostsWorkInProgress": Guid [filterable];
        /// GL costs work in progress code.
        GL_COSTS_WORK_IN_PROGRESS_CODE gl_costs_work_in_progress_code "GLCostsWorkInProgressCode": String [filterable];
        /// GL costs work in progress description.
        GL_COSTS_WORK_IN_PROGRESS_DESCRIPTION gl_costs_work_in_progress_description "GLCostsWorkInProgressDescription": String [filterable];
        /// GL Purchase account for purchase invoicing according to (non-) perpetual inventory method.
        GL_PURCHASE_ACCOUNT gl_purchase_account "GLPurchaseAccount": Guid [filterable];
        /// Code of GLPurchase.
        GL_PURCHASE_ACCOUNT_CODE gl_purchase_account_code "GLPurchaseAccountCode": String [filterable];
        /// Description of GLPurchaseAccount.
        GL_PURCHASE_ACCOUNT_DESCRIPTION gl_purchase_account_description "GLPurchaseAccountDescription": String [filterable];
        /// GL account that will be used for the 'Standard cost price' valuation method to balance the difference between.
        GL_PURCHASE_PRICE_DIFFERENCE gl_purchase_price_difference "GLPurchasePriceDifference": Guid [filterable];
        /// Code of GLPurchasePriceDifference.
        GL_PURCHASE_PRICE_DIFFERENCE_CODE gl_purchase_price_difference_code "GLPurchasePriceDifferenceCode": String [filterable];
        /// Description of GLPurchasePriceDifference.
        GL_PURCHASE_PRICE_DIFFERENCE_DESCR gl_purchase_price_difference_descr "GLPurchasePriceDifferenceDescr": String [filterable];
        /// GL account on which the revenue for items of this group will be booked.
        GL_REVENUE gl_revenue "GLRevenue": Guid [filterable];
        /// Code of GLRevenue.
        GL_REVENUE_CODE gl_revenue_code "GLRevenueCode": String [filterable];
        /// Description of GLRevenue.
        GL_REVENUE_DESCRIPTION gl_revenue_description "GLRevenueDescription": String [filterable];
        /// GL revenue work in progress.
        GL_REVENUE_WORK_IN_PROGRESS gl_revenue_work_in_progress "GLRevenueWorkInProgress": Guid [filterable];
        /// GL revenue work in progress code.
        GL_REVENUE_WORK_IN_PROGRESS_CODE gl_revenue_work_in_progress_code "GLRevenueWorkInProgressCode": String [filterable];
        /// GL revenue work in progress description.
        GL_REVENUE_WORK_IN_PROGRESS_DESCRIPTION gl_revenue_work_in_progress_description "GLRevenueWorkInProgressDescription": String [filterable];
        /// GL account on which stock entries will be booked for items of this group.
        GL_STOCK gl_stock "GLStock": Guid [filterable];
        /// Code of GLStock.
        GL_STOCK_CODE gl_stock_code "GLStockCode": String [filterable];
        /// Description of GLStock.
        GL_STOCK_DESCRIPTION gl_stock_description "GLStockDescription": String [filterable];
        /// GL stock variance account for perpetual inventory.
        GL_STOCK_VARIANCE gl_stock_variance "GLStockVariance": Guid [filterable];
        /// Code of GLStockVariance.
        GL_STOCK_VARIANCE_CODE gl_stock_variance_code "GLStockVarianceCode": String [filterable];
        /// Description of GLStockVariance.
        GL_STOCK_VARIANCE_DESCRIPTION gl_stock_variance_description "GLStockVarianceDescription": String [filterable];
        /// Indicates if this is the default item group that will be assigned when a new item is created.
        IS_DEFAULT is_default "IsDefault": u8 [filterable];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable];
        /// Notes.
        NOTES notes "Notes": String [filterable];
    }
}

impl crate::entity::Read for ItemGroup {
    type Key = Guid;
}
