"""Edge cases of an import, with what each must come to.

The expectations are written by hand from the definition, never computed.
"""

import codecs
import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tests.oracle import ColumnMap, Contact, Failure, HeaderProblem, Options, PropertyMapping


@dataclass(frozen=True)
class Case:
    """`counts` are created, updated, skipped, failed.

    `contacts` gives, per e-mail, the fields that must be so afterwards. Failures are without their
    values.
    """

    name: str
    data: bytes
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)
    failures: tuple[Failure, ...] = ()
    contacts: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    stored: tuple[Contact, ...] = ()
    header_error: HeaderProblem | None = None

    def start(self) -> dict[str, Contact]:
        """Fresh copies of the contacts that are stored before the import."""
        return {contact.email: copy.deepcopy(contact) for contact in self.stored}


def without_values(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    """Failures as cases have them."""
    return tuple(replace(failure, value=None) for failure in failures)


def failed(row: int, column: str | None, code: str) -> tuple[Failure, ...]:
    return (Failure(row, column, code),)


def first(name: str) -> dict[str, dict[str, object]]:
    """The one contact of most cases, by its first name."""
    return {"a@b.co": {"first_name": name}}


def typed(kind: str) -> Options:
    return Options(ColumnMap(properties={"p": PropertyMapping("p", kind)}))


def properties(**values: object) -> dict[str, dict[str, object]]:
    return {"a@b.co": {"properties": values}}


SKIP = Options(on_conflict="skip")
ONE = (1, 0, 0, 0)
NONE_BUT_ONE_FAILED = (0, 0, 0, 1)
ANN = Contact(
    "a@b.co", "Ann", "Lee", False, {"plan": "pro", "age": 40}, {"s1"}, {"t1": "opt_in"}, version=3
)
PLAN_AND_AGE = ColumnMap(
    first_name="first_name",
    properties={"plan": PropertyMapping("plan"), "age": PropertyMapping("age", "number")},
)
TWO_BOOLEANS = ColumnMap(
    unsubscribed="u",
    properties={"n": PropertyMapping("n", "number"), "b": PropertyMapping("b", "boolean")},
)

ENCODINGS = [
    Case(
        "utf-8 without BOM", "email,first_name\na@b.co,Zoë\n".encode(), ONE, contacts=first("Zoë")
    ),
    Case(
        "utf-8 with BOM",
        "\ufeffemail,first_name\na@b.co,Zoë\n".encode(),
        ONE,
        contacts=first("Zoë"),
    ),
    Case(
        "utf-8 with BOM before a quoted header",
        '\ufeff"email","first_name"\na@b.co,Zoë\n'.encode(),
        ONE,
        contacts=first("Zoë"),
    ),
    Case(
        "two BOMs",
        "\ufeff\ufeffemail,first_name\na@b.co,Zoë\n".encode(),
        ONE,
        contacts=first("Zoë"),
    ),
    Case(
        "a BOM inside the file is text",
        "email,first_name\na@b.co,\ufeffZoë\n".encode(),
        ONE,
        contacts=first("\ufeffZoë"),
    ),
    Case(
        "utf-16 little-endian",
        codecs.BOM_UTF16_LE + "email,first_name\r\na@b.co,Zoë 😀\r\n".encode("utf-16-le"),
        ONE,
        contacts=first("Zoë 😀"),
    ),
    Case(
        "utf-16 big-endian",
        codecs.BOM_UTF16_BE + "email;first_name\na@b.co;Zoë\n".encode("utf-16-be"),
        ONE,
        contacts=first("Zoë"),
    ),
    Case(
        "utf-16 with a lone surrogate",
        codecs.BOM_UTF16_LE
        + "email,first_name\na@b.co,x\ud800y\nb@b.co,ok\n".encode("utf-16-le", "surrogatepass"),
        (1, 0, 0, 1),
        failed(2, "first_name", "invalid_encoding"),
        {"b@b.co": {"first_name": "ok"}},
    ),
    Case(
        "utf-16 with half a character at the end",
        codecs.BOM_UTF16_LE + "email,first_name\na@b.co,x".encode("utf-16-le") + b"y",
        NONE_BUT_ONE_FAILED,
        failed(2, "first_name", "invalid_encoding"),
    ),
    Case(
        "utf-16 with half a character in a column that is not mapped",
        codecs.BOM_UTF16_BE + "email,other\na@b.co,x".encode("utf-16-be") + b"\0",
        ONE,
    ),
    Case(
        "windows-1252 umlauts",
        "email,first_name,last_name\na@b.co,Jürgen,Müller\nb@b.co,Käthe,Weiß\n".encode("cp1252"),
        (2, 0, 0, 0),
        contacts={
            "a@b.co": {"first_name": "Jürgen", "last_name": "Müller"},
            "b@b.co": {"last_name": "Weiß"},
        },
    ),
    Case(
        "one bad byte among good utf-8 fails its record only",
        "email,first_name\na@b.co,Jürgen\nb@b.co,Käthe\nc@b.co,".encode()
        + b"M\xfcller\nd@b.co,Zoe\n",
        (3, 0, 0, 1),
        failed(4, "first_name", "invalid_encoding"),
        {"d@b.co": {"first_name": "Zoe"}},
    ),
    Case(
        "a bad byte in a column that is not mapped",
        "email,first_name,note\na@b.co,Jürgen,é".encode() + b"\xff\n",
        ONE,
        contacts=first("Jürgen"),
    ),
    Case(
        "a bad byte in the e-mail comes before the e-mail rule",
        "\ufeffemail\n".encode() + b"a\xff@b.co\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "invalid_encoding"),
    ),
    Case(
        "bad utf-8 after an ASCII head of 300 KB",
        b"email,first_name\n"
        b"a@b.co," + b"x" * 60 + b"\n" + b"\n" * 300_000 + b"b@b.co,M\xfcller\nc@b.co,ok\n",
        (2, 0, 0, 1),
        failed(300_003, "first_name", "invalid_encoding"),
        {"c@b.co": {"first_name": "ok"}},
    ),
    Case(
        "good utf-8 after an ASCII head of 300 KB",
        b"email,first_name\n" + b"\n" * 300_000 + "a@b.co,Müller\n".encode(),
        ONE,
        contacts=first("Müller"),
    ),
    Case(
        "a sequence cut off by the end of the head is no error",
        b"email,first_name,note\na@b.co,J\xc3\xbcrgen," + b"x" * (256 * 1024 - 38) + "ü\n".encode(),
        ONE,
        contacts=first("Jürgen"),
    ),
    Case(
        "a UTF-8 encoded surrogate",
        b"\xef\xbb\xbfemail,first_name\na@b.co,\xed\xa0\x80\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "first_name", "invalid_encoding"),
    ),
]

DIALECTS = [
    Case("semicolons", b"email;first_name\na@b.co;Ann, Esq.\n", ONE, contacts=first("Ann, Esq.")),
    Case("tabs", b"email\tfirst_name\na@b.co\tAnn\n", ONE, contacts=first("Ann")),
    Case("pipes", b"email|first_name\na@b.co|Ann\n", ONE, contacts=first("Ann")),
    Case("the wanted names decide, not the number of cells", b"email;a,b,c,d\na@b.co;x\n", ONE),
    Case(
        "a tie goes to the delimiter with most cells",
        b"email,x;y;email\n1;2;a@b.co\n",
        ONE,
        contacts={"a@b.co": {}},
    ),
    Case(
        "a tie of cells goes to the comma",
        b"email,x;email\na@b.co,b@b.co;c@b.co\n",
        ONE,
        contacts={"a@b.co": {}},
    ),
    Case(
        "delimiters in data decide nothing",
        b"email,first_name\na@b.co,x;y|z\tw\n;;;;;;\n",
        (1, 0, 0, 1),
        failed(3, "email", "invalid_email"),
        first("x;y|z\tw"),
    ),
    Case(
        "a delimiter inside a quoted name",
        b'"x;y;z",email,first_name\n1,a@b.co,Ann\n',
        ONE,
        contacts=first("Ann"),
    ),
    Case("CRLF", b"email,first_name\r\na@b.co,Ann\r\n", ONE, contacts=first("Ann")),
    Case(
        "CR only",
        b"email,first_name\ra@b.co,Ann\rb@b.co,Bob\r",
        (2, 0, 0, 0),
        contacts=first("Ann"),
    ),
    Case(
        "mixed line ends",
        b"email,first_name\r\na@b.co,Ann\nb@b.co,Bob\rbad,x\r\nc@b.co,Cy",
        (3, 0, 0, 1),
        failed(4, "email", "invalid_email"),
        {"b@b.co": {"first_name": "Bob"}, "c@b.co": {"first_name": "Cy"}},
    ),
    Case(
        "LF CR is a blank record in between",
        b"email\n\ra@b\n",
        NONE_BUT_ONE_FAILED,
        failed(3, "email", "invalid_email"),
    ),
    Case("no line end at the end", b"email,first_name\na@b.co,Ann", ONE, contacts=first("Ann")),
    Case(
        "U+2028, U+0085 and form feed end no line",
        "email,first_name\na@b.co,x\u2028y\u0085z\x0cw\n".encode(),
        ONE,
        contacts=first("x\u2028y\u0085z\x0cw"),
    ),
    Case(
        "quoted delimiter",
        b'email,first_name\na@b.co,"Lee, Ann"\n',
        ONE,
        contacts=first("Lee, Ann"),
    ),
    Case(
        "quoted line breaks are kept exactly",
        b'email,first_name\na@b.co,"x\r\ny\rz\nw"\n',
        ONE,
        contacts=first("x\r\ny\rz\nw"),
    ),
    Case(
        "a quoted line break is not a row",
        b'email,first_name\na@b.co,"x\n\ny"\nbad,z\n',
        (1, 0, 0, 1),
        failed(3, "email", "invalid_email"),
        first("x\n\ny"),
    ),
    Case(
        "doubled quotes",
        b'email,first_name\na@b.co,"Ann ""The"" Lee"\n',
        ONE,
        contacts=first('Ann "The" Lee'),
    ),
    Case("only doubled quotes", b'email,first_name\na@b.co,""""\n', ONE, contacts=first('"')),
    Case(
        "a quote in the middle of a cell is text",
        b'email,first_name\na@b.co,Ann "The" Lee\n',
        ONE,
        contacts=first('Ann "The" Lee'),
    ),
    Case(
        "a quote after a blank is text",
        b'email,first_name\na@b.co, "Ann"\n',
        ONE,
        contacts=first('"Ann"'),
    ),
    Case(
        "text after a closing quote is kept",
        b'email,first_name\na@b.co,"Ann" "Lee"\n',
        ONE,
        contacts=first('Ann "Lee"'),
    ),
    Case(
        "backslashes escape nothing",
        b'email,first_name,last_name\na@b.co,"a\\",\\.\n',
        ONE,
        contacts={"a@b.co": {"first_name": "a\\", "last_name": "\\."}},
    ),
    Case(
        "quoted header and cells",
        b'"email";"first_name"\n"a@b.co";"Ann"\n',
        ONE,
        contacts=first("Ann"),
    ),
    Case(
        "line break in a header name",
        b'email,"first\nname"\na@b.co,Ann\nbad,x\n',
        (1, 0, 0, 1),
        failed(3, "email", "invalid_email"),
        first("Ann"),
        Options(ColumnMap(first_name="first\nname")),
    ),
    Case(
        "unterminated quote at the end",
        b'email,first_name\na@b.co,Ann\nb@b.co,"Bob\n',
        (1, 0, 0, 1),
        failed(3, None, "unterminated_quote"),
        first("Ann"),
    ),
    Case(
        "unterminated quote swallows the rest as one record",
        b'email,first_name\na@b.co,Ann\nb@b.co,"Bob\nc@b.co,Cy\n\nbad,x\n',
        (1, 0, 0, 1),
        failed(3, None, "unterminated_quote"),
        first("Ann"),
    ),
    Case(
        "a lone quote at the end of the file",
        b'email\na@b.co\n"',
        (1, 0, 0, 1),
        failed(3, None, "unterminated_quote"),
    ),
    Case(
        "an unterminated record of blanks",
        b'email\na@b.co\n"  \n \n',
        (1, 0, 0, 1),
        failed(3, None, "unterminated_quote"),
    ),
    Case(
        "an unterminated record with too many cells",
        b'email\na@b.co,x,"y',
        NONE_BUT_ONE_FAILED,
        failed(2, None, "unterminated_quote"),
    ),
    Case(
        "a doubled quote at the end leaves the cell open",
        b'email,first_name\na@b.co,"Ann""',
        NONE_BUT_ONE_FAILED,
        failed(2, None, "unterminated_quote"),
    ),
    Case(
        "a closing quote as the last byte",
        b'email,first_name\na@b.co,"Ann"',
        ONE,
        contacts=first("Ann"),
    ),
    Case(
        "an unterminated header",
        b'email,"first_name\na@b.co,Ann\n',
        header_error="unterminated_header",
    ),
]

RECORDS = [
    Case(
        "short record",
        b"email,first_name,last_name\na@b.co,Ann\n",
        ONE,
        contacts={"a@b.co": {"first_name": "Ann", "last_name": None}},
    ),
    Case(
        "short record without its e-mail",
        b"first_name,email\nAnn\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "missing_email"),
    ),
    Case("extra empty cells", b'email,first_name\na@b.co,Ann,, ,"",\n', ONE, contacts=first("Ann")),
    Case(
        "extra cell with content",
        b"email,first_name\na@b.co,Ann,,x\n",
        NONE_BUT_ONE_FAILED,
        failed(2, None, "too_many_cells"),
    ),
    Case(
        "an extra NUL is content",
        b"email\na@b.co,\0\n",
        NONE_BUT_ONE_FAILED,
        failed(2, None, "too_many_cells"),
    ),
    Case(
        "blank lines everywhere",
        b"\n\r\n \nemail,first_name\n\na@b.co,Ann\n\n\n \t \n,\n\xc2\xa0,\nbad,x\n\n\n",
        (1, 0, 0, 1),
        failed(12, "email", "invalid_email"),
        first("Ann"),
    ),
    Case(
        "blank records of quotes and delimiters",
        b'email,first_name\n"",""\n,,,,\n" "\na@b.co,Ann\n',
        ONE,
        contacts=first("Ann"),
    ),
    Case(
        "content in a column that is not mapped makes no blank record",
        b"email,note\n,hello\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "missing_email"),
    ),
    Case(
        "a record of one NUL is not blank",
        b"email\n\0\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "invalid_character"),
    ),
    Case(
        "a zero-width space is content",
        "email\n\u200b\n".encode(),
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "invalid_email"),
    ),
    Case("only a header", b"email,first_name"),
    Case(
        "one column",
        b"email\na@b.co\nb@b.co\n",
        (2, 0, 0, 0),
        contacts={"b@b.co": {"first_name": None, "unsubscribed": False}},
    ),
    Case(
        "300 columns",
        b",".join([b"c%d" % n for n in range(299)] + [b"email"])
        + b"\n"
        + b"x," * 299
        + b"a@b.co\n",
        ONE,
    ),
    Case(
        "cells are stripped",
        "email,first_name\n \ta@b.co ,\u00a0\u2003 Ann Lee\u3000\n".encode(),
        ONE,
        contacts=first("Ann Lee"),
    ),
    Case(
        "quoted blanks are stripped too",
        b'email,first_name\n"a@b.co\n"," Ann\r\n"\n',
        ONE,
        contacts=first("Ann"),
    ),
    Case(
        "NUL in a mapped cell",
        b"email,first_name\na@b.co,A\0nn\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "first_name", "invalid_character"),
    ),
    Case("NUL in a column that is not mapped", b"email,note\na@b.co,A\0nn\n", ONE),
    Case(
        "10,000 characters",
        b"email,first_name\na@b.co, " + b"x" * 10_000 + b" \n",
        ONE,
        contacts=first("x" * 10_000),
    ),
    Case(
        "10,000 characters outside the BMP",
        b"email,first_name\na@b.co," + "😀".encode() * 10_000,
        ONE,
        contacts=first("😀" * 10_000),
    ),
    Case(
        "10,001 characters",
        b"email,first_name\na@b.co," + b"x" * 10_001 + b"\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "first_name", "value_too_long"),
    ),
    Case(
        "10,001 characters in the e-mail",
        b"email\n" + b"x" * 10_001,
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "value_too_long"),
    ),
    Case(
        "200,000 characters in a column that is not mapped",
        b"email,note\na@b.co," + b"x" * 200_000 + b"\n",
        ONE,
    ),
    Case(
        "control characters are text",
        b"email,first_name\na@b.co,x\x01\x7f\x1by\n",
        ONE,
        contacts=first("x\x01\x7f\x1by"),
    ),
]

