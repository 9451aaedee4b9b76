//! A sentence about an operation that has no summary, made of the words of its name and nothing else:
//! `DescribeDBInstanceAttribute` becomes "Describes DB instance attribute."

use super::words;

/// Words that operations begin with and that say what is done.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "abolish", "abort", "accept", "acquire", "activate", "add", "adjust", "allocate", "allow", "alter", "analyze",
    "append", "apply", "approve", "assign", "associate", "assume", "attach", "audit", "authorize", "begin", "bind",
    "build", "cancel", "change", "check", "clear", "clone", "close", "commit", "compare", "complete", "configure",
    "confirm", "connect", "continue", "convert", "copy", "count", "create", "deactivate", "debug", "decode",
    "decommission", "decrease", "decrypt", "deduct", "delete", "deny", "deploy", "deregister", "describe", "destroy",
    "detach", "detect", "diagnose", "disable", "disassociate", "disconnect", "dismiss", "dissociate", "downgrade",
    "download", "drop", "edit", "enable", "encode", "encrypt", "end", "enroll", "enter", "estimate", "evaluate",
    "evict", "exchange", "execute", "exit", "expand", "export", "extend", "extract", "fail", "fetch", "fill", "find",
    "finish", "fix", "flush", "forbid", "force", "freeze", "generate", "get", "grant", "handle", "hold", "identify",
    "ignore", "import", "increase", "initialize", "initiate", "insert", "inspect", "install", "invite", "invoke",
    "join", "kill", "launch", "leave", "list", "load", "lock", "manage", "mark", "merge", "migrate", "modify", "move",
    "mute", "notify", "obtain", "open", "operate", "optimize", "parse", "patch", "pause", "perform", "precheck",
    "predict", "preload", "preview", "process", "produce", "promote", "publish", "pull", "purchase", "purge", "push",
    "put", "query", "reactivate", "read", "reboot", "rebuild", "recall", "recognize", "recover", "recreate",
    "redeploy", "refresh", "refund", "refuse", "register", "reject", "release", "remove", "rename", "render", "renew",
    "repair", "replace", "request", "rerun", "resend", "reserve", "reset", "resize", "resolve", "restart", "restore",
    "resume", "retrieve", "retry", "return", "revert", "revoke", "roll", "rotate", "run", "save", "scale", "scan",
    "schedule", "search", "select", "send", "set", "share", "sign", "simulate", "skip", "split", "start", "stop",
    "submit", "subscribe", "suspend", "switch", "synchronize", "tag", "terminate", "test", "train", "transfer",
    "transform", "translate", "trigger", "unassign", "unassociate", "unbind", "unfreeze", "uninstall", "unlock",
    "unmark", "unregister", "unset", "unsubscribe", "untag", "update", "upgrade", "upload", "upsert", "validate",
    "verify", "view", "withdraw", "write",
];

/// How the vendor writes out what names shorten.
const SHORT_VERBS: &[(&str, &str)] = &[
    ("active", "activate"),
    ("config", "configure"),
    ("deactive", "deactivate"),
    ("del", "delete"),
    ("exec", "execute"),
    ("gen", "generate"),
    ("init", "initialize"),
    ("sync", "synchronize"),
];

/// Beginnings that the vendor writes with a capital after them: `UnTagResources`.
const PREFIXES: &[&str] = &["de", "dis", "pre", "re", "un"];

