//! The spellings of paging, most telling first. Compared without case, `_` and `-`.

/// Parameters that take a page number.
pub(super) const PAGE: &[&str] = &[
    "pagenumber",
    "currentpage",
    "pageno",
    "pagenum",
    "pageindex",
    "currentpagenumber",
    "currentpageno",
    "pagenow",
    "curpage",
    "pageid",
    "page",
    "current",
    "pagenumer",
    "pagenumbers",
    "currentpagenum",
    "topage",
];

/// Parameters that take a page size, beside a page number.
pub(super) const PAGE_SIZE: &[&str] = &[
    "pagesize",
    "perpage",
    "pagelimit",
    "showsize",
    "maximumpagesize",
    "maxpagesize",
    "size",
    "limit",
    "rows",
    "maxresults",
    "maxresult",
    "currentsize",
];

/// The same beside a token or an offset.
pub(super) const SIZE: &[&str] = &[
    "maxresults",
    "maxresult",
    "maxitems",
    "maxkeys",
    "limit",
    "pagesize",
    "size",
    "maximumpagesize",
    "perpage",
    "count",
    "rows",
    "line",
];

/// Parameters that take a number of items to skip.
pub(super) const OFFSET: &[&str] = &["offset", "skip", "startoffset", "startrow", "pagestart", "start"];

/// Parameters that take a token, and the members of answers that hold the next one.
pub(super) const TOKENS: &[(&str, &[&str])] = &[
    ("nexttoken", &["nexttoken", "nextpagetoken"]),
    ("nextpagetoken", &["nextpagetoken", "nexttoken"]),
    ("pagetoken", &["nextpagetoken", "nexttoken", "pagetoken"]),
    ("paginationtoken", &["nextpaginationtoken", "nexttoken", "paginationtoken"]),
    ("nextmarker", &["nextmarker", "marker"]),
    ("marker", &["nextmarker", "marker"]),
    ("nextcursor", &["nextcursor", "cursor"]),
    ("cursor", &["nextcursor", "cursor"]),
    ("continuationtoken", &["nextcontinuationtoken", "continuationtoken"]),
    ("scrollid", &["scrollid", "nextscrollid"]),
    ("startkey", &["nextkey", "nextstartkey", "startkey"]),
    ("nextkey", &["nextkey"]),
    ("nextstart", &["nextstart"]),
    ("nextprimarykey", &["nextprimarykey"]),
    ("continue", &["continue"]),
    ("token", &["nexttoken", "nextpagetoken"]),
];

/// Tokens that stay the same from page to page.
pub(super) const SCROLLS: &[&str] = &["scrollid"];

/// Members that hold the number of all items.
pub(super) const TOTAL: &[&str] = &[
    "totalcount",
    "total",
    "totalrecordcount",
    "totalitems",
    "totalitemcount",
    "totalnum",
    "totalnumber",
    "totalrecords",
    "totalrecord",
    "totalcounts",
    "totalcnt",
    "totalsize",
    "totalelements",
    "totalresults",
    "totalitem",
    "totalrow",
    "totalrows",
    "totalitemnum",
    "totalrecordnum",
    "itemtotal",
    "recordtotal",
    "recordtotalcount",
    "totalhits",
    "alltotal",
    "allcount",
    "sumcount",
];

/// Members that say whether more follows.
pub(super) const MORE: &[&str] = &["hasmore", "istruncated", "truncated", "hasnextpage", "hasnext"];

/// Verbs of operations that make or change something, and take numbers for other reasons.
pub(super) const ACTING: &[&str] = &[
    "add",
    "aggregate",
    "create",
    "delete",
    "discover",
    "modify",
    "put",
    "remove",
    "run",
    "save",
    "send",
    "set",
    "start",
    "stop",
    "submit",
    "update",
];