HEADERS = [
    Case("no byte at all", b"", header_error="empty_file"),
    Case("only a BOM", b"\xef\xbb\xbf", header_error="empty_file"),
    Case("only blank lines", b"\n \r\n\t\n", header_error="empty_file"),
    Case("no email column", b"mail,first_name\na@b.co,Ann\n", header_error="missing_column"),
    Case("names are case-sensitive", b"Email\na@b.co\n", header_error="missing_column"),
    Case(
        "names are stripped",
        " email ,\u00a0first_name\t\na@b.co,Ann\n".encode(),
        ONE,
        contacts=first("Ann"),
    ),
    Case(
        "a mapped column is missing",
        b"email\na@b.co\n",
        options=Options(ColumnMap(last_name="Surname")),
        header_error="missing_column",
    ),
    Case(
        "a property's column is missing",
        b"email\na@b.co\n",
        options=typed("string"),
        header_error="missing_column",
    ),
    Case("email twice", b"email,email\na@b.co,b@b.co\n", header_error="duplicate_column"),
    Case(
        "a default name twice",
        b"email,last_name,last_name\na@b.co,x,y\n",
        header_error="duplicate_column",
    ),
    Case(
        "a mapped column twice",
        b"email,p,p \na@b.co,x,y\n",
        options=typed("string"),
        header_error="duplicate_column",
    ),
    Case("a column that is not mapped twice", b"email,x,x,,\na@b.co,1,2,3,4\n", ONE),
    Case(
        "a default name twice that the map does not use",
        b"email,last_name,last_name\na@b.co,x,y\n",
        ONE,
        options=Options(ColumnMap()),
        contacts={"a@b.co": {"last_name": None}},
    ),
    Case(
        "with a map only mapped columns are read",
        b"email,first_name,last_name\na@b.co,Ann,Lee\n",
        ONE,
        options=Options(ColumnMap(last_name="last_name")),
        contacts={"a@b.co": {"first_name": None, "last_name": "Lee"}},
    ),
    Case(
        "mapped names with blanks, capitals and delimiters",
        b'E-Mail Address;"Name; First";Opted Out\nA@B.co;Ann;yes\nbad;x;no\nb@b.co;x;maybe\n',
        (1, 0, 0, 2),
        (Failure(3, "E-Mail Address", "invalid_email"), Failure(4, "Opted Out", "invalid_boolean")),
        {"a@b.co": {"first_name": "Ann", "unsubscribed": True}},
        Options(ColumnMap("E-Mail Address", "Name; First", None, "Opted Out")),
    ),
    Case(
        "one column for two things",
        b"email,n\na@b.co,7\n",
        ONE,
        contacts={"a@b.co": {"first_name": "7", "properties": {"p": 7}}},
        options=Options(
            ColumnMap(first_name="n", properties={"p": PropertyMapping("n", "number")})
        ),
    ),
]


