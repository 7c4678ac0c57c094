//! Where a request comes from, as far as it counts attempts: an address, or the network it lies in.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::ctx::{Ctx, Network};

/// Where a request comes from. It stands in digests alone: it is neither stored nor logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Client(String);

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// The name under which its attempts are counted.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// A proxy that the operator trusts says whom it speaks for; anybody else speaks for themselves.
    fn of(peer: Option<IpAddr>, headers: &HeaderMap, network: &Network) -> Self {
        let told = || {
            let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
            let last = lines.flat_map(|line| line.split(',')).last()?;
            last.trim().parse().ok()
        };
        let speaks = peer.filter(|peer| network.proxies.contains(&peer.to_canonical()));
        let from = speaks.and_then(|_| told()).or(peer).map(|ip| ip.to_canonical());
        Self(match from {
            None => "here".into(),
            Some(IpAddr::V4(ip)) => ip.to_string(),
            // One household or server has a whole /64: its addresses cost nothing.
            Some(IpAddr::V6(ip)) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).to_string(),
        })
    }
}

impl FromRequestParts<Ctx> for Client {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        Ok(Self::of(peer, &parts.headers, &ctx.settings.network))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_speaks_for_others() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "1.1.1.1, 9.9.9.9".parse().unwrap());
        headers.append("x-forwarded-for", "8.8.8.8".parse().unwrap());
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let network = Network { proxies: vec![proxy], ..Network::default() };
        let name = |peer: &str, network: &Network| Client::of(peer.parse().ok(), &headers, network).0;
        assert_eq!(name("10.0.0.1", &network), "8.8.8.8");
        assert_eq!(name("::ffff:10.0.0.1", &network), "8.8.8.8");
        assert_eq!(name("10.0.0.2", &network), "10.0.0.2", "a stranger may write what it likes");
        assert_eq!(name("10.0.0.1", &Network::default()), "10.0.0.1");
        assert_eq!(name("2001:db8:1:2:3:4:5:6", &network), "2001:db8:1:2::");
        assert_eq!(name("", &network), "here");
    }
}
