//! What went wrong with TLS, in a sentence for the operator.

use std::io;

use rustls::{CertificateError, Error};

/// The sentence for an error of TLS; `None` for any other.
pub(super) fn sentence(error: &io::Error) -> Option<String> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    let why = match error {
        Error::InvalidCertificate(certificate) => {
            return Some(format!(
                "the server's certificate is not accepted: {}",
                of_certificate(certificate)
            ));
        }
        Error::InvalidMessage(_) => "what came back is not TLS: if the server has none, write `http://`",
        Error::AlertReceived(_) | Error::PeerIncompatible(_) => {
            return Some(format!("the server and the probe do not agree on TLS: {error}"));
        }
        _ => return Some(format!("TLS failed: {error}")),
    };
    Some(why.to_owned())
}

fn of_certificate(error: &CertificateError) -> String {
    let told = error.to_string();
    match error {
        CertificateError::UnknownIssuer => {
            "no trusted authority has signed it; if you trust the one that has, write `--cacert FILE`".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for other host names".to_owned()
        }
        // `openssl req -x509` makes such by default.
        _ if told.contains("CaUsedAsEndEntity") => "it is that of an authority (`CA:TRUE`), and a server needs one of its own: sign one with it, or make it anew with `-addext basicConstraints=critical,CA:FALSE`".to_owned(),
        _ => told,
    }
}
