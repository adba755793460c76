//! The real engine on the in-memory store between two simulated sides. One seed is one history: people edit both sides,
//! replies are lost, writes land late, and the process dies at any call of a store or an adapter. At the end everything
//! heals, and what was promised is checked.
//!
//! There are three sorts of histories. In the first, companies are kept in agreement. In the second there is a trade, too:
//! deals are won, opened again, lost, changed and deleted, some of them won before anything ran; their orders are shipped,
//! invoiced, paid and credited, entered by hand and deleted; and both come back as figures on deals and companies. In the
//! third, people work at the companies, and change jobs.
//!
//! `SIM_SEEDS=20000 cargo test -p sync-core simulation` runs more of them, `SIM_FIRST=3000` others, and
//! `SIM_SEED=42 cargo test -p sync-core every_trade -- --nocapture` runs that one and prints it.
//!
//! What it finds when the engine is broken on purpose, within 2,000 seeds:
//!
//! | broken | found as |
//! |---|---|
//! | no settle window | duplicates |
//! | a create sent again without a look | no history adopts a record |
//! | one look at a lagging index | duplicates |
//! | no durable intent | records that are neither linked nor asked about |
//! | cursor moved before its page | duplicates, disagreement |
//! | no identity index | duplicates |
//! | twins ignored | duplicates |
//! | an equal revision taken for an old one | disagreement |
//! | clean before agreement | disagreement |
//! | base before settle | lost edits |
//! | base from the source as it is by then | disagreement |
//! | an unanswered update taken for done | disagreement |
//! | no audit of an unanswered update, or of a losing value | lost edits |
//! | an ended link forgotten | a deleted company comes back |
//! | an edit before an update's echo taken for Exact's own way with the value | disagreement |
//!
//! And with a trade, within 1,000 seeds:
//!
//! | broken | found as |
//! |---|---|
//! | no look for the key before an order is made | an order made beside one that was entered by hand |
//! | no settle window | two orders of one deal |
//! | the beginning of the flow not kept | orders of history |
//! | an equal revision taken for an old one, or a record of the same revision for the same | figures that are not the sum of their parts |
//! | a figure that is empty left as it was | the same |
//! | a figure that was typed over taken for Exact's | the same |
//! | base from the source as it is by then | the same |
//! | no promotion | an order of somebody who is no customer |
//! | no question where a deal left the condition | a departure that nobody is asked about |
//! | what was handed over kept in agreement | orders changed by the engine |
//! | an ended link forgotten | a deleted company comes back |
//! | an id of the CRM where its company has no link | an order for a company that never was |
//! | no question where the company is left alone | a won deal without order and question |
//! | an unheard feed not read while a create waits for its answer | duplicates |
//!
//! And with people:
//!
//! | broken | found as |
//! |---|---|
//! | no question about who waits for a company for a day | people who are neither linked nor asked about |
//! | what somebody belonged to before has to be linked, too | somebody who works for two companies |
//! | no question where a company is left alone that somebody linked belongs to by now | the same |
//!
//! In half of the histories one of the runs is undone at the end, with the same trouble on the way. What it wrote must be
//! gone and nothing else touched, but for what was edited since, which is asked about. Broken on purpose, within 500 seeds:
//!
//! | broken | found as |
//! |---|---|
//! | a create whose answer was lost not undone | a record that was created and is still in use |
//! | put back over what was edited since | a value that became what it was before the run |
//! | put back over what a later run wrote over an edit | the same |
//! | the key left when the record it names is retired | a key of a record that is out of use |
//!
//! It does not find ignored rivals, which take a second identity field (the table of matching does), nor a base that is
//! not what Exact made of a value: that goes over to the CRM as an edit, and then both sides agree. Where two guards stand
//! one behind the other, it finds only that both are gone: the moment since which deals count, and the note that a deal was
//! history when it was first seen; the look for an unanswered order, and the look before it is sent again.

mod chance;
mod history;
mod kept;
mod ledger;
mod oracle;
mod schema;
mod side;
mod sort;
mod store;
mod trade;
mod world;

use history::{EVENTS, EVENTS_OF_STAFF, EVENTS_OF_TRADE, History, Tally};

