//! Files of documents: found, streamed, bounded, and never asked for elsewhere.

use std::sync::Arc;

use exact_client::{
    BodyStream, Cause, Client, DocumentAttachment, ErrorKind, HttpTransport, Outgoing, TransportError,
    async_trait,
};
use futures_util::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wiremock::matchers::{header, path, query_param, query_param_contains};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{DIVISION, ID, TestClock, builder, connected, count, json_body, token_pair, tokens};

const FILE: &str = "/docs/SysAttachment.aspx";
const PDF: &[u8] = b"%PDF-1.4\n...\n%%EOF\n";

/// An attachment as Exact lists it.
fn attachment(origin: &str) -> Value {
    let url = format!("{origin}{FILE}?ID={ID}&_Division_=123456");
    json!({"ID": ID, "Document": ID, "FileName": "24700001.pdf", "FileSize": 20.0, "Url": url})
}

fn file(origin: &str) -> DocumentAttachment {
    serde_json::from_value(attachment(origin)).unwrap()
}

fn pdf() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(PDF, "application/pdf")
}

#[tokio::test]
async fn the_pdf_of_an_invoice_is_found_and_streamed_with_the_token() {
    let (server, _clock, client) = connected().await;
    Mock::given(path("/api/v1/123456/documents/Documents"))
        .and(query_param("$filter", format!("(FinancialTransactionEntryID eq guid'{ID}') and (Type eq 10)")))
        .respond_with(json_body(&json!({"d": [{"ID": ID}]})))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/api/v1/123456/documents/DocumentAttachments"))
        .and(query_param_contains("$filter", format!("Document eq guid'{ID}'")))
        .respond_with(json_body(&json!({"d": [attachment(&server.uri())]})))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path(FILE))
        .and(query_param("ID", ID))
        .and(query_param("_Division_", "123456"))
        .and(query_param("Download", "1"))
        .and(header("authorization", "Bearer access-1"))
        .respond_with(pdf())
        .expect(1)
        .mount(&server)
        .await;
    let division = client.division(DIVISION);
    let files = division.invoice_files(ID.parse().unwrap()).await.unwrap();
    let mut download = division.download(&files[0], 1_000).await.unwrap();
    assert_eq!((download.length(), download.media_type()), (Some(PDF.len() as u64), Some("application/pdf")));
    let mut read = Vec::new();
    while let Some(piece) = download.chunk().await.unwrap() {
        read.extend_from_slice(&piece);
    }
    assert_eq!(read, PDF);
    assert!(download.chunk().await.unwrap().is_none());
}

#[tokio::test]
async fn an_invoice_without_a_document_has_no_files_and_costs_one_call() {
    let (server, _clock, client) = connected().await;
    Mock::given(path("/api/v1/123456/documents/Documents"))
        .respond_with(json_body(&json!({"d": []})))
        .expect(1)
        .mount(&server)
        .await;
    let files = client.division(DIVISION).invoice_files(ID.parse().unwrap()).await.unwrap();
    assert!(files.is_empty());
}

