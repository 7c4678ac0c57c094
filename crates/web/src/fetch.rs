//! The one way out to the web: https, with a time limit and a size limit, never to a private address unless that was
//! allowed, and never where an answer would rather lead us: no redirect is followed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

use crate::say;

/// How long one question may take in all.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer, in bytes.
const LARGEST: usize = 256 * 1024;

/// Why nothing came back. No variant carries what was sent.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// The address is none, or not https.
    #[error("“{0}” is not an address that may be asked: it must begin with https://")]
    Address(String),
    /// It is a private address, or this computer itself.
    #[error("{0} is a private address; whoever runs this installation has to allow it first (private_hosts)")]
    Private(String),
    /// Nobody answered in time, or the line broke.
    #[error("{0} does not answer")]
    Unreachable(String),
    /// It answered, but not with what was asked for.
    #[error("{0} answers {1}")]
    Status(String, u16),
}

impl FetchError {
    /// What is the matter, as a sentence of a page.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Address(address) => {
                say!(
                    "“{address}” is not an address that may be asked: it must begin with https://.",
                    address = address
                )
            }
            Self::Private(host) => say!(
                "{host} is a private address; whoever runs this installation has to allow it first (private_hosts).",
                host = host
            ),
            Self::Unreachable(host) => say!("{host} does not answer.", host = host),
            Self::Status(host, status) => say!("{host} answers {status}.", host = host, status = status),
        }
    }
}

/// What is asked.
#[derive(Clone)]
pub struct Ask {
    url: Url,
    private: bool,
    form: Option<String>,
    basic: Option<String>,
    json: Option<(String, Vec<(&'static str, String)>)>,
    patience: Duration,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ask({})", self.url.host_str().unwrap_or_default())
    }
}

impl Ask {
    /// Asks an address for what lies there. `private`: whether private addresses and plain http are allowed.
    ///
    /// # Errors
    /// [`FetchError::Address`] for anything that may not be asked.
    pub fn get(url: &str, private: bool) -> Result<Self, FetchError> {
        let wrong = || FetchError::Address(url.chars().take(200).collect());
        let parsed = Url::parse(url).map_err(|_| wrong())?;
        let scheme = parsed.scheme() == "https" || (private && parsed.scheme() == "http");
        let bare = parsed.username().is_empty() && parsed.password().is_none();
        if url.len() > 2_000 || !scheme || !bare || parsed.host().is_none() {
            return Err(wrong());
        }
        Ok(Self { url: parsed, private, form: None, basic: None, json: None, patience: PATIENCE })
    }

    /// Sends a form instead, with a name and a secret if there are some.
    ///
    /// # Errors
    /// As [`Ask::get`].
    pub fn post(url: &str, private: bool, form: String, basic: Option<String>) -> Result<Self, FetchError> {
        Ok(Self { form: Some(form), basic, ..Self::get(url, private)? })
    }

    /// Sends JSON instead, with headers, and waits longer for whoever has something to do with it.
    ///
    /// # Errors
    /// As [`Ask::get`].
    pub fn tell(
        url: &str,
        private: bool,
        body: String,
        headers: Vec<(&'static str, String)>,
    ) -> Result<Self, FetchError> {
        Ok(Self { json: Some((body, headers)), patience: PATIENCE * 2, ..Self::get(url, private)? })
    }

    /// The answer's body.
    ///
    /// # Errors
    /// Whatever stood in the way.
    pub async fn send(self) -> Result<Vec<u8>, FetchError> {
        let host = self.url.host_str().unwrap_or_default().to_owned();
        let lost = || FetchError::Unreachable(host.clone());
        tokio::time::timeout(self.patience, self.go(&host)).await.map_err(|_| lost())?
    }

    async fn go(self, host: &str) -> Result<Vec<u8>, FetchError> {
        let lost = || FetchError::Unreachable(host.to_owned());
        let address = self.resolve(host).await?;
        let stream = TcpStream::connect(address).await.map_err(|_| lost())?;
        if self.url.scheme() == "http" {
            return self.over(host, stream).await;
        }
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(|_| lost())?;
        let stream = TlsConnector::from(tls()).connect(name, stream).await.map_err(|_| lost())?;
        self.over(host, stream).await
    }

    /// The address to connect to. It is looked up once, and what was checked is what is used.
    async fn resolve(&self, host: &str) -> Result<SocketAddr, FetchError> {
        let lost = || FetchError::Unreachable(host.to_owned());
        let port = self.url.port_or_known_default().ok_or_else(lost)?;
        let found: Vec<SocketAddr> = match self.url.host() {
            Some(Host::Ipv4(ip)) => vec![SocketAddr::from((ip, port))],
            Some(Host::Ipv6(ip)) => vec![SocketAddr::from((ip, port))],
            Some(Host::Domain(name)) => {
                tokio::net::lookup_host((name, port)).await.map_err(|_| lost())?.collect()
            }
            None => Vec::new(),
        };
        if !self.private && found.iter().any(|one| !is_public(one.ip())) {
            return Err(FetchError::Private(host.to_owned()));
        }
        // Without https only inside one's own network.
        if self.url.scheme() == "http" && found.iter().any(|one| is_public(one.ip())) {
            return Err(FetchError::Address(self.url.as_str().chars().take(200).collect()));
        }
        found.into_iter().next().ok_or_else(lost)
    }

    async fn over<S>(self, host: &str, stream: S) -> Result<Vec<u8>, FetchError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let lost = || FetchError::Unreachable(host.to_owned());
        let (mut sender, line) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| lost())?;
        let line = tokio::spawn(line);
        let answer = sender.send_request(self.request().ok_or_else(lost)?).await.map_err(|_| lost());
        let body = match answer {
            Ok(answer) if answer.status().is_success() => {
                Limited::new(answer.into_body(), LARGEST).collect().await.map_err(|_| lost())
            }
            Ok(answer) => Err(FetchError::Status(host.to_owned(), answer.status().as_u16())),
            Err(error) => Err(error),
        };
        line.abort();
        Ok(body?.to_bytes().to_vec())
    }

