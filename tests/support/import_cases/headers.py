"""Headers, and which of their columns are read."""

from tests.support.import_cases.case import ONE, Case, failed, first, typed
from tests.support.oracle import ColumnMap, Failure, Options, PropertyMapping

HEADERS = [
    Case("no byte at all", b"", header_error="empty_file"),
    Case("only a BOM", b"\xef\xbb\xbf", header_error="empty_file"),
    Case("only delimiters", b",,,\r\n , ,,\r\n", header_error="empty_file"),
    Case("only delimiters of another kind", b"\n;;\n", header_error="empty_file"),
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
    Case(
        "a preamble above the header",
        b"Vendor;Test\n\n# 7 of 9; all\nemail;first_name\na@b.co;Ann\nbad;x\n",
        (1, 0, 0, 1),
        failed(6, "email", "invalid_email"),
        first("Ann"),
    ),
    Case(
        "a preamble wider than the table",
        b"email address,a,b,c,d,e,f\nemail,first_name\na@b.co,Ann\n",
        ONE,
        contacts=first("Ann"),
    ),
    Case(
        "the first record that has all mapped names is the header",
        b"email,n\nemail,p\nemail,p,n\na@b.co,7,Ann\n",
        ONE,
        contacts={"a@b.co": {"first_name": "Ann", "properties": {"p": "7"}}},
        options=Options(ColumnMap(first_name="n", properties={"p": PropertyMapping("p")})),
    ),
    Case(
        "the twentieth record may be the header",
        b"x\n\n" * 19 + b"email\na@b.co\n",
        ONE,
    ),
    Case(
        "the one behind it may not",
        b"x\n" * 20 + b"email\na@b.co\n",
        header_error="missing_column",
    ),
    Case(
        "invisible characters around names, and no-break spaces within",
        "\u200b\ufeff email\u00ad,\u200eFirst\u00a0Name\na@b.co,Ann\n".encode(),
        ONE,
        contacts=first("Ann"),
        options=Options(ColumnMap(first_name="First Name")),
    ),
    Case(
        "columns that share a name are meant by their numbers",
        b"Mail,Mail,Mail (3),Mail\nx,a@b.co,Ann,y\n",
        ONE,
        contacts=first("Ann"),
        options=Options(ColumnMap("Mail (2)", "Mail (3)")),
    ),
    Case(
        "a number without a name that is shared is a name",
        b"Mail\na@b.co\n",
        options=Options(ColumnMap("Mail (1)")),
        header_error="missing_column",
    ),
]
