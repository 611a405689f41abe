"""How people write gaps, codes for gaps, ids and dates."""

import re

GAPS = {
    "",
    "?",
    "NA",
    "N/A",
    "n/a",
    "na",
    "#N/A",
    "#NA",
    "<NA>",
    "NULL",
    "null",
    "Null",
    "NaN",
    "nan",
    "NAN",
    "-nan",
    "-NaN",
    "None",
    "NaT",
    "‹NA›",
    "\\N",
}
NUMBER_GAPS = {g.lower() for g in GAPS} | {
    "-",
    "--",
    "—",
    "–",
    ".",
    "..",
    "...",
    "*",
    "n.a.",
    "n.d.",
    "nil",
    "missing",
    "unknown",
    "#div/0!",
    "#value!",
    "#ref!",
    "#name?",
    "#num!",
    "#null!",
    "1.#qnan",
    "1.#ind",
    "-1.#ind",
}
CODES = (-999.0, -9999.0, -99999.0, 9999.0, 99999.0, 999.0, -99.0)  # often written for a gap
ID = re.compile(
    r"(?i:unnamed(: ?\d+)?|index|idx|row(_?(id|names?|num(ber)?|nr))?|(.*[ _.-])?(id|uuid|guid|key)|"
    r"#|no\.?|nr\.?|num|lfd\.? ?nr\.?|serial( ?n(o|umber))?)|.*[a-z]I[dD]|X"
)
TIME = re.compile(r"(?i:(unix[_ ]?)?(time|date|time[_ ]?stamp|date[_ ]?time|epoch)([_ ]?m?s)?)")
TIMES = 1.8e7  # what is larger in a column of that name is seconds since 1970, or a date as 20240131
TRUE, FALSE = ("true", "t", "yes", "y"), ("false", "f", "no", "n")
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
DATED = re.compile(rf"\d{{1,4}}[-/.: ]|\d{{0,2}}({MONTHS})[a-z]*\.? ?\d", re.IGNORECASE)
DATES = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d.%m.%y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%d.%m.%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d %b %Y",
    "%d%b%Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %B %Y",
    "%H:%M",
    "%H:%M:%S",
    "%H:%M:%S.%f",
    "%Y-%m",
    "ISO8601",
)
