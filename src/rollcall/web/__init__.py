"""HTTP without any resource: protocol, errors as answers, pages. For the API process.

In: connections, requests and raised errors. Out: sessions, pages and answers that all endpoints
share. For the app and the endpoints of every resource.
"""
