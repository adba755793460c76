//! The OData dialect: options, envelopes, pages, types.

use reqwest::Method;
use serde_json::json;

use crate::support::{World, instant, send, texts};

const ALL: (&str, &str) = ("$filter", "Status ne null");
const ID: (&str, &str) = ("$select", "ID");

#[tokio::test]
async fn a_list_without_select_is_refused() {
    let world = World::new().await;
    let answer = world.list("crm/Accounts", &[ALL]).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.message(), "Please add a $select or a $top=1 statement to the query string.");
    assert_eq!(world.list("crm/Accounts", &[ALL, ("$top", "1")]).await.status, 200);
    world.configure_exact(json!({ "strict_select": false })).await;
    assert_eq!(world.list("crm/Accounts", &[ALL]).await.status, 200);
}

#[tokio::test]
async fn a_list_without_a_filter_on_an_approved_property_is_refused() {
    let world = World::new().await;
    for query in [vec![ID], vec![ID, ("$filter", "Website eq 'x'")]] {
        let answer = world.list("crm/Accounts", &query).await;
        assert_eq!(answer.status, 400);
        assert!(answer.message().starts_with("This endpoint has mandatory filtering applied. A GET request"));
        assert!(answer.message().contains("ChamberOfCommerce, City"));
    }
    assert_eq!(world.list("bulk/CRM/Accounts", &[ID]).await.status, 400);
    world.configure_exact(json!({ "mandatory_filter": false })).await;
    assert_eq!(world.list("crm/Accounts", &[ID]).await.status, 200);
}

#[tokio::test]
async fn property_names_are_case_sensitive() {
    let world = World::new().await;
    for query in [
        [("$select", "Id"), ALL],
        [ID, ("$filter", "name eq 'x'")],
        [ID, ("$filter", "Name Eq 'x'")],
        [ID, ("$filter", "Name eq 5")],
        [ID, ("$filter", "ID eq 'x'")],
        [ID, ("$filter", "Name eq 'x")],
        [ID, ("$filter", "Name eq 'x' and")],
        [ID, ("$filter", "(Name eq 'x'")],
    ] {
        let answer = world.list("crm/Accounts", &query).await;
        assert_eq!(
            (answer.status, answer.message().as_str()),
            (400, "Bad Request - Error in query syntax."),
            "{query:?}"
        );
    }
}

#[tokio::test]
async fn an_option_without_its_dollar_sign_is_an_empty_503() {
    let world = World::new().await;
    let answer = world.list("crm/Accounts", &[("select", "ID"), ALL]).await;
    assert_eq!((answer.status, answer.body.as_str()), (503, ""));
}

#[tokio::test]
async fn an_empty_filter_is_refused() {
    let world = World::new().await;
    let answer = world.list("crm/Accounts", &[ID, ("$filter", "")]).await;
    assert_eq!(answer.message(), "This $filter parameter is not supported for this resource");
}

#[tokio::test]
async fn an_unknown_resource_is_404() {
    let world = World::new().await;
    assert_eq!(world.list("crm/Nonsense", &[]).await.status, 404);
    assert_eq!(world.list("crm/accounts", &[]).await.status, 404, "resource names are case-sensitive too");
}

#[tokio::test]
async fn pages_hold_60_rows_and_1000_in_bulk_and_sync() {
    let world = World::with_companies(2_100).await;
    for (resource, size, query) in [
        ("crm/Accounts", 60, [ID, ALL]),
        ("bulk/CRM/Accounts", 1_000, [ID, ALL]),
        ("sync/CRM/Accounts", 1_000, [ID, ("$filter", "Timestamp gt 1L")]),
    ] {
        let page = world.list(resource, &query).await;
        assert_eq!(page.rows().len(), size, "{resource}");
        assert!(page.next().is_some());
    }
}

#[tokio::test]
async fn next_links_cover_every_row_once() {
    let world = World::with_companies(150).await;
    for order in ["", "Modified asc", "Name desc", "Code asc,Name desc"] {
        let mut query = vec![ID, ALL];
        if !order.is_empty() {
            query.push(("$orderby", order));
        }
        let (rows, pages) = world.list_all("crm/Accounts", &query).await;
        let mut ids = texts(&rows, "ID");
        ids.sort();
        ids.dedup();
        assert_eq!((ids.len(), rows.len(), pages), (150, 150, 3), "{order}");
    }
}

