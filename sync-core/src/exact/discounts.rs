//! What the rows of a price list come to. Pure, in exact decimals.
//!
//! Exact publishes how the price of one row is worked out, and not which of several rows counts. This is our reading, and
//! [`Rank`] is where it stands: a special offer before the basic period, and a row of the item itself before one of its
//! group; each counts from its least quantity on, and below that the next does. That the agreement with a customer comes
//! before the customer's list, and this before what everybody pays, stands in `plan::price`.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::figures::in_words;

/// A row of a price list, in a period that holds today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Discount {
    pub(super) rank: Rank,
    pub(super) means: Means,
    pub(super) currency: String,
    /// What it is the price of, where that is not the unit in which the item is sold by default.
    pub(super) unit: Option<String>,
    /// From so many on.
    pub(super) from: Decimal,
    /// When its period began: of several rows for the same, the one that began last counts.
    pub(super) starts: Option<NaiveDate>,
}

/// Which rows count before which: the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// Of the basic period; else of a special offer.
    pub(super) basic: bool,
    /// Of a group of items; else of the item itself.
    pub(super) group: bool,
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    Price(Decimal),
    /// So much less than the item's standard price: 0.1 is 10 percent.
    Off(Decimal),
}

impl Means {
    /// By what leads. A discount is taken off the base price of the row, where it has one.
    pub(super) fn new(
        new_price_leads: bool,
        new_price: Decimal,
        off: Decimal,
        base: Option<Decimal>,
    ) -> Self {
        match base {
            _ if new_price_leads => Self::Price(new_price),
            Some(base) => Self::Price(less(base, off)),
            None => Self::Off(off),
        }
    }

    /// What one costs; nothing where it is off a standard price that there is not.
    pub(super) fn price(self, standard: Option<Decimal>) -> Option<Decimal> {
        match self {
            Self::Price(price) => Some(price),
            Self::Off(off) => Some(less(standard?, off)),
        }
    }
}

fn less(price: Decimal, off: Decimal) -> Decimal {
    Decimal::ONE.saturating_sub(off).saturating_mul(price)
}

impl Discount {
    fn of(&self) -> (&str, &Option<String>, Rank, Decimal) {
        (&self.currency, &self.unit, self.rank, self.from)
    }
}

/// The rows that count for an item, by currency and unit, each from its quantity on.
pub(super) fn that_count(mut rows: Vec<Discount>) -> Vec<Discount> {
    rows.sort_by(|one, other| one.of().cmp(&other.of()).then(other.starts.cmp(&one.starts)));
    rows.dedup_by(|later, kept| later.of() == kept.of());
    let mut counting: Vec<Discount> = Vec::new();
    for row in rows {
        let mut before = counting.iter().filter(|known| {
            (&known.currency, &known.unit) == (&row.currency, &row.unit) && known.rank != row.rank
        });
        if before.all(|known| row.from < known.from) {
            counting.push(row);
        }
    }
    counting.sort_by(|one, other| {
        (&one.currency, &one.unit, one.from).cmp(&(&other.currency, &other.unit, other.from))
    });
    counting
}

/// A row of an item in words: `W-1 from 10: 7 EUR`; nothing where there is no price to tell.
pub(super) fn of_item(item: &str, row: &Discount, standard: Option<Decimal>) -> Option<String> {
    let price = format!("{} {}", row.means.price(standard)?.normalize(), row.currency);
    Some(in_words(item, row.from, row.unit.as_deref(), &price))
}

