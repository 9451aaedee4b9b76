//! Names of secrets, and names that only look like them.

use alicloud_spec::Shape;

use super::{docs, import};
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
        "PassWord",
        "SecretKeyList",
        "Psk",
        "IkeConfig",
        "AuthKey",
        "ServerKey",
        "CustomOssSk",
        "SSLPri",
        "Keytab",
        "Base32StringSeed",
        "QRCodePNG",
        "AuthenticationCode2",
        "VerifyCode",
        "TemplateParamJson",
        "ticket",
        "BackupIntranetDownloadURL",
        "CrossDownloadLink",
        "VncUrl",
        "WebSocketUrl",
        "preSignedUrl",
        "DingWebHook",
        "Webhooks",
        "EnvironmentVariables",
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
        "ParamNoLooseSentinelPasswordFreeAccess",
        "disableInjectCredentials",
        "AuthorizationLetterPic",
        "MonthlyToken",
        "LastToken",
        "AppKey",
        "SessionKey",
        "EncryptionKey",
        "PublicKey",
        "KeytabMd5",
        "TicketNum",
        "WebhookId",
        "containsDingWebhooks",
        "SidecarInjectorWebhookAsYaml",
        "HealthCheckUrl",
        "RedirectUrl",
        "ErrorCode",
        "TemplateCode",
        "Env",
        "Signature",
        "Value",
    ] {
        assert!(!is_secret(name), "{name}");
    }
}

/// Names that say nothing alone.
#[test]
fn secrets_are_told_by_what_stands_around_them() {
    let apis = r#"{"Run": {"methods": ["post"], "parameters": [
        {"name": "EnvironmentVar", "in": "query", "style": "repeatList", "schema": {"type": "array", "items": {
            "type": "object", "properties": {"Key": {"type": "string"}, "Value": {"type": "string"}}}}},
        {"name": "Tag", "in": "query", "style": "repeatList", "schema": {"type": "array", "items": {
            "type": "object", "properties": {"Key": {"type": "string"}, "Value": {"type": "string"}}}}},
        {"name": "Env", "in": "query", "style": "json",
            "schema": {"type": "object", "additionalProperties": {"type": "string"}}},
        {"name": "Credential", "in": "query", "style": "json", "schema": {"type": "object"}},
        {"name": "Signature", "in": "query", "schema": {"type": "string"}},
        {"name": "Password", "in": "query", "schema": {"type": "boolean"}}
    ], "responses": {"200": {"schema": {"type": "object", "properties": {
        "Upload": {"type": "object", "properties": {
            "Host": {"type": "string"}, "EncodedPolicy": {"type": "string"}, "Signature": {"type": "string"}}}
    }}}}}}"#;
    let (spec, _) = import(&docs("RPC", "Toy", "{}", apis));
    let mut found = Vec::new();
    for operation in spec.operations.values() {
        secrets("", &operation.parameters, &mut found);
        secrets("", &operation.response.fields, &mut found);
    }
    assert_eq!(found, [".EnvironmentVar.Value", ".Env", ".Credential", ".Upload.Signature"]);
}

fn secrets(outer: &str, fields: &[Shape], found: &mut Vec<String>) {
    for field in fields {
        let path = format!("{outer}.{}", field.name);
        if field.secret {
            found.push(path.clone());
        }
        secrets(&path, field.of.as_deref().map_or(&field.fields, |of| &of.fields), found);
    }
}
