"""The dashboard: pages for people, made on the server, at `/dashboard`.

In: a browser's requests with a session's cookie. Out: pages, and fragments of pages for their
scripts. For the app alone; it calls the same functions as the endpoints of the API.

`frame` is what every page stands on, `door` signs in and out, the other folders are areas with
pages of their own. To add a page:

* A module in an area's folder makes `router = dashboard_router("/things")` (`frame.route`) and has
  its functions answer with `render(request, "area/page.html", things=…)` (`frame.rendering`), or
  with `go_to(request, "/things", "things.saved", name=…)` after a form. `CurrentTeam`,
  `SessionDep`, `CurrentSession` and `PageOf20` are parameters as in the API; `check_form` reads
  what was typed by the API's shapes, `pager_of` makes the links of a list. A new router goes into
  `routers.ROUTERS`. What an endpoint of the API does beyond calling a function of its resource is
  moved there first.
* Errors are raised and never answered: the route makes pages of them, or for scripts JSON.
* Its template begins with `{% extends "layout.html" %}` and has the blocks `title`, `actions` and
  `content`; a form that also opens in a dialog begins with `{% extends base %}`. Components are
  macros in `templates/components/`. A form has `{{ csrf_field() }}`; addresses are made by
  `{{ path("/things") }}` and `{{ static("things.js") }}`.
* No words in templates or modules: `{{ t("things.title") }}`, from the table `[things]` of
  `texts/en.toml`. Numbers and times go through `number`, `percent`, `file_size`, `date`,
  `date_time` and `ago`.
* A script is a module in `static/`, named by the page in its block `scripts` with
  `{{ script("things.js") }}`. It says `enhance("[data-thing]", element => …)` and asks the server
  by `ask` of `server.js`, which adds the token, tells of errors in words, and waits for a sign-in.
  An endpoint that is asked so answers with a template without `extends`, which `data-replace` or
  `replace` puts in its place. Its words come by `{{ texts_for_scripts("things.script") }}` and
  `text("things.script.done")`.
"""
