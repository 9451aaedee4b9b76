//! Which values are secrets, told from their names. One rule for all products, reviewed as a whole.

/// Words (or runs of words) that make a value a secret.
const SECRET: &[&[&str]] = &[
    &["password"],
    &["passwd"],
    &["pwd"],
    &["passphrase"],
    &["secret"],
    &["credential"],
    &["credentials"],
    &["kubeconfig"],
    &["kube", "config"],
    &["private", "key"],
    &["access", "key"],
    &["api", "key"],
    &["secret", "key"],
    &["secrets"],
    &["token"],
    &["authorization"],
    &["saml", "assertion"],
    &["plaintext"],
];

/// Words before `token` that make it a mark in a list, or a name of one call: no secret.
const MARKS: &str = "\
    client next nextpage page previous continuation cursor scroll marker idempotent async process sync result \
    task retry action alive prompt input output text image audio total max min type idempotence";

/// Last words that make it a fact about a secret instead: `SecretName`, `PasswordPolicy`, `AccessKeyId`.
const ABOUT: &str = "\
    id ids name names arn arns type types version versions status state count num number time date day days \
    expiration expires expire ttl period interval length size limit quota policy rule rules mode level strategy \
    strength enabled enable required require flag algorithm source url uri endpoint path region owner user \
    description desc remark label labels tag tags filter filters format encoding rotation usage scope provider \
    category kind method index order page option options used created updated exist exists valid changed reset \
    location namespace domain action operation service audience issuer seconds in at on lifetime validity \
    identifier identifiers vendor modified area fingerprint print prefix prefixes preview mask masked reason \
    priority module inherit mobile timeout hint position issued address age info infos config configs setting \
    settings list stage stages code message server issuers";

/// First words that do the same: `EnablePassword…`, `IsSecret`.
const ASKED: &str = "\
    enable enabled is has need use allow force support create modify check show max min";

/// Whether a text of this name must never be printed.
pub(crate) fn is_secret(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some(last) = words.last() else { return false };
    let first = words.first().copied().unwrap_or_default();
    let marks = words.windows(2).any(|pair| matches!(pair, [mark, "token"] if listed(MARKS, mark)));
    if marks || words.ends_with(&["secret", "no"]) {
        return false;
    }
    let holds = |run: &&[&str]| words.windows(run.len()).any(|window| window == *run);
    let whole = SECRET.iter().any(|run| words.ends_with(run));
    (whole || !listed(ABOUT, last)) && !listed(ASKED, first) && SECRET.iter().any(holds)
}

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

/// Splits `dbAccountPassword`, `db_account_password` and `DBAccountPassword` alike.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| letters.get(index));
        let after = letters.get(index + 1);
        let starts = letter.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_numeric())
                || (before.is_some_and(|before| before.is_uppercase())
                    && after.is_some_and(|after| after.is_lowercase())));
        if starts || !letter.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}