/// Words that names write like others and readers do not.
#[rustfmt::skip]
const SPELLINGS: &[&str] = &[
    "3D", "ACK", "ACL", "ACR", "AI", "ALB", "API", "APM", "APN", "ARMS", "ARN", "ASR", "AZ", "BGP", "BPS", "CA",
    "CAA", "CC", "CCN", "CDN", "CDT", "CEN", "CIDR", "CMS", "CNAME", "CPFS", "CPU", "CRC", "CRD", "CRL", "CSR",
    "CSV", "DAG", "DB", "DBFS", "DCDN", "DDL", "DDoS", "DHCP", "DNS", "DNSSEC", "DRDS", "DTS", "EBS", "ECI", "ECS",
    "EIP", "EMR", "ENI", "ENS", "ER", "ESS", "FC", "FPGA", "FTP", "GPU", "GTM", "GRPC", "GWLB", "HA", "HBase", "HDFS",
    "HPC", "HSM", "HTML", "HTTP", "HTTPS", "HTTPDNS", "IAM", "ICMP", "ICP", "ID", "IDC", "IDE", "IDP", "IKE", "IM",
    "IMM", "IO", "IOPS", "IP", "IPAM", "IPsec", "IPv4", "IPv6", "ISP", "ISV", "JSON", "JWT", "K8s", "KMS", "KV", "LDAP",
    "LLM", "MAC", "MCP", "MFA", "MQ", "MQTT", "NAS", "NAT", "NFS", "NIC", "NIS", "NLB", "OCR", "OCSP", "OIDC", "OOS",
    "OS", "OSS", "OTA", "OTP", "PDF", "PVTZ", "QPS", "QR", "QoS", "RAM", "RDS", "RPC", "ROS", "SAG", "SAML", "SCIM",
    "SDK", "SLA", "SLB", "SLR", "SLS", "SMB", "SMS", "SMTP", "SNAT", "SQL", "SSH", "SSL", "SSO", "STS",
    "TCP", "TDE", "TLS", "TTL", "TTS", "TXT", "UDF", "UDP", "UI", "UID", "URI", "URL", "UUID", "VBR", "VCO", "VIP",
    "VM", "VNC", "VOD", "VPC", "VPN", "VSC", "WAF", "XML", "YAML", "iOS", "vCPU", "vSwitch",
];

/// Names of products and the like, which fall into several words.
const TOGETHER: &[(&str, &str)] = &[
    ("click house", "ClickHouse"),
    ("mongo DB", "MongoDB"),
    ("polar DB", "PolarDB"),
    ("private link", "PrivateLink"),
    ("private zone", "PrivateZone"),
    ("kube config", "kubeconfig"),
];

/// What the words of an operation's name say.
struct Parsed {
    /// What is done, when that is known.
    verb: Option<String>,
    /// The words besides the verb.
    rest: Vec<String>,
    batch: bool,
}

fn parse(name: &str) -> Parsed {
    let pieces = words::pieces(name);
    let lower: Vec<String> = pieces.iter().take(2).map(|word| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let (verb, batch, used) = match lower.as_slice() {
        ["batch", next] if known_verb(next).is_some() => (known_verb(next).map(str::to_owned), true, 2),
        [prefix, next] if PREFIXES.contains(prefix) && known_verb(next).is_some() => {
            (known_verb(next).map(|verb| format!("{prefix}{verb}")), false, 2)
        }
        [first, ..] if known_verb(first).is_some() => (known_verb(first).map(str::to_owned), false, 1),
        _ => (None, false, 0),
    };
    Parsed { verb, rest: pieces.into_iter().skip(used).collect(), batch }
}

/// A line about an operation, from its name.
pub(crate) fn of(name: &str) -> String {
    let Parsed { verb, rest, batch } = parse(name);
    let words: Vec<_> =
        verb.iter().map(|verb| third_person(verb)).chain(rest.iter().map(|word| spelling(word))).collect();
    if words.is_empty() {
        return format!("{name}.");
    }
    heading(&words) + if batch { " in batches." } else { "." }
}

/// What an operation is about: the words of its name besides the verb.
pub(crate) fn subject(name: &str) -> Vec<String> {
    parse(name).rest
}

/// Words as the beginning of a sentence.
pub(crate) fn heading(words: &[String]) -> String {
    let mut text = words.iter().map(|word| spelling(word)).collect::<Vec<_>>().join(" ");
    for (apart, together) in TOGETHER {
        text = replace_words(&text, apart, together);
    }
    capital(&text)
}

fn known_verb(word: &str) -> Option<&str> {
    let long = SHORT_VERBS.iter().find(|(short, _)| *short == word).map(|(_, long)| *long);
    long.or_else(|| VERBS.contains(&word).then_some(word))
}

/// `query` becomes `queries`.
fn third_person(verb: &str) -> String {
    match verb.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        Some(stem) => format!("{stem}ies"),
        None if ["s", "x", "z", "ch", "sh", "o"].iter().any(|end| verb.ends_with(end)) => format!("{verb}es"),
        None => format!("{verb}s"),
    }
}