    fn request(self) -> Option<Request<Full<Bytes>>> {
        let host = match self.url.port() {
            Some(port) => format!("{}:{port}", self.url.host_str()?),
            None => self.url.host_str()?.to_owned(),
        };
        let target = match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        };
        let mut request = Request::builder()
            .uri(target)
            .header(header::HOST, host)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, "assent");
        if let Some(basic) = self.basic {
            request = request.header(header::AUTHORIZATION, basic);
        }
        if let Some((body, headers)) = self.json {
            request = request.method(Method::POST).header(header::CONTENT_TYPE, "application/json");
            let request = headers.into_iter().fold(request, |all, (name, value)| all.header(name, value));
            return request.body(Full::from(body)).ok();
        }
        match self.form {
            None => request.body(Full::default()).ok(),
            Some(form) => request
                .method(Method::POST)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Full::from(form))
                .ok(),
        }
    }
}

/// Who may vouch for a server: the authorities that this computer trusts.
fn tls() -> Arc<ClientConfig> {
    static TLS: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    let make = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
    };
    Arc::clone(TLS.get_or_init(make))
}

/// True for an address of the open internet.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => public_v4(ip),
        IpAddr::V6(ip) => public_v6(ip),
    }
}

fn public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    // What leads to an IPv4 address is as public as that address.
    let inner = |hi: u16, lo: u16| {
        let ([a, b], [c, d]) = (hi.to_be_bytes(), lo.to_be_bytes());
        public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        [0, 0, 0, 0, 0, 0 | 0xffff, hi, lo] => inner(hi, lo),
        [0x64, 0xff9b, 0, 0, 0, 0, hi, lo] | [0x2002, hi, lo, ..] => inner(hi, lo),
        // Only this block is given out to the open internet; documentation and tunnels lie in it.
        [first, second, ..] => {
            (0x2000..0x4000).contains(&first) && !(first == 0x2001 && (second == 0xdb8 || second < 0x200))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_told_apart() {
        for public in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[tokio::test]
    async fn only_https_is_asked_and_never_a_private_address() {
        for wrong in [
            "http://example.org/",
            "ftp://example.org",
            "file:///etc/passwd",
            "https://a:b@example.org/",
            "example.org",
            "",
        ] {
            assert!(matches!(Ask::get(wrong, false), Err(FetchError::Address(_))), "{wrong}");
        }
        for inside in ["https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://2130706433/"] {
            let answer = Ask::get(inside, false).unwrap().send().await;
            assert!(matches!(answer, Err(FetchError::Private(_))), "{inside}: {answer:?}");
        }
    }

    /// Answers one question with these bytes, however it was asked.
    async fn once(answer: Vec<u8>) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&answer).await;
        });
        format!("http://127.0.0.1:{port}/")
    }

    #[tokio::test]
    async fn an_answer_has_a_size_and_leads_nowhere() {
        let fine = once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec()).await;
        assert_eq!(Ask::get(&fine, true).unwrap().send().await.unwrap(), b"{}");
        let mut huge = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        huge.resize(LARGEST * 2, b'x');
        let huge = once(huge).await;
        assert!(matches!(Ask::get(&huge, true).unwrap().send().await, Err(FetchError::Unreachable(_))));
        let open = Ask::get("http://93.184.216.34/", true).unwrap().send().await;
        assert!(matches!(open, Err(FetchError::Address(_))), "{open:?}");
        let away = once(
            b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n".to_vec(),
        )
        .await;
        assert!(matches!(Ask::get(&away, true).unwrap().send().await, Err(FetchError::Status(_, 302))));
    }
}