def email_case(name: str, cell: str, stored_as: str | None) -> Case:
    """One address, by what it is stored as; None for one that is refused."""
    data = f"email,n\n{cell},x\n".encode()
    if stored_as is None:
        return Case(name, data, NONE_BUT_ONE_FAILED, failed(2, "email", "invalid_email"))
    return Case(name, data, ONE, contacts={stored_as: {}})


LABEL_63 = "d" * 63
LONG_LOCAL = "a" * 64
EMAILS = [
    email_case("upper case", "Ann.LEE@Example.COM", "ann.lee@example.com"),
    email_case(
        "plus and odd characters", "a+b!#$%&'*/=?^_`{|}~-@b.co", "a+b!#$%&'*/=?^_`{|}~-@b.co"
    ),
    email_case("dots anywhere in the local part", ".a..b.@b.co", ".a..b.@b.co"),
    email_case("digits and hyphens in labels", "a@1-2.3--4.5", "a@1-2.3--4.5"),
    email_case("local part of 64", f"{LONG_LOCAL}@b.co", f"{LONG_LOCAL}@b.co"),
    email_case("local part of 65", f"{LONG_LOCAL}a@b.co", None),
    email_case(
        "254 in all",
        f"{LONG_LOCAL}@{LABEL_63}.{LABEL_63}.{'e' * 57}.com",
        f"{LONG_LOCAL}@{LABEL_63}.{LABEL_63}.{'e' * 57}.com",
    ),
    email_case("255 in all", f"{LONG_LOCAL}@{LABEL_63}.{LABEL_63}.{'e' * 58}.com", None),
    email_case("label of 63", f"a@{LABEL_63}.co", f"a@{LABEL_63}.co"),
    email_case("label of 64", f"a@{LABEL_63}d.co", None),
    email_case("no dot in the domain", "a@localhost", None),
    email_case("domain with a leading dot", "a@.b.co", None),
    email_case("domain with a trailing dot", "a@b.co.", None),
    email_case("domain with two dots", "a@b..co", None),
    email_case("label with a leading hyphen", "a@-b.co", None),
    email_case("label with a trailing hyphen", "a@b-.co", None),
    email_case("underscore in the domain", "a@b_c.co", None),
    email_case("no @", "ab.co", None),
    email_case("two @", "a@b@c.co", None),
    email_case("nothing before the @", "@b.co", None),
    email_case("a blank inside", "a b@c.co", None),
    email_case("a display name", "Ann <a@b.co>", None),
    email_case("a quoted local part", '"""a""@b.co"', None),
    email_case("an IP literal", "a@[127.0.0.1]", None),
    email_case("an internationalised domain", "a@müller.de", None),
    email_case("its punycode", "a@xn--mller-kva.de", "a@xn--mller-kva.de"),
    email_case("a Kelvin sign is no k", "\u212aim@b.co", None),
    email_case("a line break inside", '"a@b.co\nx"', None),
    Case(
        "blanks only", b"email,n\n  ,x\n", NONE_BUT_ONE_FAILED, failed(2, "email", "missing_email")
    ),
    Case(
        "a quoted line end after the address is a blank",
        b'email\n"a@b.co\n"\n',
        ONE,
        contacts={"a@b.co": {}},
    ),
]


