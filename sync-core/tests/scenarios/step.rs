//! What a step can be.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use crm_adapters::Kind;
use sync_core::flow::{Create, Preset, RuleChange, Side};

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Set(Setting),
    Do(Action),
    Expect(Expectation),
}

/// How the engine is set up, before anything happens.
#[derive(Clone, Debug)]
pub(crate) enum Setting {
    Flows(Vec<Preset>),
    Rule {
        field: String,
        change: RuleChange,
    },
    Create(Create),
    AskWithoutIdentity,
    /// What decides that two records are the same, strongest first.
    Match {
        kind: Kind,
        fields: Vec<String>,
    },
    Brake {
        of: Brake,
        at: u64,
    },
    Take {
        kind: Kind,
        side: Side,
        field: String,
        value: String,
    },
    /// A stage makes quotations of deals, and their answers move the deals on.
    Quote,
    /// In which administration a record of the CRM is created.
    Route {
        kind: Kind,
        field: String,
        value: String,
        place: Place,
    },
    /// A price on a line that is not Exact's is a question.
    AskAboutPrices,
    /// A field of the CRM that takes one of these values alone.
    Choices {
        kind: Kind,
        label: String,
        choices: Vec<String>,
    },
    Divisions(u32),
    /// The first run is one of the scenario's: before, nothing is set up.
    NeverRun,
    /// The day on which it begins.
    Today(String),
    /// A vendor's clock goes wrong by that.
    Clock {
        place: Place,
        off: TimeDelta,
    },
}

/// What people do, what the vendors do, and time.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Enter {
        places: Vec<Place>,
        kind: Kind,
        name: String,
        of: Option<String>,
        fields: Vec<Pair>,
    },
    Change {
        places: Vec<Place>,
        name: String,
        fields: Vec<Pair>,
    },
    Delete {
        place: Place,
        name: String,
    },
    Merge {
        place: Place,
        name: String,
        into: String,
    },
    Join {
        place: Place,
        name: String,
        company: String,
        too: bool,
    },
    Anonymise {
        place: Place,
        name: String,
    },
    Lines {
        place: Place,
        name: String,
        rows: Vec<Row>,
    },
    Discount {
        place: Place,
        name: String,
        amount: String,
        percent: bool,
    },
    Price {
        place: Place,
        name: String,
        price: String,
        of: Option<String>,
        from: Option<String>,
    },
    /// A customer buys by a price list.
    BuyByList {
        place: Place,
        name: String,
        list: String,
    },
    ListPrices {
        place: Place,
        listing: Listing,
        rows: Vec<Row>,
    },
    Bill {
        place: Place,
        name: String,
        invoice: String,
        credit: bool,
        reference: Option<Ref>,
        rows: Vec<Row>,
    },
    Retype {
        kind: Kind,
        field: String,
    },
    Stage {
        name: String,
        stage: Stage,
    },
    Deliver {
        place: Place,
        name: String,
        rows: Vec<Row>,
    },
    Invoice {
        place: Place,
        name: String,
        invoice: String,
        ordered: bool,
    },
    Pay {
        place: Place,
        name: String,
        amount: Option<String>,
    },
    Unpay {
        place: Place,
        name: String,
    },
    WriteOff {
        place: Place,
        name: String,
    },
    Credit {
        place: Place,
        name: String,
        note: String,
        rows: Vec<Row>,
    },
    PutOff {
        place: Place,
        name: String,
        amount: String,
        days: u32,
    },
    Close {
        place: Place,
        name: String,
    },
    Reply {
        place: Place,
        name: String,
        accepted: bool,
    },
    Accident {
        place: Place,
        accident: Accident,
    },
    Wait(Duration),
    Run {
        yes: bool,
    },
    Restart,
    Answer {
        field: String,
        answer: Answer,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Expectation {
    Has { place: Place, name: String, fields: Vec<Pair> },
    HasLines { place: Place, name: String, rows: Vec<Row> },
    Gone { place: Place, name: String },
    Count { place: Place, kind: Kind, count: usize },
    At { name: String, stage: Stage },
    Issue { about: String, says: String },
    NoIssue,
    Wrote { side: Option<Side>, records: u64 },
    Brake { flow: Preset },
    Reports(String),
}

/// A word and its value.
pub(crate) type Pair = (String, String);

/// A line of a document, by the heads of its columns.
pub(crate) type Row = BTreeMap<String, String>;

/// Where something stands: an administration of Exact, counted from 1, or the CRM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Exact(usize),
    Crm,
}

impl Place {
    pub(crate) fn side(self) -> Side {
        match self {
            Self::Exact(_) => Side::Exact,
            Self::Crm => Side::Crm,
        }
    }
}

/// What there may be too much of at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brake {
    Creates,
    Deletes,
    Clears,
}

/// The fate of a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Open,
    Won,
    Lost,
    /// At the stage that makes a quotation.
    Proposed,
    /// At the stage of what the customer accepted.
    Accepted,
    /// At the stage of what the customer rejected.
    Rejected,
}

/// What an invoice refers to.
#[derive(Clone, Debug)]
pub(crate) enum Ref {
    /// A deal, as the engine names it in Exact.
    Deal(String),
    Text(String),
}

/// What goes wrong at a vendor.
#[derive(Clone, Debug)]
pub(crate) enum Accident {
    /// The next create is carried out, and nobody hears of it.
    AnswerLost,
    /// The next write is refused with these words.
    Refused(String),
    /// It goes on showing what a matched term was about.
    KeptAmounts,
    /// Writes lose this field without a word.
    Dropped(String),
}

/// What a person says to an issue.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Take(Side),
    Value(String),
    Create,
    Skip,
    Link { exact: String, crm: String },
}

/// A period of a price list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) list: String,
    /// A special offer.
    pub(crate) offer: bool,
    pub(crate) from: Option<String>,
    pub(crate) until: Option<String>,
}
