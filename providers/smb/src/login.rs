//! As whom to log in, and what the connection must be like.

use mpr_engine::Target;
use zeroize::Zeroizing;

/// As whom to log in. The password lies in memory that is wiped, and stays for reconnecting.
pub(crate) struct Login {
    user: Option<User>,
    password: Option<Zeroizing<String>>,
}

struct User {
    domain: String,
    name: String,
}

impl Login {
    /// Takes over what was given; without a user the login is anonymous.
    pub(crate) fn new(user: Option<&str>, password: Option<Zeroizing<String>>) -> Self {
        Self { user: user.filter(|user| !user.is_empty()).map(User::parse), password }
    }

    /// Tells whether nobody in particular logs in.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.user.is_none()
    }

    /// Tells whether it is the guest that some servers know, who has no password.
    pub(crate) fn is_guest(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.name.eq_ignore_ascii_case("guest"))
    }

    /// Tells whether somebody logs in without a password; an empty one is a password.
    pub(crate) fn lacks_password(&self) -> bool {
        self.user.is_some() && !self.is_guest() && self.password.is_none()
    }

    /// Returns the user, as text for people.
    pub(crate) fn who(&self) -> String {
        match &self.user {
            None => "anonymous".to_owned(),
            Some(user) if user.domain.is_empty() => user.name.clone(),
            Some(user) => format!(r"{}\{}", user.domain, user.name),
        }
    }

    /// Returns domain, user and password.
    pub(crate) fn parts(&self) -> (&str, &str, &str) {
        let password = self.password.as_ref().map_or("", |password| password.as_str());
        match &self.user {
            None => ("", "", ""),
            Some(user) => (&user.domain, &user.name, password),
        }
    }

    /// Tells whether there is a password that can be wrong.
    pub(crate) fn has_password(&self) -> bool {
        self.password.as_ref().is_some_and(|password| !password.is_empty())
    }
}

impl User {
    /// `DOMAIN\user`, `user@DOMAIN`, or a user alone. `user@example.org` goes to the server whole,
    /// in the user's field (MS-NLMP): only a domain controller can take it apart.
    fn parse(text: &str) -> Self {
        let (domain, name) = match (text.split_once('\\'), text.rsplit_once('@')) {
            (Some((domain, name)), _) => (domain, name),
            (None, Some((name, domain))) if !domain.contains('.') => (domain, name),
            _ => ("", text),
        };
        Self { domain: domain.to_owned(), name: name.to_owned() }
    }
}

/// What the connection must be like, or it is refused.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Demands {
    /// Nobody on the way can read along.
    pub(crate) privacy: bool,
    /// Nobody on the way can change anything unnoticed.
    pub(crate) integrity: bool,
}

impl Demands {
    /// Reads them from the options of a connection.
    pub(crate) fn of(target: &Target) -> Self {
        Self {
            privacy: target.flag("require-privacy").unwrap_or(false),
            integrity: target.flag("require-integrity").unwrap_or(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_taken_apart() {
        for (text, domain, name) in [
            ("alice", "", "alice"),
            (r"WORK\alice", "WORK", "alice"),
            ("alice@WORK", "WORK", "alice"),
            ("alice@example.org", "", "alice@example.org"),
            (r"WORK\al@ice", "WORK", "al@ice"),
        ] {
            let login = Login::new(Some(text), None);
            assert_eq!(login.parts(), (domain, name, ""), "{text}");
        }
        assert!(Login::new(None, None).is_anonymous());
        assert!(Login::new(Some(""), None).is_anonymous());
    }
}