def boolean_case(word: str, value: bool) -> Case:
    return Case(
        f"boolean {word}",
        f"email,p\na@b.co,{word}\n".encode(),
        ONE,
        contacts=properties(p=value),
        options=typed("boolean"),
    )


def unsubscribed_case(word: str, value: bool) -> Case:
    return Case(
        f"unsubscribed {word}",
        f"email,unsubscribed\na@b.co,{word}\n".encode(),
        ONE,
        contacts={"a@b.co": {"unsubscribed": value}},
    )


def not_unsubscribed_case(word: str) -> Case:
    data = f"email,unsubscribed\na@b.co,{word}\n".encode()
    return Case(
        f"unsubscribed {word}",
        data,
        NONE_BUT_ONE_FAILED,
        failed(2, "unsubscribed", "invalid_boolean"),
    )


def number_case(cell: str, value: float) -> Case:
    data = f"email,p\na@b.co,{cell}\n".encode()
    return Case(
        f"number {cell[:20]}", data, ONE, contacts=properties(p=value), options=typed("number")
    )


def misfit_case(kind: str, cell: str) -> Case:
    data = f"email,p\na@b.co,{cell}\n".encode()
    return Case(
        f"no {kind} {cell[:20]!a}",
        data,
        NONE_BUT_ONE_FAILED,
        failed(2, "p", f"invalid_{kind}"),
        options=typed(kind),
    )


