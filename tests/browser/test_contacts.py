"""Contacts: found as one types, made, edited by several at once, put into segments, deleted."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.dashboard import Dashboard
from tests.support.resources import create_contact, create_property, create_segment, create_topic


def emails(dashboard: Dashboard) -> list[str]:
    return dashboard.page.locator("#results .row-link").all_inner_texts()


def test_contacts_are_searched_and_filtered(dashboard: Dashboard) -> None:
    page = dashboard.open("/contacts")
    page.get_by_role("heading", name="No contacts yet").wait_for()
    dashboard.check_accessibility()
    with dashboard.api as api:
        friends = create_segment(api, "Friends")
        create_contact(api, "x1@example.com", first_name="Zoë", last_name="Adams")
        create_contact(api, "ada@example.com", segments=[friends], unsubscribed=True)
        for number in range(55):
            create_contact(api, f"many{number:02}@example.com")
    dashboard.open("/contacts")
    dashboard.check_accessibility()
    assert len(emails(dashboard)) == 50
    dashboard.find("link", "Older").click()
    page.get_by_text("ada@example.com").wait_for()
    assert emails(dashboard)[-2:] == ["ada@example.com", "x1@example.com"]
    dashboard.find("link", "Newer").click()
    page.get_by_text("many54@example.com").wait_for()
    search = page.get_by_role("searchbox")
    search.fill("ada")
    page.get_by_text("x1@example.com").wait_for()
    assert emails(dashboard) == ["ada@example.com", "x1@example.com"]
    assert page.url.endswith("search=ada")
    page.get_by_label("Status").select_option("unsubscribed")
    page.get_by_text("x1@example.com").wait_for(state="detached")
    assert emails(dashboard) == ["ada@example.com"]
    search.fill("nobody")
    page.get_by_role("heading", name="No contact found").wait_for()
    dashboard.check_accessibility()
    page.go_back()
    page.get_by_text("ada@example.com").wait_for()
    search.fill("")
    page.get_by_label("Segment").select_option("Friends")
    page.get_by_text("ada@example.com").wait_for()
    page.reload()
    assert emails(dashboard) == ["ada@example.com"]


def test_a_contact_by_keyboard_alone(dashboard: Dashboard) -> None:
    with dashboard.api as api:
        create_property(api, "seats", "number")
        create_property(api, "vip", "boolean")
    page, keys = dashboard.open("/contacts"), dashboard.page.keyboard
    dashboard.find("link", "New contact").focus()
    keys.press("Enter")
    page.locator("dialog[open] #field-email:focus").wait_for()
    keys.type("Ada@Example.com")
    keys.press("Tab")
    keys.type("Ada")
    keys.press("Enter")
    dashboard.notice("ada@example.com created")
    dashboard.check_accessibility()
    dashboard.find("textbox", "seats").focus()
    keys.type("many")
    keys.press("Enter")
    page.get_by_text("This must be a number, such as 12.5.").wait_for()
    dashboard.check_accessibility()
    dashboard.find("textbox", "seats").fill("12.5")
    page.get_by_label("vip").focus()
    keys.press("y")
    dashboard.find("textbox", "seats").focus()
    keys.press("Enter")
    dashboard.notice("Contact saved")
    with dashboard.api as api:
        shown = api.get("/contacts/ada@example.com").json()
        values = {key: value["value"] for key, value in shown["properties"].items()}
        assert values == {"seats": 12.5, "vip": True}


def test_segments_topics_and_the_end_of_a_contact(dashboard: Dashboard) -> None:
    with dashboard.api as api:
        create_segment(api, "Friends")
        create_topic(api, "News")
        id_ = create_contact(api, "ada@example.com")
    page, keys = dashboard.open(f"/contacts/{id_}"), dashboard.page.keyboard
    dashboard.find("button", "Add").focus()
    keys.press("Enter")
    dashboard.notice("Added to “Friends”")
    page.get_by_label("News").focus()
    keys.type("Opted in")
    dashboard.find("button", "Save topics").focus()
    keys.press("Enter")
    dashboard.notice("Topics saved")
    dashboard.check_accessibility()
    with dashboard.api as api:
        topics = api.get("/contacts/ada@example.com/topics").json()["data"]
        assert [topic["subscription"] for topic in topics] == ["opt_in"]
        segments = api.get("/contacts/ada@example.com/segments").json()["data"]
        assert [segment["name"] for segment in segments] == ["Friends"]
    page.get_by_label("News").select_option("")
    dashboard.find("button", "Save topics").click()
    dashboard.notice("Topics saved")
    dashboard.find("button", "Remove from Friends").click()
    dashboard.notice("Removed from “Friends”")
    page.get_by_text("In no segment.").wait_for()
    dashboard.find("link", "Delete contact").click()
    dashboard.check_accessibility()
    dashboard.find("button", "Delete contact").click()
    dashboard.notice("ada@example.com deleted")
    page.get_by_role("heading", name="No contacts yet").wait_for()


def test_nobody_overwrites_what_they_have_not_seen(
    open_dashboard: Callable[[], Dashboard],
) -> None:
    dashboard, other = open_dashboard(), open_dashboard()
    with dashboard.api as api:
        id_ = create_contact(api, "ada@example.com", first_name="Ada", last_name="Byron")
        create_contact(api, "eve@example.com")
        page = dashboard.open(f"/contacts/{id_}")
        api.patch(f"/contacts/{id_}", json={"last_name": "Lovelace"})
        dashboard.find("textbox", "First name").fill("Augusta")
        dashboard.find("button", "Save").click()
        page.get_by_text("Somebody has changed this contact meanwhile.").wait_for()
        page.get_by_text("Saved now: Lovelace").wait_for()
        assert api.get(f"/contacts/{id_}").json()["first_name"] == "Ada"
        dashboard.check_accessibility()
        dashboard.find("textbox", "Last name").fill("Lovelace")
        dashboard.find("textbox", "E-mail").fill("eve@example.com")
        dashboard.find("button", "Overwrite").click()
        page.get_by_text("Another contact has this e-mail address.").wait_for()
        dashboard.find("textbox", "E-mail").fill("augusta@example.com")
        dashboard.find("button", "Save").click()
        dashboard.notice("Contact saved")
        shown = api.get(f"/contacts/{id_}").json()
        assert (shown["email"], shown["first_name"], shown["last_name"]) == (
            "augusta@example.com",
            "Augusta",
            "Lovelace",
        )
    for below in ("", "/delete"):
        address = f"{other.team.url}/dashboard/contacts/{id_}{below}"
        assert other.page.request.get(address).status == 404


def test_hostile_values_stay_in_their_place(dashboard: Dashboard) -> None:
    with dashboard.api as api:
        properties = {f"property_{number}_with_a_long_key": "x" * 300 for number in range(60)}
        for key in properties:
            create_property(api, key)
        segments = [create_segment(api, f"Segment {number} {'s' * 200}") for number in range(20)]
        id_ = create_contact(
            api,
            "a" * 60 + "@" + "b" * 60 + ".example.com",
            first_name="W" * 500,
            last_name="<b>\u202e\u0645\u0631\u062d\u0628\u0627 😀",
            properties=properties,
            segments=segments,
        )
        create_topic(api, "W" * 50)
    dashboard.open("/contacts")
    dashboard.check_accessibility()
    dashboard.open(f"/contacts/{id_}")
    dashboard.check_accessibility()
