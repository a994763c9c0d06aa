//! Who we are: Basic (RFC 7617) and Digest (RFC 7616), as the server asks for it.
//!
//! The first request says nothing, so that a server that wants Digest never sees the password.

use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use md5::Md5;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Who logs in, and with what.
pub struct Credentials {
    /// The user.
    pub user: String,
    /// The password.
    pub password: Zeroizing<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// How to log in, as far as the server has told.
pub(super) struct Login {
    credentials: Option<Credentials>,
    way: Mutex<Way>,
}

enum Way {
    /// Nobody has asked yet.
    Unasked,
    Basic(HeaderValue),
    Digest(Box<Challenge>),
}

/// What a request said about who sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    Basic,
    /// With this nonce.
    Digest(String),
}

struct Challenge {
    hash: Hash,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// Whether the answer has a counter and a nonce of ours.
    counted: bool,
    session: bool,
    /// Spelled as the server spells it.
    algorithm: Option<String>,
    /// The hash of user, realm and password.
    secret: Zeroizing<String>,
    own: String,
    count: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Hash {
    Md5,
    Sha256,
}

impl Hash {
    fn of(self, text: &str) -> String {
        let mut hex = String::with_capacity(64);
        let write = |hex: &mut String, bytes: &[u8]| {
            for byte in bytes {
                let _ = write!(hex, "{byte:02x}");
            }
        };
        match self {
            Self::Md5 => write(&mut hex, &Md5::digest(text)),
            Self::Sha256 => write(&mut hex, &Sha256::digest(text)),
        }
        hex
    }
}

impl Login {
    pub(super) fn new(credentials: Option<Credentials>) -> Self {
        Self { credentials, way: Mutex::new(Way::Unasked) }
    }

    fn way(&self) -> MutexGuard<'_, Way> {
        self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what a request says about who sends it.
    pub(super) fn say(&self, method: &str, target: &str) -> (Option<HeaderValue>, Said) {
        let Some(credentials) = &self.credentials else { return (None, Said::Nothing) };
        match &mut *self.way() {
            Way::Unasked => (None, Said::Nothing),
            Way::Basic(value) => (Some(value.clone()), Said::Basic),
            Way::Digest(challenge) => {
                let text = challenge.answer(&credentials.user, method, target);
                let mut value = HeaderValue::from_bytes(text.as_bytes()).ok();
                if let Some(value) = &mut value {
                    value.set_sensitive(true);
                }
                (value, Said::Digest(challenge.nonce.clone()))
            }
        }
    }

    /// Takes in that the server wants to know more; true if there is more to say.
    pub(super) fn asked<'a>(
        &self,
        challenges: impl Iterator<Item = &'a HeaderValue>,
        said: &Said,
    ) -> bool {
        let Some(credentials) = &self.credentials else { return false };
        let mut way = self.way();
        // Another request has learned meanwhile.
        match (&*way, said) {
            (Way::Digest(known), Said::Digest(nonce)) if known.nonce != *nonce => return true,
            (Way::Digest(_) | Way::Basic(_), Said::Nothing) => return true,
            _ => {}
        }
        let (mut basic, mut best) = (false, None::<Challenge>);
        let mut stale = false;
        for value in challenges {
            for (scheme, parameters) in parse(&String::from_utf8_lossy(value.as_bytes())) {
                if scheme.eq_ignore_ascii_case("basic") {
                    basic = true;
                } else if scheme.eq_ignore_ascii_case("digest")
                    && let Some(found) = Challenge::new(&parameters, credentials)
                    && best.as_ref().is_none_or(|best| best.hash < found.hash)
                {
                    stale = parameters
                        .iter()
                        .any(|(name, value)| name == "stale" && value.eq_ignore_ascii_case("true"));
                    best = Some(found);
                }
            }
        }
        match best {
            Some(challenge) => {
                let more = !matches!(said, Said::Digest(_)) || stale;
                *way = Way::Digest(Box::new(challenge));
                more
            }
            None if basic && *said == Said::Nothing => match basic_value(credentials) {
                Some(value) => {
                    *way = Way::Basic(value);
                    true
                }
                None => false,
            },
            None => false,
        }
    }