TRUE_WORDS = ["true", "t", "yes", "y", "1", "on", "TRUE", "Yes", "oN"]
FALSE_WORDS = ["false", "f", "no", "n", "0", "off", "FALSE", "No", "oFF"]
VALUES = [
    *[boolean_case(word, True) for word in TRUE_WORDS],
    *[boolean_case(word, False) for word in FALSE_WORDS],
    *[unsubscribed_case(word, True) for word in [*TRUE_WORDS, "unsubscribed", "UnSubscribed"]],
    *[unsubscribed_case(word, False) for word in [*FALSE_WORDS, "subscribed", "SUBSCRIBED"]],
    *[
        not_unsubscribed_case(word)
        for word in ["maybe", "2", "1.0", "01", "-", "ja", "null", "tr ue"]
    ],
    *[misfit_case("boolean", word) for word in ["unsubscribed", "subscribed", "x", "00", "\uff11"]],
    number_case("0", 0),
    number_case("-7", -7),
    number_case("+7", 7),
    number_case("007", 7),
    number_case("-0", 0),
    number_case("1.5", 1.5),
    number_case("1.", 1),
    number_case(".5", 0.5),
    number_case("-.5e-1", -0.05),
    number_case("+1.E+2", 100),
    number_case("2E3", 2000),
    number_case("9007199254740993", 9007199254740993),
    number_case("1e-999", 0),
    number_case("1e308", 1e308),
    number_case("0" * 5_000 + "1", 1),
    *[
        misfit_case("number", cell)
        for cell in [
            "1e309",
            "-1e999",
            "9" * 400,
            "NaN",
            "inf",
            "-Infinity",
            "1_000",
            "\u0661\u0662",
            "\uff11",
            "0x10",
            ".",
            "+",
            "e5",
            "1e",
            "1e+",
            "--1",
            "1 000",
            "1;5",
            "$5",
            "5%",
            "1.2.3",
            "\u22121",
        ]
    ],
    Case(
        "a string property is kept as it is",
        b'email,p\na@b.co," 007 ""{\\"\n',
        ONE,
        contacts=properties(p='007 "{\\'),
        options=typed("string"),
    ),
    Case(
        "an empty property is no property",
        b"email,p\na@b.co,\n",
        ONE,
        contacts=properties(),
        options=typed("number"),
    ),
]

