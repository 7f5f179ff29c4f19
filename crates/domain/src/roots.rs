//! Where systems keep the certificates that they trust.

/// The files in which systems keep the certificates that they trust, the first that is there: Debian, Fedora, Alpine.
pub const SYSTEM_ROOTS: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
