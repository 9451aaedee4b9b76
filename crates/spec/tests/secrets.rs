//! What lets somebody in is marked as a secret in every spec. Marked values are never printed, and are
//! taken out of errors; so a mark too few leaks, and a mark too many makes errors hard to understand.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use alicloud_spec::{Kind, Shape, Spec, load_dir};

/// Parts of names, in lower case and without signs between the words, that look like secrets.
const SUSPICIOUS: &str = "passw pwd passphrase secret token credential plaintext kubeconfig privatekey psk keytab jwt \
    cookie webhook websocket vnc download signature ticket qrcode seed userdata environment authinfo authorization";

/// The same at the end of a name.
const SUSPICIOUS_ENDS: &str = "key keys pem url urls uri uris link links accsk osssk cak pri pin otp env envs session webhooks \
    authcode verificationcode verifycode certifycode activationcode smscode code1 code2 ikeconfig templateparam";

/// Ends of names that say something about a value without holding it.
const FACTS: &str = "Id Ids ID id ids Name Names name names Type Types type types Status State state Time time Count \
    count Mode Method Algorithm Arn arn Policy Policies Version Length Size Number Num Period Level Enabled Enable";

/// Looks like a secret and is none: why, and which names.
const PLAIN: &[(&str, &str)] = &[
    (
        "marks in lists and names of one call",
        "ClientToken clientToken client_token NextToken nextToken next_token NextPageToken ContinuationToken \
         NextContinuationToken LastToken LifecycleActionToken lifecycleActionToken startKey inclusiveBeginKey \
         exclusiveEndKey session",
    ),
    (
        "counts of tokens of language models, and what is left of them",
        "CreditToken MonthlyCacheToken MonthlyInputToken MonthlyOutputToken MonthlyToken TotalCacheToken \
         TotalInputToken TotalOutputToken TotalToken",
    ),
    (
        "switches and settings around secrets",
        "AllowCredentials disableInjectCredentials HttpTokens http_tokens max_oidc_token_expiration \
         ParamNoLooseSentinelPasswordFreeAccess ParamNoLooseSentinelPasswordFreeCommands StickySession",
    ),
    (
        "keys of tags, labels, filters, dimensions and maps",
        "Key Keys key keys TagKey TagKeys tagKey tag_key tag_keys LabelSelectorKey AttributeKey ConditionKey \
         DimensionKey FeatureKey FilterKey fieldKey ipFieldKey vpcIdFieldKey GroupByKey GroupFounderTagKey \
         GroupKey groupingKeys ImportTagKey MetaKey MetricsKey MonitorKey MonitorKeys measureGroupKey SearchKey \
         SortKey settingKey statusKey SkillKey MainKey OutputKey ParameterKey PatchedKeys UpdatedKeys \
         partitionKey include_keys exclude_keys FailKeys SuccessKeys BaselineNameKey VulQueryKey",
    ),
    (
        "names of things that are kept elsewhere: a key in the key service, an object in a bucket, a query, a conversation",
        "DiagnosticKey EncryptionKey StorageEncryptionKey encryption_provider_key ExportKey OssKey SessionKey \
         UserAccAk",
    ),
    ("says whether a parameter belongs to a product", "IsInstancePolarDBKey IsInstanceRdsKey IsPolarDBKey IsRdsKey"),
    (
        "certificates and public keys are public, ciphertext needs a key, and the proof of owning a domain is published",
        "CaCertificateChainPem CertPem ServerCertPem PublicKey ExportedDataKey verifyKey KeytabMd5",
    ),
    ("the name of a cookie", "Cookie"),
    (
        "ids in a filter, a manifest, names of environments, templates of log lines",
        "containsCustomWebhooks containsDingWebhooks containsFsWebhooks containsSlackWebhooks containsWxWebhooks \
         SidecarInjectorWebhookAsYaml Envs tokens",
    ),
    (
        "papers that are handed in, as base64 or by date",
        "AppStoreDownloadPic AuthorizationLetterExpDate AuthorizationLetterPic",
    ),
    ("a path in a file system, a table of log settings", "ClientDownloadPath LogsDownloadAttributes"),
    (
        "addresses of services that ask for credentials of their own",
        "AgentUrl AuthCallbackURL BaseUrl ModelBaseUrl awsSQSQueueUrl ExternalUrl PrometheusUrl \
         GrafanaDashBoardUrl folderUrl httpApiUrl httpApiInterUrl httpApiInternalUrl httpApiIntraUrl \
         pushGatewayInterUrl pushGatewayInternalUrl pushGatewayIntraUrl remoteReadInterUrl remoteReadInternalUrl \
         remoteReadIntraUrl remoteWriteInterUrl remoteWriteInternalUrl remoteWriteIntraUrl interUrl intraUrl \
         IssuerUrl jwks_url open_api_configuration_url master_url token_url MetadataUrl TrustCardUrl URI BindUrl",
    ),
    (
        "addresses that are tested, called back, cached, forwarded to or blocked",
        "HealthCheckURI HealthCheckUrl httpGetUrl HttpURI CheckUrl NotificationURLs RedirectUris NewRedirectUris \
         Url url Uri WaitUri WaitUrl ServerCAUrl",
    ),
    (
        "pages and pictures for people, and files that are read with the caller's own permissions",
        "AuthorizationURL EnableURL AvatarUrl CardSmsLinks CveLink CveUrl DiagnoseReportLink DiagnoseUrl \
         TraceDisplayLink DocumentUrl HtmlUrl LongDescriptionUrl PoppedUpButtonUrl PunishUrl \
         ServiceAuditDocumentUrl ServiceDocUrl ServiceProductUrl SupplierUrl ShortUrl SourceUrl customUrl \
         OssOutputUri StackPolicyDuringUpdateURL StackPolicyURL TemplateDiffUrl TemplateURL TemplateUrl \
         resolvedImageUri links NeedMaxScaleLink",
    ),
];

