"""Booleans, numbers and texts."""

from tests.support.import_cases.case import (
    NONE_BUT_ONE_FAILED,
    ONE,
    Case,
    failed,
    properties,
    typed,
)


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
    Case(
        "a text written as a formula is the text, in quotes or not",
        b'email,p\na@b.co,"=""01067"""\nb@b.co,="01067"\nc@b.co,="say ""hi"""\n',
        (3, 0, 0, 0),
        contacts={
            "a@b.co": {"properties": {"p": "01067"}},
            "b@b.co": {"properties": {"p": "01067"}},
            "c@b.co": {"properties": {"p": 'say "hi"'}},
        },
        options=typed("string"),
    ),
    Case(
        "an empty text written as a formula is no value",
        b'email,p\na@b.co,"="""""\n',
        ONE,
        contacts=properties(),
        options=typed("number"),
    ),
    Case(
        "every cell may be written as a formula",
        b'email,p\n="a@b.co",="7"\n',
        ONE,
        contacts=properties(p=7),
        options=typed("number"),
    ),
    Case(
        "what cannot be seen around a cell does not count",
        "email,p\n\u200ba@b.co\u00ad,\ufeff \u202a7\u202c\n".encode(),
        ONE,
        contacts=properties(p=7),
        options=typed("number"),
    ),
    Case(
        "a record of nothing to be seen is blank",
        "email,p\n\u200b,\ufeff \u00a0\na@b.co,1\n".encode(),
        ONE,
        contacts=properties(p=1),
        options=typed("number"),
    ),
]
