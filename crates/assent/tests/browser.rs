//! End to end in a real browser.
#[tokio::test]
async fn x() {
    let _ = fantoccini::ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
}
