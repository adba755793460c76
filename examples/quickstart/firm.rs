//! Invented companies.

use sandbox::Company;

const FIRST: [&str; 20] = [
    "Bakkerij",
    "Bouwbedrijf",
    "Garage",
    "Kwekerij",
    "Drukkerij",
    "Installatiebureau",
    "Slagerij",
    "Transport",
    "Ateliers",
    "Café",
    "Administratiekantoor",
    "Schildersbedrijf",
    "Boerderij",
    "Brouwerij",
    "Tandartspraktijk",
    "Uitgeverij",
    "Machinefabriek",
    "Bloemenhuis",
    "Rederij",
    "Houthandel",
];
const SECOND: [&str; 20] = [
    "De Korenbloem",
    "'t Hof",
    "Van den Berg",
    "Noordzee",
    "Böhm & Zonen",
    "De Linde",
    "Jansen",
    "Zuiderpark",
    "Vermeulen",
    "Het Anker",
    "De Vries",
    "Maasoever",
    "Peeters",
    "Oosterhout",
    "De Gouden Leeuw",
    "Willems",
    "Kempen",
    "Dijkstra",
    "Brabantia Nova",
    "\"Ons Genoegen\"",
];

/// The company of that number: always the same one, with a KvK number that no other has.
pub(crate) fn company(number: u32) -> Company {
    let first = FIRST[number as usize % FIRST.len()];
    let second = SECOND[number as usize / FIRST.len() % SECOND.len()];
    let form = if number.is_multiple_of(3) { "V.O.F." } else { "B.V." };
    Company::new(format!("{first} {second} {number} {form}"), kvk(number))
}

/// A number of eight digits, different for each company.
pub(crate) fn kvk(number: u32) -> String {
    (10_000_000 + number * 37).to_string()
}