/// Product, operation (`*` for all, `#` before a shared type) and field: never to be printed.
const SECRET: &str = "\
    cdn SetCdnDomainSSLCertificate SSLPri
    cdn DescribeCdnCertificateDetail Key
    cms * OptionsJson
    cms * DingWebHook
    cms * Webhook
    cms * TaskOption.HttpHeader
    cms CreateTicket ticket
    cms CreateAlertWebhook url
    cms CreateAlertWebhook headers
    cms ListAlertActions pagerDutyParam.key
    cms ListAlertActions webhookParam.url
    cms ListAlertRobots robots.url
    cms ListAlertRobots robotSignKey
    cms DescribeSiteMonitorAttribute OptionJson.cookie
    cms DescribeSiteMonitorAttribute auth_info.client_secret
    cms GetPrometheusInstance authToken
    cms PutExporterOutput ConfigJson
    computenestsupplier * Parameters.ParameterValue
    cr GetAuthorizationToken AuthorizationToken
    cr * TriggerUrl
    cs DescribeClusterUserKubeconfig config
    cs DescribeClusterV2UserKubeconfig config
    cs DescribeSubaccountK8sClusterUserConfig config
    cs DescribeExternalAgent config
    cs DescribeClusterAttachScripts body
    cs * login_password
    cs * user_data
    cs * pre_user_data
    dcdn DescribeDcdnWafBotAppKey AppKey
    dcdn SetDcdnDomainSSLCertificate SSLPri
    dds * BackupDownloadURL
    dds DescribeBinlogFiles DumpDownloadURL
    dysmsapi * TemplateParam
    dysmsapi SendBatchSms TemplateParamJson
    dysmsapi * CertifyCode
    dysmsapi * Signature
    dysmsapi QuerySendDetails Content
    dysmsapi GetMediaResourceId ResUrlDownload
    dysmsapi GetSmsSign FileUrlList
    eci * EnvironmentVar.Value
    eci * EnvironmentVars.Value
    eci * ConfigFileToPath.Content
    eci * ImageRegistryCredential.Password
    eci ExecContainerCommand HttpUrl
    eci ExecContainerCommand WebSocketUri
    ecs * UserData
    ecs * Password
    ecs CreateActivation ActivationCode
    ecs CreateKeyPair PrivateKeyBody
    ecs DescribeInstanceVncUrl VncUrl
    ecs StartTerminalSession WebSocketUrl
    ess * UserData
    ess * EnvironmentVars.Value
    ess * InitContainerEnvironmentVar.Value
    ess * ConfigFileVolumeConfigFileToPath.Content
    fc #CreateFunctionInput environmentVariables
    fc #Function environmentVariables
    fc #JuiceFsConfig envs
    fc #Snapshot envs
    fc #OutputFuncCode url
    fc #AuthConfig authInfo
    ims * Base32StringSeed
    ims * QRCodePNG
    ims * AuthenticationCode1
    ims * AuthenticationCode2
    ims CreateAppSecret AppSecretValue
    kms * Plaintext
    kms * SecretData
    kms * PrivateKeyData
    nas EnableSmbAcl Keytab
    oos CreateSecretParameter Value
    oos UpdateSecretParameter Value
    oos GetSecretParameter Parameter.Value
    oos GetSecretParameters Parameters.Value
    oos GetSecretParametersByPath Parameters.Value
    oos ListSecretParameterVersions Value
    polardb * UserAccSk
    polardb * UserDefaultAccSk
    polardb * CustomOssSk
    polardb * DownloadLink
    polardb * ChannelConfig
    polardb * CertContentB64
    polardb AddPolarClawMCPServer ServerConfig
    polardb GetPolarClawConfig Config
    polardb CreateAIDBCluster KubernetesConfig
    polardb CreateApplication AuthProviderConfig
    polardb DescribePolarFsAttribute MetaUrl
    polardb UpdateApplicationEnvironmentVariables Variables
    pvtz AddUserVpcAuthorization AuthCode
    r-kvstore * BackupDownloadURL
    ram CreateAccessKey AccessKeySecret
    ram * Base32StringSeed
    ram * QRCodePNG
    ram * AuthenticationCode1
    ram * AuthenticationCode2
    rds * ServerKey
    rds * PassWord
    rds * DownloadLink
    rds * IntranetDownloadLink
    rds * UserData
    rds DescribeSQLLogFiles LogDownloadURL
    rds DescribeHostWebShell LoginUrl
    rds DescribeRCInstanceVncUrl LoginUrl
    rds ListUserBackupFiles OssUrl
    rds CreateMigrateTask OSSUrls
    resourcemanager * VerificationCode
    ros CreateStack Parameters.ParameterValue
    servicemesh DescribeServiceMeshKubeconfig Kubeconfig
    servicemesh * ExistingCaKey
    servicemesh * ExistingRootCaKey
    servicemesh * KeyContent
    servicemesh * TokenContent
    servicemesh * KialiArmsAuthTokens
    slb UploadServerCertificate PrivateKey
    sls CreateTicket ticket
    sls RefreshToken ticket
    sls RefreshToken accessToken
    sls #AzureBlobIngestionConfigurationSource accountKey
    smartag * Md5Key
    sts AssumeRole Credentials.SecurityToken
    sts AssumeRole Credentials.AccessKeySecret
    vpc * Psk
    vpc * AuthKey
    vpc * Cak
    vpc * IkeConfig
    vpc DescribeSslVpnClientCert ClientKey
    vpc DescribePhysicalConnectionLOA LoaUrl
