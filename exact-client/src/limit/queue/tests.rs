//! Who waits, and who goes first.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;

type Waiting<'a> = std::pin::Pin<Box<dyn Future<Output = Turn<'a>> + 'a>>;

/// Starts to wait; must not have the turn yet.
fn waits<'a>(queue: &'a Queue, priority: Priority) -> Waiting<'a> {
    let mut waiting: Waiting<'a> = Box::pin(queue.turn(priority));
    assert!(has_turn(&mut waiting).is_none());
    waiting
}

fn has_turn<'a>(waiting: &mut Waiting<'a>) -> Option<Turn<'a>> {
    match waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(turn) => Some(turn),
        Poll::Pending => None,
    }
}

fn free(queue: &Queue, priority: Priority) -> Turn<'_> {
    has_turn(&mut (Box::pin(queue.turn(priority)) as Waiting<'_>)).unwrap()
}

#[test]
fn a_class_goes_by_order_of_arrival_and_interactive_calls_go_first() {
    let queue = Queue::default();
    let turn = free(&queue, Priority::Bulk);
    let mut bulk = [waits(&queue, Priority::Bulk), waits(&queue, Priority::Bulk)];
    let mut screen = [waits(&queue, Priority::Interactive), waits(&queue, Priority::Interactive)];
    turn.leave();
    for waiting in screen.iter_mut().chain(&mut bulk) {
        has_turn(waiting).unwrap().leave();
    }
    assert_eq!(queue.waiting(), 0);
    drop(free(&queue, Priority::Bulk));
}

#[test]
fn of_five_calls_one_is_bulk_however_many_interactive_ones_wait() {
    let queue = Queue::default();
    let turn = free(&queue, Priority::Bulk);
    let mut bulk: Vec<_> = (0..5).map(|_| waits(&queue, Priority::Bulk)).collect();
    let mut screen: Vec<_> = (0..40).map(|_| waits(&queue, Priority::Interactive)).collect();
    turn.leave();
    let mut order = String::new();
    while !bulk.is_empty() {
        for (name, class) in [('b', &mut bulk), ('i', &mut screen)] {
            if let Some(turn) = class.first_mut().and_then(has_turn) {
                turn.leave();
                order.push(name);
                drop(class.remove(0));
            }
        }
    }
    assert!(order.starts_with(&"iiiib".repeat(5)), "{order}");
}

#[test]
fn a_dropped_waiter_gives_its_place_back_and_its_turn_where_that_had_come() {
    let queue = Queue::default();
    let turn = free(&queue, Priority::Bulk);
    let first = waits(&queue, Priority::Interactive);
    let second = waits(&queue, Priority::Bulk);
    let mut third = waits(&queue, Priority::Bulk);
    drop(second);
    assert_eq!(queue.waiting(), 2);
    turn.leave();
    assert!(has_turn(&mut third).is_none(), "the turn was handed to the first");
    drop(first);
    drop(has_turn(&mut third).unwrap());
    drop(free(&queue, Priority::Interactive));
}

#[test]
fn who_gives_way_keeps_the_head_of_its_class() {
    let queue = Queue::default();
    let mut turn = free(&queue, Priority::Bulk);
    let mut behind = waits(&queue, Priority::Bulk);
    let mut screen = waits(&queue, Priority::Interactive);
    let mut way = pin!(turn.give_way());
    let mut context = Context::from_waker(Waker::noop());
    assert!(way.as_mut().poll(&mut context).is_pending());
    has_turn(&mut screen).unwrap().leave();
    assert!(has_turn(&mut behind).is_none());
    assert!(way.as_mut().poll(&mut context).is_ready());
}

#[test]
fn who_is_dropped_while_it_gives_way_leaves_nothing_behind() {
    for called in [false, true] {
        let queue = Queue::default();
        let mut turn = free(&queue, Priority::Bulk);
        let mut screen = waits(&queue, Priority::Interactive);
        {
            let mut way = pin!(turn.give_way());
            assert!(way.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        let holds = has_turn(&mut screen).unwrap();
        if called {
            holds.leave();
            drop(turn);
        } else {
            drop(turn);
            holds.leave();
        }
        drop(free(&queue, Priority::Bulk));
    }
}

#[test]
fn a_bulk_caller_learns_that_it_is_overtaken_and_an_interactive_one_never_is() {
    let queue = Queue::default();
    let mut context = Context::from_waker(Waker::noop());
    let turn = free(&queue, Priority::Bulk);
    let mut overtaken = pin!(turn.overtaken());
    assert!(overtaken.as_mut().poll(&mut context).is_pending());
    let _screen = waits(&queue, Priority::Interactive);
    assert!(overtaken.as_mut().poll(&mut context).is_ready());

    let queue = Queue::default();
    let turn = free(&queue, Priority::Interactive);
    let _other = waits(&queue, Priority::Interactive);
    assert!(pin!(turn.overtaken()).poll(&mut context).is_pending());
}

mod under_random_cancellation {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is started, dropped and finished in whatever order: one turn at a time, and it is never lost.
        #[test]
        fn the_turn_is_never_lost_and_never_doubled(
            steps in proptest::collection::vec((0u8..4, any::<bool>(), any::<prop::sample::Index>()), 1..200),
        ) {
            let queue = Queue::default();
            let mut waiting: Vec<Waiting<'_>> = Vec::new();
            let mut holder: Option<Turn<'_>> = None;
            for (step, interactive, at) in steps {
                let priority = if interactive { Priority::Interactive } else { Priority::Bulk };
                match step {
                    0 | 1 => waiting.push(Box::pin(queue.turn(priority))),
                    2 if !waiting.is_empty() => drop(waiting.swap_remove(at.index(waiting.len()))),
                    _ => drop(holder.take()),
                }
                waiting.retain_mut(|one| match has_turn(one) {
                    Some(turn) => {
                        assert!(holder.is_none(), "two hold the turn");
                        holder = Some(turn);
                        false
                    }
                    None => true,
                });
                prop_assert!(holder.is_some() || waiting.is_empty(), "the turn is lost");
            }
        }
    }
}