#[tokio::test]
async fn the_next_link_is_absolute_and_repeats_the_options_with_a_token_of_the_last_key() {
    let world = World::with_companies(70).await;
    let page = world.list("crm/Accounts", &[ID, ALL]).await;
    let last = page.rows().last().unwrap()["ID"].as_str().unwrap().to_owned();
    let expected = format!(
        "{}/api/v1/{}/crm/Accounts?$select=ID&$filter=Status%20ne%20null&$skiptoken=guid'{last}'",
        world.sandbox.exact().base_url(),
        world.division(),
    );
    assert_eq!(page.next(), Some(expected));
}

#[tokio::test]
async fn with_an_order_the_token_holds_the_orders_value_and_the_key() {
    let world = World::with_companies(70).await;
    let next = world.list("crm/Accounts", &[ID, ALL, ("$orderby", "Modified asc")]).await.next().unwrap();
    assert!(next.contains("$skiptoken=datetime'2026-07-01T10%3A00%3A10',guid'"), "{next}");
}

#[tokio::test]
async fn top_above_the_page_size_shrinks_in_the_next_link() {
    let world = World::with_companies(150).await;
    let page = world.list("crm/Accounts", &[ID, ALL, ("$top", "100")]).await;
    assert_eq!(page.rows().len(), 60);
    let next = page.next().unwrap();
    assert!(next.contains("$top=40&"), "{next}");
    let page = world.follow(&next).await;
    assert_eq!((page.rows().len(), page.next()), (40, None));
    assert!(page.json()["d"]["results"].is_array(), "behind a token the envelope is the long one");
}

#[tokio::test]
async fn few_rows_asked_for_with_top_come_as_a_bare_array() {
    let world = World::with_companies(70).await;
    let rows_of = |top: &'static str| {
        let world = &world;
        async move { world.list("crm/Accounts", &[ID, ALL, ("$top", top)]).await.json() }
    };
    assert_eq!(rows_of("60").await["d"].as_array().unwrap().len(), 60);
    assert!(rows_of("61").await["d"]["results"].is_array());
    world.configure_exact(json!({ "bare_arrays": false })).await;
    assert!(rows_of("60").await["d"]["results"].is_array());
}

#[tokio::test]
async fn skip_leaves_out_rows() {
    let world = World::with_companies(5).await;
    let all = world.list("crm/Accounts", &[ID, ALL]).await.rows();
    let rest = world.list("crm/Accounts", &[ID, ALL, ("$skip", "3")]).await.rows();
    assert_eq!(rest, all[3..]);
}

#[tokio::test]
async fn codes_are_padded_on_the_left_and_filters_compare_the_padded_value() {
    let world = World::with_companies(30).await;
    let find = |filter: &'static str| {
        let world = &world;
        async move { world.list("crm/Accounts", &[("$select", "Code,Name"), ("$filter", filter)]).await.rows() }
    };
    assert_eq!(find("Code eq '25'").await.len(), 0);
    assert_eq!(find("trim(Code) eq '25'").await.len(), 1);
    assert_eq!(find("Code eq '                25'").await[0]["Code"], "                25");
}

#[tokio::test]
async fn countries_are_padded_on_the_right() {
    let world = World::new().await;
    world.post_account(json!({ "Name": "De Kaasmaker", "Country": "NL" })).await;
    let query = [("$select", "Country,CountryName"), ("$filter", "Country eq 'NL '")];
    let rows = world.list("crm/Accounts", &query).await.rows();
    assert_eq!((&rows[0]["Country"], &rows[0]["CountryName"]), (&json!("NL "), &json!("Nederland")));
}

#[tokio::test]
async fn filters_know_operators_functions_and_typed_literals() {
    let world = World::new().await;
    for (name, kvk) in
        [("Bakkerij 't Hoekje", "11111111"), ("BAKKER & Zn.", "22222222"), ("Café", "33333333")]
    {
        world.post_account(json!({ "Name": name, "ChamberOfCommerce": kvk, "Status": "C" })).await;
    }
    for (filter, found) in [
        ("Name eq 'Bakkerij ''t Hoekje'", 1),
        ("substringof('akk', Name)", 1),
        ("substringof('akk', tolower(Name)) eq true", 2),
        ("startswith(tolower(Name), 'bak') eq false", 1),
        ("not (Name eq 'Café') and Status eq 'C'", 2),
        ("ChamberOfCommerce eq '11111111' or ChamberOfCommerce eq '22222222'", 2),
        ("ChamberOfCommerce eq '11111111' and Name eq 'Café'", 0),
        ("VATNumber eq null and Name ne null", 3),
        ("Blocked eq false and IsSales eq true and Name ne null", 3),
        ("IsMailing eq 0 and Name ne null", 3),
        ("CreditLineSales lt 1.5 and Name ne null", 3),
        ("Created ge datetime'2026-07-01' and Created lt datetime'2026-07-01T10:00:11'", 3),
        ("ID eq guid'00000000-0000-0000-0000-000000000000'", 0),
    ] {
        let answer = world.list("crm/Accounts", &[("$select", "Name"), ("$filter", filter)]).await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.body);
        assert_eq!(answer.rows().len(), found, "{filter}");
    }
}

