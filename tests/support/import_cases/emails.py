"""Which cells are addresses, and how they are stored."""

from tests.support.import_cases.case import NONE_BUT_ONE_FAILED, ONE, Case, failed


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
    email_case("domain with a trailing dot", "a@b.co.", "a@b.co"),
    email_case("domain with two trailing dots", "a@b.co..", None),
    email_case("domain with two dots", "a@b..co", None),
    email_case("label with a leading hyphen", "a@-b.co", None),
    email_case("label with a trailing hyphen", "a@b-.co", None),
    email_case("underscore in the domain", "a@b_c.co", None),
    email_case("no @", "ab.co", None),
    email_case("two @", "a@b@c.co", None),
    email_case("nothing before the @", "@b.co", None),
    email_case("a blank inside", "a b@c.co", None),
    email_case("a display name", "Ann <a@b.co>", "a@b.co"),
    email_case("a display name in quotes", '"""Lee, Ann"" <a@b.co>"', "a@b.co"),
    email_case("brackets alone", "<a@b.co>", "a@b.co"),
    email_case("the address as its own name", "a@b.co <mailto:a@b.co>", "a@b.co"),
    email_case("a name behind the address", "a@b.co (Ann)", None),
    email_case("a list with one in brackets", '"x@b.co, Ann <a@b.co>"', None),
    email_case("two in brackets", "Ann <a@b.co> Bob <b@b.co>", None),
    email_case("two with a semicolon", "a@b.co;b@b.co", None),
    email_case("a link", "MAILTO:a%2Bx@b.co?subject=Hi", "a+x@b.co"),
    email_case("an apostrophe before", "'a@b.co", "a@b.co"),
    email_case("apostrophes around", "'a@b.co'", "a@b.co"),
    email_case("an apostrophe behind", "a@b.co'", None),
    email_case("an apostrophe within", "o'neil@b.co", "o'neil@b.co"),
    email_case("quotes around", '"""a@b.co"""', "a@b.co"),
    email_case("typographic quotes around", "\u201ca@b.co\u201d", None),
    email_case("a comma behind", '"a@b.co,"', "a@b.co"),
    email_case("a semicolon behind", "a@b.co;", "a@b.co"),
    email_case("a colon behind", "a@b.co:", "a@b.co"),
    email_case("a question mark behind", "a@b.co?", None),
    email_case("an exclamation mark behind", "a@b.co!", None),
    email_case("two marks behind", "a@b.co.;", None),
    email_case("something behind the brackets", "Ann <a@b.co>.", "a@b.co"),
    email_case("invisible characters within", "a\u200b@b\u2060.c\u00ado", "a@b.co"),
    email_case("a quoted local part", '"""a""@b.co"', None),
    email_case("an IP literal", "a@[127.0.0.1]", None),
    email_case("an internationalised domain", "a@müller.de", "a@xn--mller-kva.de"),
    email_case("its punycode", "a@xn--mller-kva.de", "a@xn--mller-kva.de"),
    email_case("its upper case", "A@MÜLLER.DE", "a@xn--mller-kva.de"),
    email_case("its decomposed form", "a@mu\u0308ller.de", "a@xn--mller-kva.de"),
    email_case("non-transitional: a sharp s stays one", "a@faß.de", "a@xn--fa-hia.de"),
    email_case("full-width letters in the domain", "a@\uff42\uff0e\uff43\uff4f", "a@b.co"),
    email_case("full-width letters before the @", "\uff41@b.co", None),
    email_case("a full-width @", "a\uff20b.co", None),
    email_case("a domain in Japanese", "a@日本語。jp", "a@xn--wgv71a119e.jp"),
    email_case("a domain with a symbol", "a@💩.co", None),
    email_case("a label that is too long in A-labels", f"a@{'ü' * 60}.co", None),
    email_case("no dot in an internationalised domain", "a@müller", None),
    email_case("a name and an internationalised domain", "Ann <a@müller.de>", "a@xn--mller-kva.de"),
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