/// Seeds that failed once, each with what it found.
const KEPT: [(u64, &str); 11] = [
    (9, "the value that an unanswered update replaced was in no audit line"),
    (20, "the base of an adopted record was what stood there by then, not what was sent"),
    (109, "the base of an adopted record was the source as it was by then, not as it was sent"),
    (315, "an update that landed late overwrote what was typed meanwhile, which is declared"),
    (
        779,
        "what somebody typed into a created record before the run told of it was taken for the record's own",
    ),
    (1213, "the same in a record whose create was answered late"),
    (3246, "what a later run wrote anew after somebody had set it back was held to be the undone run's"),
    (3707, "an undo put back over what a later run had written in the place of an edit"),
    (7965, "what a process had read that died before it stored it was held to be known to the next one"),
    (8082, "the same as of 3246, where the later run wrote another value"),
    (8375, "the same as of 3246, in the CRM"),
];

/// The same with a trade.
const KEPT_OF_TRADE: [(u64, &str); 1] =
    [(8040, "an update that had never arrived was taken for what a created record held")];

/// The same with people.
const KEPT_OF_STAFF: [(u64, &str); 1] =
    [(2304, "somebody went to a company that is left alone, and stayed where they were on the other side")];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

fn check(history: fn(u64) -> History, seed: u64) -> Result<Tally, String> {
    let outcome = std::panic::catch_unwind(|| history(seed).play());
    outcome
        .unwrap_or_else(|_| Err("the engine panicked".to_owned()))
        .map_err(|why| format!("seed {seed}: {why}"))
}

/// Plays many histories, or the one that `SIM_SEED` names.
fn play(history: fn(u64) -> History, seeds: u64, events: &[&[&'static str]]) {
    if let Some(seed) = number("SIM_SEED") {
        let history = history(seed);
        let world = std::sync::Arc::clone(&history.world);
        let outcome = history.play();
        println!("{}\n{outcome:?}", world::lock(&world).tale.join("\n"));
        return outcome.map(|_| ()).unwrap();
    }
    let first = number("SIM_FIRST").unwrap_or(1);
    let mut total = Tally::default();
    let mut failed = Vec::new();
    for seed in first..first + number("SIM_SEEDS").unwrap_or(seeds) {
        match check(history, seed) {
            Ok(tally) => total.add(&tally),
            Err(why) => failed.push(why),
        }
        if failed.len() == 10 {
            break;
        }
    }
    println!("{total:?}");
    assert!(
        failed.is_empty(),
        "{} failed, ten at the most are looked for:\n{}",
        failed.len(),
        failed.join("\n")
    );
    // A simulation in which nothing happens proves nothing.
    for (what, count) in events.iter().flat_map(|events| total.of(events)) {
        assert!(count > 0, "no history met: {what}");
    }
}

#[test]
fn kept_seeds_stay_mended() {
    for (seed, found) in KEPT {
        assert_eq!(check(History::new, seed).map(|_| ()), Ok(()), "once: {found}");
    }
    for (seed, found) in KEPT_OF_TRADE {
        assert_eq!(check(History::of_trade, seed).map(|_| ()), Ok(()), "once: {found}");
    }
    for (seed, found) in KEPT_OF_STAFF {
        assert_eq!(check(History::of_staff, seed).map(|_| ()), Ok(()), "once: {found}");
    }
}

#[test]
fn every_history_ends_in_agreement_without_duplicate_or_lost_edit() {
    play(History::new, 2_000, &[EVENTS]);
}

#[test]
fn every_trade_ends_with_one_order_for_each_won_deal_and_with_figures_that_are_the_sum_of_their_parts() {
    play(History::of_trade, 500, &[EVENTS, EVENTS_OF_TRADE]);
}

#[test]
fn every_staff_ends_in_agreement_with_each_person_at_one_company() {
    play(History::of_staff, 300, &[EVENTS, EVENTS_OF_STAFF]);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    for seed in [3, 17, 404] {
        assert_eq!(check(History::new, seed), check(History::new, seed));
        assert_eq!(check(History::of_trade, seed), check(History::of_trade, seed));
        assert_eq!(check(History::of_staff, seed), check(History::of_staff, seed));
    }
}