#[tokio::test]
async fn times_are_amsterdams_wall_clock_dressed_as_epoch_milliseconds() {
    let world = World::new().await;
    world.post_account(json!({ "Name": "Zomer" })).await;
    let until_winter = instant("2026-12-01T08:00:10Z") - world.clock.now();
    world.clock.advance(until_winter.to_std().unwrap());
    let refresh_token = world.sandbox.exact().consent();
    assert_eq!(world.refresh_with(&refresh_token).await.status, 200);
    world.sandbox.exact().create_account(world.division(), json!({ "Name": "Winter" })).unwrap();
    let rows = world.sandbox.exact().accounts(world.division()).unwrap();
    let created = |name: &str| rows.iter().find(|row| row["Name"] == name).unwrap()["Created"].clone();
    // 10:00:10 in summer, 09:00:10 in winter, each read as if it were UTC.
    assert_eq!(created("Zomer"), format!("/Date({})/", instant("2026-07-01T10:00:10Z").timestamp_millis()));
    assert_eq!(created("Winter"), format!("/Date({})/", instant("2026-12-01T09:00:10Z").timestamp_millis()));
}

#[tokio::test]
async fn a_filter_on_modified_compares_the_wall_clock() {
    let world = World::with_companies(1).await;
    let find = |moment: &'static str| {
        let world = &world;
        async move {
            let filter = format!("Modified gt datetime'{moment}'");
            world.list("crm/Accounts", &[ID, ("$filter", &filter)]).await.rows().len()
        }
    };
    assert_eq!(find("2026-07-01T08:30:00").await, 1, "half an hour from now in UTC, and yet found");
    assert_eq!(find("2026-07-01T10:00:10").await, 0);
}

#[tokio::test]
async fn selected_properties_that_are_not_set_are_null() {
    let world = World::with_companies(1).await;
    let rows =
        world.list("crm/Accounts", &[("$select", "ID,VATNumber,Email,BankAccounts"), ALL]).await.rows();
    assert!(rows[0]["VATNumber"].is_null() && rows[0].as_object().unwrap().contains_key("Email"));
    assert!(rows[0]["BankAccounts"]["__deferred"]["uri"].is_string());
    assert_eq!(rows[0]["__metadata"]["type"], "Exact.Web.Api.Models.CRM.Account");
}

#[tokio::test]
async fn without_accept_json_the_answer_is_xml() {
    let world = World::new().await;
    let path = format!("{}/system/Divisions", world.division());
    let url = format!("{}/api/v1/{path}", world.sandbox.exact().base_url());
    let token = world.exact_url(Method::GET, &url).build().unwrap().headers()["authorization"].clone();
    let answer = send(world.http.get(url).header("authorization", token)).await;
    assert!(answer.header("content-type").unwrap().starts_with("application/atom+xml"));
}

#[tokio::test]
async fn a_count_is_a_bare_number() {
    let world = World::with_companies(70).await;
    let answer = world.list("crm/Accounts/$count", &[ALL, ("$top", "1")]).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "1"));
    let answer = world.list("crm/Accounts/$count", &[ALL, ID]).await;
    assert_eq!(answer.body, "70");
}

#[tokio::test]
async fn an_unknown_key_is_404_where_a_filter_is_an_empty_list() {
    let world = World::new().await;
    let key = "00000000-0000-0000-0000-000000000001";
    assert_eq!(world.list(&format!("crm/Accounts(guid'{key}')"), &[]).await.status, 404);
    let answer = world.list("crm/Accounts", &[ID, ("$filter", &format!("ID eq guid'{key}'"))]).await;
    assert_eq!((answer.status, answer.rows().len()), (200, 0));
}

#[tokio::test]
async fn a_wrong_token_is_401_with_a_web_page() {
    let world = World::new().await;
    let url = format!("{}/api/v1/current/Me", world.sandbox.exact().base_url());
    for request in [world.http.get(&url), world.http.get(&url).bearer_auth("nonsense")] {
        let answer = send(request).await;
        assert_eq!(answer.status, 401);
        assert!(answer.body.starts_with("<!DOCTYPE html>"));
    }
}