/// A row of a whole group of items in words: `group LAMP: 10 % off`.
pub(super) fn of_group(group: &str, row: &Discount) -> String {
    let said = match row.means {
        Means::Price(price) => format!("{} {}", price.normalize(), row.currency),
        Means::Off(off) => format!("{} % off", off.saturating_mul(Decimal::ONE_HUNDRED).normalize()),
    };
    in_words(&format!("group {group}"), row.from, row.unit.as_deref(), &said)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: Rank = Rank { basic: false, group: false };
    const BASIC: Rank = Rank { basic: true, group: false };
    const GROUP: Rank = Rank { basic: true, group: true };

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn row(rank: Rank, from: i64, means: Means) -> Discount {
        let (currency, unit, starts) = ("EUR".to_owned(), None, None);
        Discount { rank, means, currency, unit, from: Decimal::from(from), starts }
    }

    fn costs(rank: Rank, from: i64, price: i64) -> Discount {
        row(rank, from, Means::Price(Decimal::from(price)))
    }

    #[test]
    fn the_price_of_a_row_is_the_new_one_or_its_base_price_or_the_standard_one_less_the_discount() {
        let table = [
            (true, "8", "0.5", Some("20"), Some("100"), Some("8")),
            (false, "8", "0.1", Some("20"), Some("100"), Some("18")),
            (false, "8", "0.1", None, Some("99.99"), Some("89.991")),
            (false, "8", "0.125", None, Some("0.80"), Some("0.7")),
            (false, "8", "0", Some("20"), None, Some("20")),
            (false, "8", "0.1", None, None, None),
            (true, "0", "0", None, None, Some("0")),
        ];
        for (leads, new, off, base, standard, expected) in table {
            let means = Means::new(leads, number(new), number(off), base.map(number));
            let price = means.price(standard.map(number));
            assert_eq!(price, expected.map(number), "{leads} {new} {off} {base:?} {standard:?}");
        }
    }

    #[test]
    fn an_offer_counts_before_the_basic_period_and_the_item_before_its_group_from_their_quantities_on() {
        let counting = |rows: &[Discount]| {
            let told = that_count(rows.to_vec());
            told.iter().filter_map(|row| of_item("W", row, None)).collect::<Vec<_>>().join("; ")
        };
        let group_offer = Rank { basic: false, group: true };
        let begun =
            |day: u32, row: Discount| Discount { starts: NaiveDate::from_ymd_opt(2026, 3, day), ..row };
        let boxed = Discount { unit: Some("box".to_owned()), ..costs(BASIC, 1, 70) };
        let dollars = Discount { currency: "USD".to_owned(), ..costs(BASIC, 1, 11) };
        let table = [
            (vec![costs(BASIC, 10, 7), costs(BASIC, 1, 9)], "W: 9 EUR; W from 10: 7 EUR"),
            (vec![costs(BASIC, 1, 9), costs(OFFER, 1, 8)], "W: 8 EUR"),
            (
                vec![costs(BASIC, 1, 9), costs(BASIC, 100, 5), costs(OFFER, 10, 8)],
                "W: 9 EUR; W from 10: 8 EUR",
            ),
            (vec![costs(GROUP, 1, 9), costs(BASIC, 1, 10)], "W: 10 EUR"),
            (vec![costs(GROUP, 1, 9), costs(BASIC, 10, 7)], "W: 9 EUR; W from 10: 7 EUR"),
            (vec![costs(group_offer, 1, 6), costs(BASIC, 1, 9)], "W: 6 EUR"),
            (vec![begun(1, costs(BASIC, 1, 9)), begun(2, costs(BASIC, 1, 8))], "W: 8 EUR"),
            (vec![costs(OFFER, 1, 8), boxed, dollars], "W: 8 EUR; W from 1 box: 70 EUR; W: 11 USD"),
        ];
        for (rows, expected) in table {
            assert_eq!(counting(&rows), expected, "{rows:?}");
        }
    }

    #[test]
    fn a_discount_on_a_group_is_told_in_percent() {
        let off = |text: &str| Means::Off(number(text));
        assert_eq!(of_group("LAMP", &row(GROUP, 1, off("0.10"))), "group LAMP: 10 % off");
        assert_eq!(of_group("LAMP", &row(GROUP, 10, off("0.125"))), "group LAMP from 10: 12.5 % off");
        assert_eq!(of_group("LAMP", &costs(GROUP, 1, 8)), "group LAMP: 8 EUR");
    }
}