/// A word as readers write it inside of a sentence.
fn spelling(word: &str) -> String {
    let written = |word: &str| SPELLINGS.iter().find(|known| known.eq_ignore_ascii_case(word));
    if let Some(known) = written(word) {
        return (*known).to_owned();
    }
    if let Some(known) = word.strip_suffix("es").and_then(written).filter(|known| known.ends_with("ch")) {
        return format!("{known}es");
    }
    if let Some(known) = word.strip_suffix('s').and_then(written) {
        return format!("{known}s");
    }
    let capitals = word.chars().filter(|letter| letter.is_uppercase()).count();
    // An acronym, or a name with capitals inside.
    if capitals > 1 { word.to_owned() } else { word.to_lowercase() }
}

fn replace_words(text: &str, apart: &str, together: &str) -> String {
    let padded = format!(" {text} ").replace(&format!(" {apart} "), &format!(" {together} "));
    padded.trim().to_owned()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters.as_str().chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_sentence() {
        let table = [
            ("DescribeDBInstanceAttribute", "Describes DB instance attribute."),
            ("DescribeInstances", "Describes instances."),
            ("DescribeVSwitches", "Describes vSwitches."),
            ("ModifyVSwitchAttribute", "Modifies vSwitch attribute."),
            ("AddVMIntoServiceMesh", "Adds VM into service mesh."),
            ("DescribeVMsInServiceMesh", "Describes VMs in service mesh."),
            ("AllocateEipAddress", "Allocates EIP address."),
            ("UnassociateEipAddress", "Unassociates EIP address."),
            ("CreateIpv6Gateway", "Creates IPv6 gateway."),
            ("CreateIPv6Translator", "Creates IPv6 translator."),
            ("ListPublicIpAddressPoolCidrBlocks", "Lists public IP address pool CIDR blocks."),
            ("QueryAvailableInstances", "Queries available instances."),
            ("DeployApplication", "Deploys application."),
            ("SearchTracesByPage", "Searches traces by page."),
            ("AttachDisk", "Attaches disk."),
            ("PushObjectCache", "Pushes object cache."),
            ("GetIPs", "Gets IPs."),
            ("ListUserIds", "Lists user IDs."),
            ("ListAPIs", "Lists APIs."),
            ("UnTagResources", "Untags resources."),
            ("ReActivateInstance", "Reactivates instance."),
            ("ReInitDisk", "Reinitializes disk."),
            ("PreCheckCreateOrder", "Prechecks create order."),
            ("BatchSetCdnDomainConfig", "Sets CDN domain config in batches."),
            ("BatchEvent", "Batch event."),
            ("DelDomain", "Deletes domain."),
            ("DescribeMongoDBLogConfig", "Describes MongoDB log config."),
            ("DescribePolarDBInstances", "Describes PolarDB instances."),
            ("DescribeMySQLInstances", "Describes MySQL instances."),
            ("createTicketWithBizData", "Creates ticket with biz data."),
            ("SentinelUpdateFlowRule", "Sentinel update flow rule."),
            ("CDNRefresh", "CDN refresh."),
            ("Pub", "Pub."),
            ("List", "Lists."),
            ("DescribeK8sClusters", "Describes K8s clusters."),
            ("get_user", "Gets user."),
            ("", "."),
            ("*", "*."),
        ];
        for (name, sentence) in table {
            assert_eq!(of(name), sentence, "{name}");
        }
    }

    #[test]
    fn the_lists_hold_what_is_looked_up() {
        assert!(VERBS.is_sorted());
        assert!(VERBS.iter().all(|verb| verb.chars().all(|letter| letter.is_ascii_lowercase())));
        assert!(SHORT_VERBS.iter().all(|(_, verb)| VERBS.contains(verb)));
        for (index, word) in SPELLINGS.iter().enumerate() {
            assert!(!SPELLINGS[..index].iter().any(|other| other.eq_ignore_ascii_case(word)), "{word} twice");
        }
    }
}
