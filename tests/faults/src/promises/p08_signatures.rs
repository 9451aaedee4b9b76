//! What is signed is what is sent, whatever the values are.

use std::sync::Arc;

use super::{Figure, Promise, Scale, real};
use crate::{
    Fault, FaultServer,
    random::{Random, at},
    things::{self, PutThing},
};

pub(super) const PROMISE: Promise = Promise {
    id: "P8, P9",
    title: "Signatures are exact; wire bytes = signed bytes",
    pass: "random path, query, header and body values (100,000 when full): 0 refused by a verifier that reads the raw bytes",
    measure: |scale| real(measure(scale)),
};

const AWKWARD: &[&str] = &[
    "+",
    "*",
    "~",
    "%",
    "/",
    ".",
    "..",
    "\\",
    " ",
    "  ",
    "&",
    "=",
    "?",
    "#",
    ":",
    ";",
    ",",
    "'",
    "\"",
    "<",
    ">",
    "(",
    ")",
    "!",
    "@",
    "$",
    "|",
    "^",
    "`",
    "{",
    "}",
    "[",
    "]",
    "%2e%2e",
    "%00",
    "é",
    "😀",
    "\u{3002}",
    "\u{ff0f}",
    "\u{200b}",
    "ß",
    "İ",
    "a",
    "Z",
    "0",
    "-",
    "_",
    "\t",
    "\n",
    "\r\n",
    "\u{7f}",
    "\u{0}",
    "\u{feff}",
    "\u{10ffff}",
];

async fn measure(scale: Scale) -> Figure {
    let server = Arc::new(FaultServer::start(|_| Fault::None).await.unwrap());
    let client = things::client(&server.builder().build().unwrap());
    let each = scale.pick(500, 12_500);
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8_u64 {
        let client = client.clone();
        tasks.spawn(async move {
            let (mut sent, mut refused, mut lost) = (0, 0, Vec::new());
            for number in 0..each {
                let call = random_call(&client, &mut at(task, number));
                match call.send().await {
                    Ok(_) => sent += 1,
                    // Values that cannot travel safely are refused before anything is sent.
                    Err(error) if matches!(error.kind(), alicloud_core::ErrorKind::InvalidInput(_)) => refused += 1,
                    Err(error) => lost.push(error.to_string()),
                }
            }
            (sent, refused, lost)
        });
    }
    let (mut sent, mut refused, mut lost) = (0, 0, Vec::new());
    for (one, two, three) in tasks.join_all().await {
        sent += one;
        refused += two;
        lost.extend(three);
    }
    let invalid = server.ledger().invalid_signatures();
    let example = lost.first().or(invalid.first()).cloned().unwrap_or_default();
    Figure::new(
        lost.is_empty() && invalid.is_empty() && sent > refused,
        format!(
            "{sent} sent, {} with another signature, {refused} refused beforehand, {} lost {example}",
            invalid.len(),
            lost.len()
        ),
    )
}

fn random_call(client: &alicloud_core::Client, random: &mut Random) -> alicloud_core::Call<PutThing> {
    let mut call = alicloud_core::Call::<PutThing>::new(client);
    call.request.name = Some(text(random, 4));
    call.request.part = Some(text(random, 4));
    call.request.filter = Some(text(random, 8));
    call.request.tags = Some((0..random.below(4)).map(|_| text(random, 3)).collect());
    // Most headers are sensible, or hardly anything would be sent.
    call.request.note = Some(if random.percent(20) { text(random, 3) } else { " inner  blanks ".to_owned() });
    call.request.body = Some(text(random, 16));
    call
}

fn text(random: &mut Random, longest: u64) -> String {
    let length = 1 + random.below(longest);
    let pieces = (0..length).map(|_| {
        let index = usize::try_from(random.below(AWKWARD.len() as u64)).unwrap();
        // Control characters are refused in paths and headers; they are rare here.
        let piece = AWKWARD[index];
        if piece.chars().any(char::is_control) && random.percent(90) { "x" } else { piece }
    });
    pieces.collect()
}