FIRST_PROBLEM = [
    Case(
        "structure before all else",
        b"email,first_name\n\0,\xff,x\n",
        NONE_BUT_ONE_FAILED,
        failed(2, None, "too_many_cells"),
    ),
    Case(
        "encoding before characters, in any column",
        b"\xef\xbb\xbfemail,first_name,last_name\nbad\0,x,\xff\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "last_name", "invalid_encoding"),
    ),
    Case(
        "characters before length",
        b"email,last_name\n" + b"x" * 10_001 + b",\0\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "last_name", "invalid_character"),
    ),
    Case(
        "length before the e-mail",
        b"email,last_name\nbad," + b"x" * 10_001,
        NONE_BUT_ONE_FAILED,
        failed(2, "last_name", "value_too_long"),
    ),
    Case(
        "e-mail before unsubscribed",
        b"unsubscribed,email\nmaybe,bad\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "invalid_email"),
    ),
    Case(
        "unsubscribed before properties, properties in the order of the map",
        b"b,n,u,email\nx,x,x,a@b.co\nx,x,1,a@b.co\nx,1,1,a@b.co\n",
        (0, 0, 0, 3),
        (
            Failure(2, "u", "invalid_boolean"),
            Failure(3, "n", "invalid_number"),
            Failure(4, "b", "invalid_boolean"),
        ),
        options=Options(TWO_BOOLEANS),
    ),
    Case(
        "problems of one kind in the order of the fields, not of the file",
        b"last_name,first_name,email\n\0,\0,a@b.co\n\0,x,\0\n",
        (0, 0, 0, 2),
        (Failure(2, "first_name", "invalid_character"), Failure(3, "email", "invalid_character")),
    ),
]

