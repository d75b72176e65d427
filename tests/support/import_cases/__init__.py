"""Edge cases of an import, with what each must come to.

The expectations are written by hand from the definition, never computed.
"""

from tests.support.import_cases.dialects import DIALECTS
from tests.support.import_cases.emails import EMAILS
from tests.support.import_cases.encodings import ENCODINGS
from tests.support.import_cases.first_problem import FIRST_PROBLEM
from tests.support.import_cases.headers import HEADERS
from tests.support.import_cases.merges import MERGES
from tests.support.import_cases.records import RECORDS
from tests.support.import_cases.values import VALUES

CASES = [*ENCODINGS, *DIALECTS, *RECORDS, *HEADERS, *EMAILS, *VALUES, *FIRST_PROBLEM, *MERGES]
