//! Names of secrets, and names that only look like them.

use crate::import::secret::is_secret;

#[test]
fn secrets_are_told_by_their_names() {
    for name in [
        "Password",
        "MasterUserPassword",
        "login_password",
        "accessToken",
        "SecurityToken",
        "PrivateKey",
        "AccessKey",
        "AccessKeySecret",
        "access_key_secret",
        "ClientSecret",
        "Credential",
        "Credentials",
        "SecretData",
        "ApiKey",
        "KubeConfig",
        "Authorization",
        "x-acs-btrip-corp-token",
        "OIDCToken",
        "SAMLAssertion",
        "Plaintext",
        "DBPasswd",
        "Token",
    ] {
        assert!(is_secret(name), "{name}");
    }
}

#[test]
fn facts_about_secrets_and_marks_in_lists_are_none() {
    for name in [
        "ClientToken",
        "NextToken",
        "PageToken",
        "AccessKeyId",
        "AccessKeyName",
        "SecretName",
        "SecretArn",
        "SecretType",
        "PasswordPolicy",
        "PasswordExpireTime",
        "EnablePassword",
        "MaxPasswordAge",
        "IsSecret",
        "TokenType",
        "MaxTokens",
        "CredentialProviderName",
        "KeyPairName",
        "Secretary",
        "Passport",
        "SecretNo",
        "AllowUserToChangePassword",
    ] {
        assert!(!is_secret(name), "{name}");
    }
}
