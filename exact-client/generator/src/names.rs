//! Exact's names as Rust's.

/// `OrderedByContactPerson` → `ordered_by_contact_person`, `GLAccountSales` → `gl_account_sales`.
pub(crate) fn field(name: &str) -> String {
    match name {
        "Type" => "kind".to_owned(),
        _ => words(name).join("_").to_lowercase(),
    }
}

/// The name of the constant.
pub(crate) fn constant(name: &str) -> String {
    words(name).join("_").to_uppercase()
}

/// `ProjectInvoiceDate` → `Project invoice date`; abbreviations stay as they are.
pub(crate) fn sentence(name: &str) -> String {
    let words = words(name);
    let mut sentence = String::new();
    for word in words {
        let is_abbreviation = word.chars().nth(1).is_some_and(char::is_uppercase);
        if sentence.is_empty() {
            sentence.push_str(&word);
        } else {
            sentence.push(' ');
            sentence.push_str(&if is_abbreviation { word } else { word.to_lowercase() });
        }
    }
    sentence
}

/// Splits at every capital that begins a word: one behind a small letter, or the last of several before one. A plural
/// `s` stays with its abbreviation.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.replace("IDs", "Ids").chars().collect();
    let mut words = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let begins = letter.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase())
                || before.is_some_and(|before| before.is_uppercase())
                    && after.is_some_and(|after| after.is_lowercase()));
        if *letter == '_' || (begins && words.last().is_some_and(|word| !word.is_empty())) {
            words.push(String::new());
        }
        if *letter != '_'
            && let Some(word) = words.last_mut()
        {
            word.push(*letter);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_snake_case() {
        for (name, expected) in [
            ("ID", "id"),
            ("VATNumber", "vat_number"),
            ("AmountFCExclVat", "amount_fc_excl_vat"),
            ("GLAccountSales", "gl_account_sales"),
            ("AddressLine1", "address_line1"),
            ("Class_01", "class_01"),
            ("DivisionHRLinkUnlinkDate", "division_hr_link_unlink_date"),
            ("SalesOrderIDs", "sales_order_ids"),
            ("TimeStampAsBigInt", "time_stamp_as_big_int"),
            ("Type", "kind"),
        ] {
            assert_eq!(field(name), expected);
        }
        assert_eq!(constant("Type"), "TYPE");
        assert_eq!(sentence("ProjectInvoiceDate"), "Project invoice date");
        assert_eq!(sentence("SenderEmailAddress"), "Sender email address");
    }
}