MERGES = [
    Case(
        "stored contact, upsert",
        b"email,first_name,last_name,unsubscribed\nA@B.CO,Anna,,yes\n",
        (0, 1, 0, 0),
        contacts={
            "a@b.co": {
                "first_name": "Anna",
                "last_name": "Lee",
                "unsubscribed": True,
                "version": 4,
                "segments": {"s1"},
            }
        },
        stored=(ANN,),
    ),
    Case(
        "stored contact, skip",
        b"email,first_name\na@b.co,Anna\n",
        (0, 0, 1, 0),
        contacts={
            "a@b.co": {
                "first_name": "Ann",
                "version": 3,
                "segments": {"s1"},
                "topics": {"t1": "opt_in"},
            }
        },
        options=Options(
            on_conflict="skip", segments=("s2",), topics=(("t1", "opt_out"), ("t2", "opt_in"))
        ),
        stored=(ANN,),
    ),
    Case(
        "a bad record of a stored contact fails, also in skip mode",
        b"email,unsubscribed\na@b.co,x\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "unsubscribed", "invalid_boolean"),
        options=SKIP,
        stored=(ANN,),
    ),
    Case(
        "nothing differs",
        b"email,first_name,last_name,unsubscribed\na@b.co,Ann,Lee,no\n",
        (0, 1, 0, 0),
        contacts={"a@b.co": {"version": 3}},
        stored=(ANN,),
    ),
    Case(
        "empty cells clear nothing",
        b'email,first_name,last_name,unsubscribed\na@b.co,,"  ",\n',
        (0, 1, 0, 0),
        contacts={
            "a@b.co": {"first_name": "Ann", "last_name": "Lee", "unsubscribed": False, "version": 3}
        },
        stored=(ANN,),
    ),
    Case(
        "no unsubscribed cell resubscribes nobody",
        b"email,unsubscribed\na@b.co,\n",
        (0, 1, 0, 0),
        contacts={"a@b.co": {"unsubscribed": True}},
        stored=(Contact("a@b.co", unsubscribed=True),),
    ),
    Case(
        "properties are merged key by key",
        b"email,first_name,plan,age\na@b.co,,,41\n",
        (0, 1, 0, 0),
        contacts={
            "a@b.co": {"properties": {"plan": "pro", "age": 41}, "first_name": "Ann", "version": 4}
        },
        options=Options(PLAN_AND_AGE),
        stored=(ANN,),
    ),
    Case(
        "an equal number differs in nothing",
        b"email,first_name,plan,age\na@b.co,,pro,4.0e1\n",
        (0, 1, 0, 0),
        contacts={"a@b.co": {"properties": {"plan": "pro", "age": 40}, "version": 3}},
        options=Options(PLAN_AND_AGE),
        stored=(ANN,),
    ),
    Case(
        "duplicates in the file, upsert: the last value of each field",
        b"email,first_name,last_name,unsubscribed\na@b.co,Ann,Lee,yes\nA@b.co,,Ray,\na@B.co,Anna,,\n",
        (1, 2, 0, 0),
        contacts={"a@b.co": {"first_name": "Anna", "last_name": "Ray", "unsubscribed": True}},
    ),
    Case(
        "duplicates in the file, skip: the first record",
        b"email,first_name,last_name\na@b.co,Ann,\nA@b.co,Bob,Ray\n",
        (1, 0, 1, 0),
        contacts={"a@b.co": {"first_name": "Ann", "last_name": None}},
        options=SKIP,
    ),
    Case(
        "a failed record creates nothing for its duplicate to match",
        b"email,unsubscribed\na@b.co,x\na@b.co,y\na@b.co,off\n",
        (1, 0, 1, 1),
        failed(2, "unsubscribed", "invalid_boolean"),
        {"a@b.co": {"unsubscribed": True}},
        SKIP,
    ),
    Case(
        "properties of duplicates are merged too",
        b"email,first_name,plan,age\na@b.co,,free,\na@b.co,,,30\na@b.co,,pro,\n",
        (1, 2, 0, 0),
        contacts=properties(plan="pro", age=30),
        options=Options(PLAN_AND_AGE),
    ),
    Case(
        "there and back again has moved the contact",
        b"email,first_name\na@b.co,Eve\na@b.co,Ann\n",
        (0, 2, 0, 0),
        contacts={"a@b.co": {"first_name": "Ann", "version": 5}},
        stored=(ANN,),
    ),
    Case(
        "segments and topics of created and updated contacts",
        b"email\na@b.co\nb@b.co\nbad\n",
        (1, 1, 0, 1),
        failed(4, "email", "invalid_email"),
        {
            "a@b.co": {
                "segments": {"s1", "s2"},
                "topics": {"t1": "opt_out", "t2": "opt_in"},
                "version": 3,
            },
            "b@b.co": {"segments": {"s1", "s2"}, "topics": {"t1": "opt_out", "t2": "opt_in"}},
        },
        Options(segments=("s1", "s2"), topics=(("t1", "opt_out"), ("t2", "opt_in"))),
        (ANN,),
    ),
    Case(
        "upper case finds the stored contact",
        b"email,first_name\n A@B.CO ,Anna\n",
        (0, 1, 0, 0),
        contacts=first("Anna"),
        stored=(ANN,),
    ),
    Case(
        "all failed",
        b"email\nx\ny\n",
        (0, 0, 0, 2),
        (Failure(2, "email", "invalid_email"), Failure(3, "email", "invalid_email")),
    ),
]

CASES = [*ENCODINGS, *DIALECTS, *RECORDS, *HEADERS, *EMAILS, *VALUES, *FIRST_PROBLEM, *MERGES]
