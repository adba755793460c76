//! The way in: latency, accidents and counting around a vendor that only answers.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};

use super::fault::{Fault, Faults, Trouble};
use super::message::{Reply, Request, http_date};
use super::out::post;
use super::stats::Stats;
use crate::clock::Clock;

const WEB_PAGE: &str = "<!DOCTYPE html><html><head><title>Maintenance</title></head>\
    <body><h1>We will be back soon</h1></body></html>";

/// A vendor: state, and a function from a request to its answer.
pub(crate) trait Vendor: Debug + Send + 'static {
    /// Carries a request out.
    fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Reply;
    /// The request's endpoint as the counters name it.
    fn endpoint(&self, request: &Request) -> String;
    /// How long every answer takes.
    fn latency(&self) -> Duration;
    /// 500, with a text of its own or the vendor's general one.
    fn server_error(&self, message: Option<&str>) -> Reply;
    /// 429, with or without the limit headers.
    fn too_many_requests(&self, headers: bool, now: DateTime<Utc>) -> Reply;
    /// 403 with a reason.
    fn forbidden(&self, reason: &str) -> Reply;
    /// Any other status in the vendor's form.
    fn refused(&self, status: StatusCode) -> Reply {
        Reply::empty(status)
    }
    /// The address that the vendor posts an empty body to before it answers, to see whether anybody is there.
    fn asks_first(&self, _request: &Request, _now: DateTime<Utc>) -> Option<String> {
        None
    }
    /// What came of that: a status, or why there is none.
    fn was_told(&mut self, _outcome: Result<u16, String>) {}
    /// Whether the request is meant to change records.
    fn is_write(&self, request: &Request) -> bool {
        request.is_write()
    }
}

/// How a request ends, as seen from its connection.
#[derive(Debug)]
pub(crate) enum Ending {
    Answered(Reply),
    Dropped,
    Hanging,
}

#[derive(Debug)]
pub(crate) struct Door<V> {
    clock: Clock,
    inside: Mutex<Inside<V>>,
}

#[derive(Debug)]
struct Inside<V> {
    vendor: V,
    stats: Stats,
    faults: Faults,
    /// Requests whose connection is gone and that are carried out when their time comes.
    late: BTreeMap<(DateTime<Utc>, u64), Request>,
    late_number: u64,
}

impl<V: Vendor> Door<V> {
    pub(crate) fn new(vendor: V, clock: Clock) -> Self {
        let inside = Inside {
            vendor,
            stats: Stats::default(),
            faults: Faults::default(),
            late: BTreeMap::new(),
            late_number: 0,
        };
        Self { clock, inside: Mutex::new(inside) }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Takes one request from its connection.
    pub(crate) async fn take(&self, request: Request) -> Ending {
        let latency = self.inside().vendor.latency();
        if !latency.is_zero() {
            self.clock.sleep(latency).await;
        }
        let first = self.inside().vendor.asks_first(&request, self.clock.now());
        if let Some(url) = first {
            let outcome = post(&url, String::new()).await;
            self.inside().vendor.was_told(outcome);
        }
        let now = self.clock.now();
        let mut inside = self.inside();
        inside.carry_out_late(now);
        let ending = inside.take(request, now);
        match ending {
            Ending::Answered(reply) => Ending::Answered(reply.with_header("date", http_date(now))),
            other => other,
        }
    }

    /// Looks at the vendor, or changes it behind the API's back, at the present moment.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut V, DateTime<Utc>) -> R) -> R {
        let now = self.clock.now();
        let mut inside = self.inside();
        inside.carry_out_late(now);
        act(&mut inside.vendor, now)
    }

    pub(crate) fn stats(&self) -> Stats {
        self.inside().stats.clone()
    }

    pub(crate) fn reset_stats(&self) {
        self.inside().stats = Stats::default();
    }

    pub(crate) fn inject(&self, fault: Fault) {
        self.inside().faults.add(fault);
    }

    pub(crate) fn clear_faults(&self) {
        self.inside().faults.clear();
    }

    pub(crate) fn waiting_faults(&self) -> Vec<Fault> {
        self.inside().faults.waiting().to_vec()
    }

    fn inside(&self) -> MutexGuard<'_, Inside<V>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Vendor> Inside<V> {
    fn carry_out_late(&mut self, now: DateTime<Utc>) {
        while let Some(entry) = self.late.first_entry() {
            if entry.key().0 > now {
                return;
            }
            let ((due, _), request) = entry.remove_entry();
            self.execute(&request, due);
        }
    }

    fn take(&mut self, request: Request, now: DateTime<Utc>) -> Ending {
        let endpoint = self.vendor.endpoint(&request);
        self.stats.asked(&endpoint, request.is_token_call(), now);
        let ending = match self.faults.take(&request) {
            Some(trouble) => self.spoil(trouble, request, now),
            None => Ending::Answered(self.execute(&request, now)),
        };
        match &ending {
            Ending::Answered(reply) => self.stats.answered(&endpoint, reply.status.as_u16()),
            Ending::Dropped | Ending::Hanging => self.stats.left_unanswered(),
        }
        ending
    }

    fn execute(&mut self, request: &Request, now: DateTime<Utc>) -> Reply {
        let reply = self.vendor.answer(request, now);
        self.stats.executed(self.vendor.is_write(request), reply.status.as_u16());
        reply
    }

    fn spoil(&mut self, trouble: Trouble, request: Request, now: DateTime<Utc>) -> Ending {
        let reply = match trouble {
            Trouble::DropBefore => return Ending::Dropped,
            Trouble::HangBefore => return Ending::Hanging,
            Trouble::DropAfter => {
                self.execute(&request, now);
                return Ending::Dropped;
            }
            Trouble::HangAfter => {
                self.execute(&request, now);
                return Ending::Hanging;
            }
            Trouble::LateCommit { after_seconds } => {
                self.late_number += 1;
                let due = now + TimeDelta::seconds(after_seconds.into());
                self.late.insert((due, self.late_number), request);
                return Ending::Dropped;
            }
            Trouble::Truncated => truncated(self.execute(&request, now)),
            Trouble::OverLong { bytes } => padded(self.execute(&request, now), bytes),
            Trouble::GatewayAfter { status } => {
                self.execute(&request, now);
                Reply::html(status_of(status), WEB_PAGE)
            }
            Trouble::Status { status, retry_after_seconds } => {
                let reply = self.vendor.refused(status_of(status));
                match retry_after_seconds {
                    Some(seconds) => reply.with_header("retry-after", seconds),
                    None => reply,
                }
            }
            Trouble::ServerError => self.vendor.server_error(None),
            Trouble::BusinessError { message } => self.vendor.server_error(Some(&message)),
            Trouble::Unavailable => Reply::empty(StatusCode::SERVICE_UNAVAILABLE),
            Trouble::TooManyRequests { headers } => self.vendor.too_many_requests(headers, now),
            Trouble::Html => Reply::html(StatusCode::OK, WEB_PAGE),
            Trouble::Forbidden { reason } => self.vendor.forbidden(&reason),
        };
        Ending::Answered(reply)
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn truncated(mut reply: Reply) -> Reply {
    let half = reply.body.len() / 2;
    reply.body = reply.body.slice(..half);
    reply
}

/// Valid JSON that is far too long: blanks before the end.
fn padded(mut reply: Reply, bytes: usize) -> Reply {
    let mut body = reply.body.to_vec();
    let last = body.pop();
    body.resize(bytes.saturating_sub(1).max(body.len()), b' ');
    body.extend(last);
    reply.body = Bytes::from(body);
    reply
}
