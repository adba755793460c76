//! The client's probe, held against an Exact whose answers are known.

use exact_client::DivisionId;
use exact_client::probe::Probe;

use crate::clients::exact_client_of;
use crate::support::World;

#[tokio::test]
async fn a_probe_asks_every_question_within_its_calls_and_writes_nothing() {
    let world = World::logged_out(|builder| builder).await;
    let client = exact_client_of(&world).await;
    let division = DivisionId::new(i32::try_from(world.division()).unwrap());
    let probe = Probe::new(client, division);
    assert!(probe.announcement().contains("writes nothing"));
    let report = probe.run().await.unwrap();
    assert_eq!(report.calls, Probe::calls() as u64);
    let taken = |filter: &str| {
        let answer = report.answers.iter().find(|answer| answer.filter == Some(filter)).unwrap();
        answer.status == Some(200) && answer.refusal.is_none()
    };
    assert!(taken("ChamberOfCommerce eq 'probe'"), "{report}");
    assert!(report.to_string().contains("X-RateLimit-Minutely-Limit: 60"), "{report}");
}
