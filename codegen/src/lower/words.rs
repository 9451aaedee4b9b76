//! API names into words.
//!
//! The vendor writes `DescribeVMsInServiceMesh`, `VSwitchIds`, `IPv4CidrBlock`, `x-oss-meta-*`. Rules of
//! thumb for camel case take these apart in the wrong places, so the splitter knows acronyms in the
//! plural and a short list of words that mix cases.

use unicode_ident::is_xid_continue;

/// Words that keep their mixed case on purpose. Longer ones first where one begins another.
const MIXED: &[&str] = &[
    "PostgreSQL",
    "MySQL",
    "NoSQL",
    "GraphQL",
    "VSwitch",
    "vSwitch",
    "OAuth",
    "HBase",
    "DDoS",
    "LoRa",
    "IPSec",
    "IPsec",
    "IPv4",
    "IPv6",
    "IaaS",
    "PaaS",
    "SaaS",
    "FaaS",
    "macOS",
    "MacOS",
    "mTLS",
    "vCPU",
    "iOS",
    "QoS",
    "IoT",
];

/// The words of a name in lower case. Everything that cannot be part of an identifier separates words, and
/// so does `_`.
pub(crate) fn split(name: &str) -> Vec<String> {
    pieces(name).iter().map(|word| word.chars().flat_map(char::to_lowercase).collect()).collect()
}

/// The words of a name as it writes them.
pub(crate) fn pieces(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut words = Vec::new();
    let mut rest = characters.as_slice();
    while let Some(&first) = rest.first() {
        let length = if is_part(first) { word_length(rest) } else { 0 };
        let (word, tail) = rest.split_at_checked(length.max(1)).unwrap_or((rest, &[]));
        if length > 0 {
            words.push(word.iter().collect());
        }
        rest = tail;
    }
    words
}

fn is_part(character: char) -> bool {
    character != '_' && is_xid_continue(character)
}

/// Length of the word at the beginning of `text`, which begins with a letter or digit.
fn word_length(text: &[char]) -> usize {
    if let Some(length) = MIXED.iter().find_map(|word| mixed_word(text, word)) {
        return length;
    }
    let capitals = count(text, |c| c.is_uppercase());
    let after = |at: usize| text.get(at).copied().unwrap_or(' ');
    let start = match capitals {
        0 | 1 => capitals,
        // `VMsIn`: the plural of an acronym.
        _ if after(capitals) == 's' && !after(capitals + 1).is_lowercase() => return capitals + 1,
        // `DBInstance`: the last capital begins the next word.
        _ if after(capitals).is_lowercase() => return capitals - 1,
        // `MD5sum`, `SHA256`: digits and what follows belong to the acronym.
        _ => capitals,
    };
    start + count(text.get(start..).unwrap_or_default(), |c| is_part(*c) && !c.is_uppercase())
}

fn mixed_word(text: &[char], word: &str) -> Option<usize> {
    let length = word.chars().count();
    let rest = text.get(length..)?;
    if !text.iter().zip(word.chars()).all(|(a, b)| *a == b) {
        return None;
    }
    let plural = [&['s'][..], &['e', 's'], &[]].into_iter().find(|end| {
        rest.strip_prefix(*end).is_some_and(|after| !after.first().is_some_and(|next| next.is_lowercase()))
    })?;
    Some(length + plural.len())
}

fn count(text: &[char], matches: impl Fn(&char) -> bool) -> usize {
    text.iter().take_while(|c| matches(c)).count()
}

/// Words that end like a plural and are none.
const SINGULAR: &[&str] = &["acs", "aws", "dns", "ecs", "kms", "nas", "news", "oss", "rds", "series", "sls", "sms"];

/// Endings of plurals and what they become; the first that fits decides.
const PLURALS: &[(&str, &str)] = &[
    ("ies", "y"),
    ("sses", "ss"),
    ("tuses", "tus"),
    ("aliases", "alias"),
    ("xes", "x"),
    ("aches", "ache"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("apis", "api"),
    ("pus", "pu"),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("s", ""),
];

/// One of many: `instances` is a list of `instance`.
pub(crate) fn singular(word: &str) -> String {
    if word.len() < 3 || SINGULAR.contains(&word) {
        return word.to_owned();
    }
    PLURALS
        .iter()
        .find_map(|(end, one)| word.strip_suffix(end).map(|stem| format!("{stem}{one}")))
        .unwrap_or_else(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_the_words_people_read() {
        let table = [
            ("DescribeServiceMeshUpgradeStatus", "describe service mesh upgrade status"),
            ("DescribeCens", "describe cens"),
            ("DescribeVMsInServiceMesh", "describe vms in service mesh"),
            ("AddVMIntoServiceMesh", "add vm into service mesh"),
            ("EnableSDS", "enable sds"),
            ("DBInstanceIDs", "db instance ids"),
            ("K8sClusterId", "k8s cluster id"),
            ("VSwitches", "vswitches"),
            ("VSwitchIds", "vswitch ids"),
            ("IPv4CidrBlock", "ipv4 cidr block"),
            ("IPv6s", "ipv6s"),
            ("QoSId", "qos id"),
            ("vCPUs", "vcpus"),
            ("MD5sum", "md5sum"),
            ("SHA256Sum", "sha256 sum"),
            ("405Pv", "405 pv"),
            ("8Core64GB", "8 core64 gb"),
            ("x-oss-meta-*", "x oss meta"),
            ("Escalations.Info.Threshold", "escalations info threshold"),
            ("x\u{2011}oss\u{2011}tagging", "x oss tagging"),
            ("__topic__", "topic"),
            ("createTicketWithBizData", "create ticket with biz data"),
            ("通过", "通过"),
            ("", ""),
            ("*", ""),
        ];
        for (name, words) in table {
            assert_eq!(split(name).join(" "), words, "{name}");
        }
    }

    #[test]
    fn one_of_many_is_named_in_the_singular() {
        let table = [
            ("instances", "instance"),
            ("policies", "policy"),
            ("addresses", "address"),
            ("statuses", "status"),
            ("status", "status"),
            ("databases", "database"),
            ("records", "record"),
            ("specs", "spec"),
            ("apis", "api"),
            ("gpus", "gpu"),
            ("aliases", "alias"),
            ("ecs", "ecs"),
            ("switches", "switch"),
            ("caches", "cache"),
            ("boxes", "box"),
            ("ids", "id"),
            ("data", "data"),
            ("series", "series"),
            ("analysis", "analysis"),
            ("as", "as"),
        ];
        for (many, one) in table {
            assert_eq!(singular(many), one, "{many}");
        }
    }
}
