"""Bytes of a stranger's file → text. What is no table is refused by its name; what is packed or encoded is undone."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import unicodedata
import zlib
from collections import Counter

from vibcore.types import ConfigError

LARGEST = 10 * 2**20  # bytes, unpacked too
SAMPLE = 2**16  # bytes from which an encoding is guessed
CSV = "Save the table as CSV in UTF-8 in the program that wrote it and choose that file."
EITHER = "Save a workbook as CSV in UTF-8; unpack any other archive. Choose the CSV file."
UNPACK = "Unpack it and choose the CSV file in it."
EXPORT = "Write the table as CSV and choose that file, e.g. with to_csv of pandas."
# first bytes of what is not text, what it is and what to do
SIGNS = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", CSV),
    (b"%PDF", "a PDF document", "Copy the table into a spreadsheet and save it as CSV."),
    (b"PAR1", "a Parquet file", EXPORT),
    (b"ARROW1", "an Arrow file", EXPORT),
    (b"FEA1", "a Feather file", EXPORT),
    (b"\x89HDF", "an HDF5 file", EXPORT),
    (b"SQLite format 3", "an SQLite database", EXPORT),
    (b"\x93NUMPY", "a NumPy array", "Write it as CSV with numpy.savetxt."),
    (b"\x80\x02", "a Python pickle", EXPORT),
    (b"\x80\x03", "a Python pickle", EXPORT),
    (b"\x80\x04", "a Python pickle", EXPORT),
    (b"\x80\x05", "a Python pickle", EXPORT),
    (b"MATLAB ", "a MATLAB file", "Write it as CSV with writematrix."),
    (b"$FL", "an SPSS file", CSV),
    (b"<stata_dta>", "a Stata file", CSV),
    (b"RDX", "an R data file", "Write it as CSV with write.csv."),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\xfd7zXZ", "an xz archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
    (b"7z\xbc\xaf", "a 7-Zip archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"\x89PNG", "a picture", "Choose the table that it shows."),
    (b"\xff\xd8\xff", "a picture", "Choose the table that it shows."),
    (b"GIF8", "a picture", "Choose the table that it shows."),
)
# how text begins that is no table
WORDS = (
    (r"version https://git-lfs", "a Git LFS pointer, not the file itself", "Fetch the file, with git lfs pull."),
    (r"(%[^\n]*\n|\s)*@relation\b", "an ARFF file", "Delete all lines up to @data, or save the set as CSV."),
    (
        r"<(!doctype html|html|head|body|table)",
        "a web page (HTML)",
        "Download the file itself rather than the page that shows it.",
    ),
    (r"<[?!]|<[a-z][^\n]*>[ \t\r]*(\n|\Z)", "an XML file", "Save the table as CSV."),
    (r"(\{|\[)\s*([\"{\[\]}]|-?\d)", "a JSON file", "Write it as CSV."),
    (r"\{\\rtf", "an RTF document", CSV),
    (r"%%MatrixMarket", "a sparse matrix", "Write it as CSV with a column for each feature."),
    (r"[+-]?[\d.]+([ \t]+\d+:\S+)+\s", "a sparse table (svmlight)", "Write it as CSV with a column for each feature."),
    (r"(--[^\n]*\n|/\*.*?\*/|\s)*(create table|insert into|drop table)\b", "an SQL script", "Export the table as CSV."),
)
SYMBOLS = "°µ²³±€£–—‘’“”…×½· "
# letters beyond ASCII, language by language: German, French, Italian and Catalan, Spanish, Portuguese, the Nordic and
# Estonian; Polish, Czech and Slovak, Hungarian, Croatian and Slovene, Romanian; Turkish
WEST = ("äöüß", "àâæçéèêëîïôœùûü", "àèéìíîïòóùúç", "áéíñóúü", "ãáàâçéêíóõôúü", "åäöæøéü", "áéíóúýþæðö", "äõöüšž")
EAST = ("ąćęłńóśźż", "áäčďéěíĺľňóôŕřšťúůýž", "áéíóöőúüű", "čćđšž", "ăâîşţ")
# encodings that are tried, the likeliest first: name, languages
TRIED = {
    "cp1252": ("Windows-1252", WEST),
    "mac_roman": ("Mac Roman", WEST),
    "cp850": ("DOS code page 850", WEST),
    "cp1250": ("Windows-1250", EAST),
    "iso8859_2": ("ISO 8859-2", EAST),
    "cp1254": ("Windows-1254", ("çğıöşüâî",)),
}


def text(data: bytes, largest: int = LARGEST) -> tuple[str, list[str]]:
    """The text of a file, without byte order mark, and what was done to get it. Raises ConfigError."""
    _check_size(len(data), largest)
    notes = []
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data, largest)
        notes.append("Unpacked from gzip.")
    _refuse_binary(data)
    found, encoding = _decoded(data)
    notes += [f"The text is read as {encoding}."] if encoding else []
    found = found.lstrip("\ufeff").rstrip("\x1a\0").replace("\0", "")
    found = found if found.isascii() else unicodedata.normalize("NFC", found)  # é in one sign is é in two
    if not found.strip():
        raise ConfigError("table", "an empty file", "a header and rows of numbers", "Choose another file.")
    _refuse_markup(found)
    return found, notes


def _check_size(size: int, largest: int) -> None:
    if size > largest:
        got = f"{size / 2**20:.1f} MiB" if size != largest + 1 else f"more than {largest >> 20} MiB"
        raise ConfigError("table", got, f"at most {largest >> 20} MiB, unpacked", "Leave out rows or columns.")


def _unpacked(data: bytes, largest: int) -> bytes:
    """What a gzip file holds, never more than a table may: a small file can unpack to gigabytes."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            found = file.read(largest + 1)
    except (OSError, EOFError, zlib.error) as error:
        remedy = "Pack the table again, or choose the CSV itself."
        raise ConfigError("table", f"a damaged gzip file ({error})"[:80], "one that unpacks", remedy) from None
    _check_size(len(found), largest)
    return found


