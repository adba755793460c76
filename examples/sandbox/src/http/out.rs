//! Calls that a vendor makes itself.

use std::time::Duration;

use reqwest::redirect::Policy;

/// How long a callback may take, on the machine's clock.
const PATIENCE: Duration = Duration::from_secs(5);

/// Posts a body and returns the status. Plain http only: callbacks of tests listen on the loopback address.
pub(crate) async fn post(url: &str, body: String) -> Result<u16, String> {
    let client = reqwest::Client::builder().redirect(Policy::none()).timeout(PATIENCE).no_proxy().build();
    let request = client.map_err(|error| error.to_string())?.post(url).body(body);
    let request = request.header("content-type", "application/json; charset=utf-8");
    request.send().await.map(|response| response.status().as_u16()).map_err(|error| error.to_string())
}