    /// Returns who logs in, and whether a password was given.
    pub(super) fn who(&self) -> Option<(&str, bool)> {
        let credentials = self.credentials.as_ref()?;
        Some((&credentials.user, !credentials.password.is_empty()))
    }
}

fn basic_value(credentials: &Credentials) -> Option<HeaderValue> {
    let pair = Zeroizing::new(format!("{}:{}", credentials.user, *credentials.password));
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    let mut value = HeaderValue::from_str(&Zeroizing::new(format!("Basic {}", *encoded))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl Challenge {
    fn new(parameters: &[(String, String)], credentials: &Credentials) -> Option<Self> {
        let get = |name: &str| {
            parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
        };
        let algorithm = get("algorithm");
        let plain = algorithm.as_deref().unwrap_or("MD5").to_ascii_uppercase();
        let session = plain.ends_with("-SESS");
        let hash = match plain.trim_end_matches("-SESS") {
            "MD5" => Hash::Md5,
            "SHA-256" => Hash::Sha256,
            _ => return None,
        };
        let counted = match get("qop") {
            None => false,
            Some(offered) => {
                let auth = |word: &str| word.trim().eq_ignore_ascii_case("auth");
                // Only `auth-int`: bodies would have to be read twice.
                offered.split(',').any(auth).then_some(true)?
            }
        };
        let (realm, nonce) = (get("realm").unwrap_or_default(), get("nonce")?);
        let mut random = [0; 16];
        rustls::crypto::ring::default_provider().secure_random.fill(&mut random).ok()?;
        let own = STANDARD.encode(random);
        let text =
            Zeroizing::new(format!("{}:{realm}:{}", credentials.user, *credentials.password));
        let mut secret = Zeroizing::new(hash.of(&text));
        if session {
            let text = Zeroizing::new(format!("{}:{nonce}:{own}", *secret));
            secret = Zeroizing::new(hash.of(&text));
        }
        let opaque = get("opaque");
        Some(Self {
            hash,
            realm,
            nonce,
            opaque,
            counted,
            session,
            algorithm,
            secret,
            own,
            count: 0,
        })
    }

    fn answer(&mut self, user: &str, method: &str, target: &str) -> String {
        self.count += 1;
        let count = format!("{:08x}", self.count);
        let request = self.hash.of(&format!("{method}:{target}"));
        let (secret, nonce, own) = (&*self.secret, &self.nonce, &self.own);
        let response = if self.counted {
            Zeroizing::new(format!("{secret}:{nonce}:{count}:{own}:auth:{request}"))
        } else {
            Zeroizing::new(format!("{secret}:{nonce}:{request}"))
        };
        let response = self.hash.of(&response);
        let mut text = format!(
            r#"Digest username="{}", realm="{}", nonce="{}", uri="{target}", response="{response}""#,
            quoted(user),
            quoted(&self.realm),
            quoted(nonce),
        );
        if let Some(algorithm) = &self.algorithm {
            let _ = write!(text, ", algorithm={algorithm}");
        }
        if let Some(opaque) = &self.opaque {
            let _ = write!(text, r#", opaque="{}""#, quoted(opaque));
        }
        if self.counted {
            let _ = write!(text, r#", qop=auth, nc={count}"#);
        }
        if self.counted || self.session {
            let _ = write!(text, r#", cnonce="{own}""#);
        }
        text
    }
}

fn quoted(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', r#"\""#)
}

/// Splits a header into its challenges: scheme, and parameters with names in lower case.
fn parse(header: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut challenges: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for item in items(header) {
        let item = item.trim();
        let (head, value) = match item.split_once('=') {
            Some((head, value)) => (head.trim(), Some(value.trim())),
            None => (item, None),
        };
        // "Digest realm" begins a challenge with its first parameter; "Basic" one without any.
        let name = match head.split_once(char::is_whitespace) {
            Some((scheme, name)) => {
                challenges.push((scheme.to_owned(), Vec::new()));
                name.trim()
            }
            None if value.is_none() && !head.is_empty() => {
                challenges.push((head.to_owned(), Vec::new()));
                continue;
            }
            None => head,
        };
        if let (Some(value), Some((_, parameters))) = (value, challenges.last_mut()) {
            parameters.push((name.to_ascii_lowercase(), unquoted(value)));
        }
    }
    challenges
}

/// Splits at commas outside of quotes.
fn items(header: &str) -> Vec<&str> {
    let (mut items, mut start, mut inside, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in header.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b',' if !inside => {
                items.push(&header[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(&header[start..]);
    items
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let (mut text, mut escaped) = (String::new(), false);
    for character in inner.chars() {
        if character == '\\' && !escaped {
            escaped = true;
        } else {
            text.push(character);
            escaped = false;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(user: &str, password: &str) -> Login {
        let password = Zeroizing::new(password.to_owned());
        Login::new(Some(Credentials { user: user.into(), password }))
    }

    fn ask(login: &Login, headers: &[&str], said: &Said) -> bool {
        let values: Vec<_> =
            headers.iter().map(|text| HeaderValue::from_str(text).unwrap()).collect();
        login.asked(values.iter(), said)
    }

    fn said(login: &Login, method: &str, target: &str) -> String {
        login.say(method, target).0.unwrap().to_str().unwrap().to_owned()
    }

    /// The example of RFC 7616, section 3.9.1.
    #[test]
    fn the_example_of_the_specification() {
        let realm = r#"realm="http-auth@example.org", qop="auth, auth-int""#;
        let rest = r#"nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;
        for (algorithm, expected) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let login = login("Mufasa", "Circle of Life");
            let header = format!("Digest {realm}, algorithm={algorithm}, {rest}");
            assert!(ask(&login, &[&header], &Said::Nothing));
            if let Way::Digest(challenge) = &mut *login.way() {
                challenge.own = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ".into();
            }
            let text = said(&login, "GET", "/dir/index.html");
            assert!(text.contains(&format!(r#"response="{expected}""#)), "{text}");
            assert!(text.contains("nc=00000001"), "{text}");
            assert!(said(&login, "GET", "/").contains("nc=00000002"), "the nonce is used again");
        }
    }

    #[test]
    fn the_strongest_way_is_taken() {
        let login = login("alice", "secret");
        assert_eq!(login.say("GET", "/"), (None, Said::Nothing), "nothing before it is asked for");
        let headers = [
            r#"Basic realm="x""#,
            r#"Digest realm="a, \"b\"", nonce="1", qop="auth", algorithm=SHA-256, Digest realm="x", nonce="2", qop="auth""#,
        ];
        assert!(ask(&login, &headers, &Said::Nothing));
        let text = said(&login, "GET", "/");
        assert!(text.contains("algorithm=SHA-256") && text.contains(r#"nonce="1""#), "{text}");
        assert!(text.contains(r#"realm="a, \"b\"""#), "{text}");
        assert!(!text.contains("secret"));
    }

    #[test]
    fn a_wrong_password_is_not_tried_twice_and_an_old_nonce_is_replaced() {
        let digest = login("alice", "secret");
        let first = r#"Digest realm="x", nonce="1", qop="auth""#;
        assert!(ask(&digest, &[first], &Said::Nothing));
        let (_, once) = digest.say("GET", "/");
        assert!(!ask(&digest, &[&first.replace('1', "2")], &once), "wrong password");
        let (_, twice) = digest.say("GET", "/");
        let stale = r#"Digest realm="x", nonce="3", qop="auth", stale=TRUE"#;
        assert!(ask(&digest, &[stale], &twice));
        assert!(ask(&digest, &[stale], &once), "another request has learned meanwhile");
        let basic = login("alice", "secret");
        assert!(ask(&basic, &["Basic realm=\"x\""], &Said::Nothing));
        assert_eq!(said(&basic, "GET", "/"), "Basic YWxpY2U6c2VjcmV0");
        assert!(!ask(&basic, &["Basic realm=\"x\""], &Said::Basic));
        assert!(!ask(&Login::new(None), &["Basic realm=\"x\""], &Said::Nothing));
        assert!(!ask(&login("a", "b"), &["Negotiate"], &Said::Nothing));
    }
}