";

/// A field of a spec and where it is.
struct Field<'a> {
    product: &'a str,
    operation: String,
    path: String,
    shape: &'a Shape,
}

impl Field<'_> {
    /// Text, or something that may hold text.
    fn is_text(&self) -> bool {
        let text = |shape: &Shape| matches!(shape.kind, Some(Kind::String | Kind::Any));
        text(self.shape) || self.shape.of.as_deref().is_some_and(text)
    }
}

fn specs() -> Vec<Spec> {
    load_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../specs")).unwrap_or_else(|error| panic!("{error}"))
}

fn fields(specs: &[Spec]) -> Vec<Field<'_>> {
    let mut found = Vec::new();
    for spec in specs {
        for (name, operation) in &spec.operations {
            visit(&spec.product, name, "", &operation.parameters, &mut found);
            visit(&spec.product, name, "", &operation.response.fields, &mut found);
        }
        for (name, shape) in &spec.types {
            inside(&spec.product, &format!("#{name}"), "", shape, &mut found);
        }
    }
    found
}

fn visit<'a>(product: &'a str, operation: &str, outer: &str, fields: &'a [Shape], found: &mut Vec<Field<'a>>) {
    for shape in fields {
        let path = format!("{outer}.{}", shape.name);
        inside(product, operation, &path, shape, found);
        found.push(Field { product, operation: operation.to_owned(), path, shape });
    }
}

fn inside<'a>(product: &'a str, operation: &str, path: &str, shape: &'a Shape, found: &mut Vec<Field<'a>>) {
    visit(product, operation, path, &shape.fields, found);
    if let Some(of) = shape.of.as_deref() {
        inside(product, operation, path, of, found);
    }
}

fn is_suspicious(name: &str) -> bool {
    let plain: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let one = |list: &'static str, test: &dyn Fn(&str) -> bool| list.split_whitespace().any(test);
    !one(FACTS, &|end| name.ends_with(end))
        && (one(SUSPICIOUS, &|part| plain.contains(part)) || one(SUSPICIOUS_ENDS, &|end| plain.ends_with(end)))
}

#[test]
fn what_looks_like_a_secret_is_marked_or_known_to_be_none() {
    let specs = specs();
    let mut open: BTreeMap<&str, String> = BTreeMap::new();
    for field in fields(&specs) {
        if field.is_text() && !field.shape.secret && is_suspicious(&field.shape.name) {
            let place = format!("{} {} {}", field.product, field.operation, field.path);
            open.entry(&field.shape.name).or_insert(place);
        }
    }
    let mut known = BTreeSet::new();
    for (reason, names) in PLAIN {
        for name in names.split_whitespace() {
            assert!(known.insert(name), "{name} is listed twice ({reason})");
        }
    }
    let unknown: Vec<&String> = open.iter().filter(|(name, _)| !known.contains(**name)).map(|(_, at)| at).collect();
    assert!(unknown.is_empty(), "mark them or say why they are none: {unknown:#?}");
    let stale: Vec<&&str> = known.iter().filter(|name| !open.contains_key(**name)).collect();
    assert!(stale.is_empty(), "they are marked or gone: {stale:?}");
}

#[test]
fn known_secrets_are_marked() {
    let specs = specs();
    let fields = fields(&specs);
    for line in SECRET.lines().filter(|line| !line.trim().is_empty()) {
        let [product, operation, path] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("not a product, an operation and a field: {line}");
        };
        let end = format!(".{path}");
        let named = |field: &&Field<'_>| {
            field.product == product
                && (operation == "*" || field.operation == operation)
                && field.path.ends_with(&end)
                && field.is_text()
        };
        let mut seen = 0;
        for field in fields.iter().filter(named) {
            assert!(field.shape.secret, "{product} {} {} is not marked", field.operation, field.path);
            seen += 1;
        }
        assert!(seen > 0, "there is no {line}");
    }
}