def _refuse_binary(data: bytes) -> None:
    """ConfigError that names what is known to be no text."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise ConfigError("table", _zip_name(data), "a text file", CSV if b"xl/" in data else EITHER)
    for sign, name, remedy in SIGNS:
        if data.startswith(sign):
            raise ConfigError("table", name, "a text file", remedy)
    if data[257:262] == b"ustar":
        raise ConfigError("table", "a tar archive", "a text file", UNPACK)


def _zip_name(data: bytes) -> str:
    if b"xl/" in data:
        return "an Excel workbook"
    if b"opendocument" in data[:200]:
        return "an OpenDocument file"
    if b".npy" in data[:200]:
        return "a NumPy archive"
    return "an Excel workbook or another ZIP archive"


def _refuse_markup(found: str) -> None:
    """ConfigError that names text which is no table."""
    head = found[:5000].lstrip()
    for pattern, name, remedy in WORDS:
        if re.match(pattern, head, re.IGNORECASE | re.DOTALL):
            raise ConfigError("table", name, "a table of text, as CSV", remedy)
    controls = len(re.findall(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]", found[:SAMPLE]))
    if controls > 10 + len(found[:SAMPLE]) // 50:
        raise ConfigError("table", "bytes that are no text", "a text file", "Save the table as CSV in UTF-8.")


def _decoded(data: bytes) -> tuple[str, str]:
    """Text and, where it is not UTF-8, the encoding's name."""
    for mark, codec in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(codec, errors="replace"), codec.upper()
    even, odd = data[:4096:2].count(0), data[1:4096:2].count(0)
    if max(even, odd) > len(data[:4096]) / 5 and min(even, odd) * 10 < max(even, odd):
        codec = "utf-16-le" if odd > even else "utf-16-be"
        return data.decode(codec, errors="replace"), codec.upper()
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        return _guessed(data)


def _guessed(data: bytes) -> tuple[str, str]:
    """Text that is no UTF-8, by the bytes beyond ASCII: damaged UTF-8, Western European, or something else."""
    repaired = data.decode("utf-8", errors="replace")
    lost, kept = repaired.count("�"), len(re.findall(r"[^\x00-\x7f�]", repaired))
    if kept > 2 * lost:
        return repaired, f"UTF-8, with {lost} damaged byte{'s' * (lost > 1)} shown as �"
    lines = [line for line in re.split(rb"[\r\n]+", data) if re.search(rb"[\x80-\xff]", line)]
    sample = b"\n".join(lines)[:SAMPLE]
    share = {
        codec: max(_share(sample.decode(codec, "replace"), letters) for letters in TRIED[codec][1]) for codec in TRIED
    }
    codec = max(share, key=share.__getitem__)
    runs = re.findall(rb"[\x80-\xff]+", sample)
    if share[codec] < 1 and sum(map(len, runs)) > 1.8 * len(runs):  # accents stand alone; other alphabets make words
        for each in ("shift_jis", "euc_jp"):  # kana leave no doubt
            kana = re.findall("[ぁ-ヶ]", sample.decode(each, errors="ignore"))
            if len(kana) > len(runs) / 5:
                return data.decode(each, errors="replace"), f"{each}, which is a guess"
        from charset_normalizer import from_bytes

        best = from_bytes(sample).best()
        if best is not None and best.encoding not in ("ascii", "utf_8"):
            return data.decode(best.encoding, errors="replace"), f"{best.encoding}, which is a guess"
    return data.decode(codec, errors="replace"), f"{TRIED[codec][0]}, which is a guess"


def _share(found: str, letters: str) -> float:
    """How much of what is beyond ASCII looks like words of the language that has these letters, at most 1."""
    beyond = Counter(re.findall(r"(?<=(.))([^\x00-\x7f])(?=(.))", f"\n{found}\n", re.DOTALL))
    score = 0
    for (before, char, after), times in beyond.items():
        inside = char.isupper() and before.isalpha() and after.islower()  # a capital within a word
        apart = not (after.isalpha() if char in SYMBOLS else before.isalpha() or char not in "¿¡")  # m² ends a word
        score += times if (char.lower() in letters and not inside) or apart else 0
    return score / max(1, beyond.total())