#[tokio::test]
async fn a_file_on_another_origin_gets_no_call_and_no_token() {
    let (server, _clock, client) = connected().await;
    let elsewhere = MockServer::start().await;
    let before = client.calls();
    let userinfo = server.uri().replace("http://", "http://start@");
    for origin in [elsewhere.uri(), userinfo, "https://evil.example".to_owned(), String::new()] {
        let error = client.division(DIVISION).download(&file(&origin), 1_000).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{origin}");
        assert_eq!(error.operation(), Some("GET docs/SysAttachment.aspx"));
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
    assert!(server.received_requests().await.unwrap().is_empty());
    assert_eq!(client.calls(), before);
}

#[tokio::test]
async fn a_redirect_of_a_file_is_not_followed_and_a_page_is_no_file() {
    let (server, _clock, client) = connected().await;
    let elsewhere = MockServer::start().await;
    let redirect = ResponseTemplate::new(302).insert_header("Location", elsewhere.uri().as_str());
    let page = ResponseTemplate::new(200).set_body_raw("<html>Log in</html>", "text/html; charset=utf-8");
    for answer in [redirect, page] {
        server.reset().await;
        Mock::given(path(FILE)).respond_with(answer).mount(&server).await;
        let error = client.division(DIVISION).download(&file(&server.uri()), 1_000).await.unwrap_err();
        assert_eq!((error.kind(), error.cause()), (ErrorKind::Auth, Some(Cause::TokenRefused)));
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
    server.reset().await;
    let html = ResponseTemplate::new(200).set_body_raw("<p>Dear customer</p>", "text/html");
    let html = html.insert_header("Content-Disposition", "attachment; filename=letter.html");
    Mock::given(path(FILE)).respond_with(html).mount(&server).await;
    let letter = client.division(DIVISION).download(&file(&server.uri()), 1_000).await.unwrap();
    assert_eq!(&letter.bytes().await.unwrap()[..], b"<p>Dear customer</p>");
}

#[tokio::test]
async fn a_file_is_asked_for_again_after_a_spent_minute_an_ended_token_and_an_outage() {
    let (server, clock, client) = connected().await;
    let spent = ResponseTemplate::new(429)
        .insert_header("X-RateLimit-Minutely-Remaining", "0")
        .insert_header("X-RateLimit-Minutely-Reset", "1795341660000");
    let ends_on_the_way = 575;
    for (once, seconds) in
        [(spent, 0), (ResponseTemplate::new(401), ends_on_the_way), (ResponseTemplate::new(503), 0)]
    {
        server.reset().await;
        tokens(&server, 2).await;
        let clock = Arc::clone(&clock);
        let first = move |_: &wiremock::Request| {
            clock.advance(seconds);
            once.clone()
        };
        Mock::given(path(FILE)).respond_with(first).up_to_n_times(1).mount(&server).await;
        Mock::given(path(FILE)).respond_with(pdf()).mount(&server).await;
        let download = client.division(DIVISION).download(&file(&server.uri()), 1_000).await.unwrap();
        assert_eq!(download.bytes().await.unwrap(), PDF);
        assert_eq!(count(&server, FILE).await, 2);
    }
}

#[tokio::test]
async fn a_missing_file_is_asked_for_once_and_the_error_names_it() {
    let (server, _clock, client) = connected().await;
    Mock::given(path(FILE)).respond_with(ResponseTemplate::new(404)).expect(1).mount(&server).await;
    let error = client.division(DIVISION).download(&file(&server.uri()), 1_000).await.unwrap_err();
    assert_eq!((error.kind(), error.division()), (ErrorKind::NotFound, Some(DIVISION)));
    let usage = client.usage(DIVISION);
    assert!(format!("{usage:?}").contains(ID), "{usage:?}");
}

#[tokio::test]
async fn a_file_that_says_that_it_is_too_long_is_not_read() {
    let (server, _clock, client) = connected().await;
    Mock::given(path(FILE)).respond_with(pdf()).expect(1).mount(&server).await;
    let division = client.division(DIVISION);
    let mut file = file(&server.uri());
    let listed = division.download(&file, 19).await.unwrap_err();
    file.file_size = None;
    let answered = division.download(&file, 18).await.unwrap_err();
    for error in [listed, answered] {
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("longer than 1"), "{error}");
    }
    file.url = None;
    assert_eq!(division.download(&file, 1_000).await.unwrap_err().kind(), ErrorKind::Config);
}

/// Gives a grant, and a file in these pieces.
#[derive(Debug)]
struct Pieces(Vec<&'static str>, Option<u64>);

#[async_trait]
impl HttpTransport for Pieces {
    async fn send(&self, outgoing: Outgoing) -> Result<http::Response<bytes::Bytes>, TransportError> {
        let body = match outgoing.request.uri().path() {
            "/api/oauth2/token" => token_pair(1).to_string(),
            "/api/v1/current/Me" => json!({"d": [{"UserID": ID, "CurrentDivision": 123_456}]}).to_string(),
            FILE => self.0.concat(),
            _ => json!({"d": [{"Code": 123_456}]}).to_string(),
        };
        Ok(http::Response::new(body.into()))
    }

    async fn stream(&self, _: Outgoing) -> Result<http::Response<BodyStream>, TransportError> {
        let pieces = self.0.clone().into_iter().map(|piece| match piece {
            "broken" => Err(TransportError::Broken("reset".into())),
            piece => Ok(bytes::Bytes::from_static(piece.as_bytes())),
        });
        let mut answer = http::Response::new(stream::iter(pieces).boxed());
        if let Some(length) = self.1 {
            answer.headers_mut().insert("content-length", length.into());
        }
        Ok(answer)
    }
}

async fn over(transport: impl HttpTransport) -> Client {
    let server = MockServer::start().await;
    let client = builder(&server, &TestClock::new()).origin("http://127.0.0.1:9".parse().unwrap());
    let client = client.transport(Arc::new(transport)).build().unwrap();
    client.import_refresh_token("first".into()).await.unwrap();
    client
}

#[tokio::test]
async fn a_file_that_grows_too_long_breaks_or_ends_early_is_an_error_and_then_at_its_end() {
    for (pieces, length, whole, kind) in [
        (vec!["12345", "67890", "1"], None, 2, ErrorKind::Decode),
        (vec!["12345", "broken", "67890"], None, 1, ErrorKind::Unavailable),
        (vec!["12345", "678"], Some(10), 2, ErrorKind::Unavailable),
        (vec![], Some(1), 0, ErrorKind::Unavailable),
    ] {
        let client = over(Pieces(pieces.clone(), length)).await;
        let mut file = file("http://127.0.0.1:9");
        file.file_size = None;
        let mut download = client.division(DIVISION).download(&file, 10).await.unwrap();
        for _ in 0..whole {
            assert!(download.chunk().await.unwrap().is_some(), "{pieces:?}");
        }
        let error = download.chunk().await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_applied()), (kind, false), "{pieces:?}");
        assert_eq!(
            (error.operation(), error.division()),
            (Some("GET docs/SysAttachment.aspx"), Some(DIVISION))
        );
        assert!(download.chunk().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_transport_that_cannot_stream_gives_the_file_in_one_piece() {
    #[derive(Debug)]
    struct Whole(Pieces);
    #[async_trait]
    impl HttpTransport for Whole {
        async fn send(&self, outgoing: Outgoing) -> Result<http::Response<bytes::Bytes>, TransportError> {
            self.0.send(outgoing).await
        }
    }
    let client = over(Whole(Pieces(vec!["12345", "67890"], None))).await;
    let download = client.division(DIVISION).download(&file("http://127.0.0.1:9"), 20).await.unwrap();
    let pieces: Vec<_> = download.collect().await;
    assert_eq!(pieces.len(), 1);
    assert_eq!(pieces[0].as_ref().unwrap(), "1234567890");
}

#[tokio::test]
async fn a_connection_that_closes_inside_a_file_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 4_096];
        let length = socket.read(&mut asked).await.unwrap();
        assert!(asked[..length].starts_with(b"GET /docs/SysAttachment.aspx"));
        let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/pdf\r\ncontent-length: 20\r\n\r\n%PDF-1.4";
        socket.write_all(answer.as_bytes()).await.unwrap();
    });
    let (tokens_from, clock) = (MockServer::start().await, TestClock::new());
    let store = exact_client::MemoryTokenStore::default();
    let first = builder(&tokens_from, &clock).token_store(Arc::new(store.clone())).build().unwrap();
    crate::support::import(&tokens_from, &first).await;
    let client = builder(&tokens_from, &clock).token_store(Arc::new(store)).origin(origin.parse().unwrap());
    let client = client.build().unwrap();
    let download = client.division(DIVISION).download(&file(&origin), 1_000).await.unwrap();
    assert_eq!(download.length(), Some(20));
    assert_eq!(download.bytes().await.unwrap_err().kind(), ErrorKind::Unavailable);
    server.await.unwrap();
}
