"""What becomes of contacts that are there already, or twice in a file."""

from tests.support.import_cases.case import (
    NONE_BUT_ONE_FAILED,
    Case,
    failed,
    first,
    properties,
)
from tests.support.oracle import ColumnMap, Contact, Failure, Options, PropertyMapping

SKIP = Options(on_conflict="skip")
ANN = Contact(
    "a@b.co", "Ann", "Lee", False, {"plan": "pro", "age": 40}, {"s1"}, {"t1": "opt_in"}, version=3
)
PLAN_AND_AGE = ColumnMap(
    first_name="first_name",
    properties={"plan": PropertyMapping("plan"), "age": PropertyMapping("age", "number")},
)

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
