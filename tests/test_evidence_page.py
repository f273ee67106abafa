"""The evidence page in a real browser: what a reader does with it."""

import json
import re
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe

import ledger
from chargesheet import evidence
from test_evidence import HOSTILE, build

CHARGE = "[s:Ana] [c:accused] [t:Boris] of [a:theft]."


def articles():
    """Three articles: six records, one denial, one claim in two articles, nested and overlapping marks."""
    answer = ("[s:Boris] [c:denied] [a:the charge].", {"act": "deny", "responds_to": "a#1", "category": "crime"})
    nested = ("[v:The Post]: [s:Clara] [c:says] [a:[t:Dora's [t:army]] burned villages].", {"category": "rights"})
    critic = ("[s:Émile] [c:condemned] [t:Boris].", {"act": "condemn", "category": "other", "confidence": 0.4})
    doubtful = ("It is [c:alleged] that [a:[t:Dora] lied].", {"category": "deception", "confidence": 0.55})
    first = ledger.coded("a", [CHARGE, "Rain fell.", answer], date="2024-03-01", outlet="Post", url="https://x.org/a")
    second = ledger.coded("b [x] & 'y'", [nested, critic], date="2024-05-01", outlet="Echo", url="javascript:alert(1)")
    third = ledger.coded("c", [CHARGE, doubtful], date="2024-04-01", outlet="Post")
    third[1][0]["claim_id"] = first[1][0]["claim_id"] = "a#1"
    return first, second, third


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "evidence.html"
    path.write_text(evidence.page(build(*articles()), narrative="narrative.html"), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def watched(page):
    """A page that notes all requests, console messages and dialogs."""
    page.requests, page.messages = [], []
    page.on("dialog", lambda dialog: (page.messages.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("console", lambda message: page.messages.append(message.text))
    return page


def shown(page):
    return page.locator(".record .id").all_inner_texts()


def wait_for(page, count):
    """Filters act a moment after the last key."""
    page.wait_for_function("n => document.querySelectorAll('.record').length === n", arg=count)


def open_page(page, address, hash=""):
    page.goto("about:blank")
    page.goto(address + hash)
    return page


def test_it_shows_all_records_and_asks_nobody(watched, address):
    open_page(watched, address)
    assert shown(watched) == ["a#1", "a#2", "b [x] & 'y'#1", "b [x] & 'y'#2", "c#1", "c#2"]
    assert watched.inner_text("#status") == "6 records"
    assert all(url == address for url in watched.requests[1:])
    assert watched.messages == []


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("#f-source", "Ana", ["a#1", "c#1"]),
        ("#f-source", "em", ["b [x] & 'y'#2"]),
        ("#f-source", "unspecified", ["c#2"]),
        ("#f-target", "Ana", ["a#2"]),
        ("#f-target", "dora", ["c#2"]),
        ("#f-target", "army", ["b [x] & 'y'#1"]),
        ("#f-actor", "Boris", ["a#1", "a#2", "b [x] & 'y'#2", "c#1"]),
        ("#f-actor", "The Post", ["b [x] & 'y'#1"]),
        ("#f-text", "burned VILLAGES", ["b [x] & 'y'#1"]),
        ("#f-text", "emile", ["b [x] & 'y'#2"]),
        ("#f-from", "2024-04-01", ["b [x] & 'y'#1", "b [x] & 'y'#2", "c#1", "c#2"]),
        ("#f-to", "2024-03-31", ["a#1", "a#2"]),
        ("#f-confidence", "60", ["a#1", "a#2", "b [x] & 'y'#1", "c#1"]),
    ],
)
def test_filter(watched, address, field, value, expected):
    open_page(watched, address).fill(field, value)
    wait_for(watched, len(expected))
    assert shown(watched) == expected
    assert watched.inner_text("#status") == f"{len(expected)} of 6 records"
    here = watched.url
    open_page(watched, address, "#" + here.split("#", 1)[1])
    assert shown(watched) == expected, "the address does not bring the filter back"
    watched.click("#clear")
    wait_for(watched, 6)
    assert "#" not in watched.url


def test_act_category_outlet_and_answer_filters_combine(watched, address):
    open_page(watched, address)
    watched.get_by_label("Accusation").check()
    wait_for(watched, 4)
    watched.get_by_label("rights").check()
    watched.get_by_label("crime").check()
    wait_for(watched, 3)
    watched.get_by_label("Outlet").select_option("Post")
    wait_for(watched, 2)
    watched.get_by_label("Answers").select_option("denied")
    wait_for(watched, 1)
    assert shown(watched) == ["a#1"]
    watched.get_by_label("Answers").select_option("undenied")
    watched.wait_for_function("document.querySelector('.record .id').textContent === 'c#1'")
    watched.fill("#f-text", "nothing has these words")
    watched.wait_for_selector(".empty")
    assert "No record fits" in watched.inner_text("#records")


def test_sorting(watched, address):
    open_page(watched, address).select_option("#sort", "newest")
    assert [name[0] for name in shown(watched)] == list("bbccaa")
    watched.select_option("#sort", "oldest")
    assert [name[0] for name in shown(watched)] == list("aaccbb")
    watched.select_option("#sort", "doubt")
    assert shown(watched)[:2] == ["b [x] & 'y'#2", "c#2"]
    watched.select_option("#sort", "source")
    assert shown(watched)[-2:] == ["b [x] & 'y'#2", "c#2"]


def test_permalink_opens_the_record_in_its_article(watched, address):
    open_page(watched, address, "#" + quote("b [x] & 'y'#2", safe=""))
    assert watched.inner_text("#reader-title") == "Title of b [x] & 'y'"
    assert watched.locator("#reader-text mark.cue").inner_text().endswith("condemned")
    assert watched.inner_text("#reader-place") == "Record 2 of 2 in this article"
    assert watched.locator(".record.current .id").inner_text() == "b [x] & 'y'#2"
    watched.click("#previous")
    watched.wait_for_function("document.getElementById('reader-place').textContent.startsWith('Record 1')")
    watched.keyboard.press("Escape")
    assert not watched.is_visible("#reader")
    assert watched.evaluate("document.activeElement.className") == "permalink"


def test_a_permalink_to_a_filtered_record_clears_the_filters(watched, address):
    open_page(watched, address, "#?source=Ana")
    assert shown(watched) == ["a#1", "c#1"]
    watched.evaluate("location.hash = 'c%232'")
    watched.wait_for_selector("#reader-text mark")
    assert len(shown(watched)) == 6
    assert "filters were cleared" in watched.inner_text("#notice")


def test_denials_lead_both_ways_and_claims_to_other_articles(watched, address):
    open_page(watched, address)
    charge = watched.locator(".record").nth(0)
    assert charge.locator(".answer").all_inner_texts() == [
        "Denied by Boris: “the charge”",
        "Same claim: Ana, in “Title of c”",
    ]
    charge.get_by_role("link", name="Boris: “the charge”").click()
    watched.wait_for_selector("#reader-text mark")
    assert watched.locator(".record.current .id").inner_text() == "a#2"
    watched.locator(".record.current .answer a").click()
    watched.wait_for_function("document.querySelector('.record.current .id').textContent === 'a#1'")


def test_nested_marks_show_each_words_roles(watched, address):
    open_page(watched, address)
    watched.evaluate("for (const tag of document.querySelectorAll('.tag')) tag.remove()")
    marks = watched.evaluate(
        "[...document.querySelectorAll('.record:nth-child(3) mark')].map(m => [m.className, m.textContent])"
    )
    assert marks == [
        ["via", "The Post"],
        ["source", "Clara"],
        ["cue", "says"],
        ["allegation target", "Dora's "],
        ["allegation target", "army"],
        ["allegation", " burned villages"],
    ]


def test_marks_can_be_named_in_words(watched, address):
    open_page(watched, address)
    quote_ = watched.locator(".record blockquote").first
    assert "source: Ana cue: accused target: Boris of allegation: theft." in quote_.text_content()
    assert quote_.locator(".tag").first.bounding_box()["width"] <= 1
    watched.get_by_label("Name the marks in the text").check()
    assert quote_.locator(".tag").first.bounding_box()["width"] > 20


def test_copying_a_citation_and_a_link(watched, address):
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_page(watched, address)
    first = watched.locator(".record").first
    first.get_by_role("button", name="Copy citation").click()
    first.get_by_role("button", name="Copied").wait_for()
    cited = watched.evaluate("navigator.clipboard.readText()")
    assert cited == (
        "“Ana accused Boris of theft.” (“Title of a”, Post, 1 March 2024, https://x.org/a). "
        "Accusation by Ana, against Boris; record a#1."
    )
    first.get_by_role("button", name="Copy link").click()
    first.get_by_role("button", name="Copied").first.wait_for()
    assert watched.evaluate("navigator.clipboard.readText()") == address + "#a%231"


def test_only_web_addresses_become_links(watched, address):
    open_page(watched, address, "#a%231")
    assert watched.locator("#reader-meta a").get_attribute("href") == "https://x.org/a"
    open_page(watched, address, "#" + quote("b [x] & 'y'#1", safe=""))
    assert watched.locator("#reader-meta a").count() == 0


def test_hostile_articles_show_as_text(watched, tmp_path):
    marked = f"[s:{HOSTILE}|{HOSTILE}] [c:blamed] [t:“><b>Boris</b>|<b>Boris</b>] {HOSTILE}"
    row, own, spans = ledger.coded("<i>id</i>", [marked], title=HOSTILE, outlet=HOSTILE, url='https://x.org/"><script>')
    own[0]["frame"] = own[0]["category"] = HOSTILE
    path = tmp_path / "evidence.html"
    path.write_text(evidence.page(build((row, own, spans)), title=HOSTILE), encoding="utf-8")
    open_page(watched, path.as_uri()).click(".permalink")
    watched.wait_for_selector("#reader-text mark")
    assert watched.evaluate("document.querySelectorAll('img, b, i, iframe, main script, section script').length") == 0
    text = watched.text_content("#reader-text").replace("source: ", "").replace("cue: ", "").replace("target: ", "")
    assert " ".join(text.split()) == " ".join(row["text"].split())
    assert "{{7*7}}" in watched.inner_text("h1") and "😀" in watched.inner_text(".record h2")
    assert watched.messages == []
    assert {url.split("#")[0] for url in watched.requests} <= {path.as_uri(), "about:blank"}


def test_the_policy_stops_foreign_scripts(page, address):
    open_page(page, address)
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "globalThis.ran = true";
            document.body.append(script);
            document.body.setAttribute("onclick", "globalThis.ran = true");
            document.body.click();
        }"""
    )
    assert page.evaluate("typeof globalThis.ran") == "undefined"


def test_sentences_only_shows_passages(watched, tmp_path):
    path = tmp_path / "evidence.html"
    path.write_text(evidence.page(build(*articles(), sentences_only=True)), encoding="utf-8")
    open_page(watched, path.as_uri(), "#a%231")
    text = watched.text_content("#reader-text")
    assert "Rain fell" not in text and "[…]" in text
    assert watched.locator("#reader-text mark.cue").count() == 1


def test_an_empty_study(watched, tmp_path):
    path = tmp_path / "evidence.html"
    path.write_text(evidence.page(build()), encoding="utf-8")
    open_page(watched, path.as_uri())
    assert watched.inner_text("#status") == "0 records"
    assert "No accusation, condemnation or denial was found" in watched.inner_text("#records")


def test_many_records_come_in_pages(watched, tmp_path):
    many = ledger.coded("a", [f"[s:Actor {i}] [c:blamed] [t:Boris]." for i in range(60)])
    path = tmp_path / "evidence.html"
    path.write_text(evidence.page(build(many)), encoding="utf-8")
    open_page(watched, path.as_uri())
    assert len(shown(watched)) == 25
    pager = watched.get_by_role("navigation", name="Pages")
    pager.get_by_role("button", name="Next").click()
    assert shown(watched)[0] == "a#26"
    assert "Page 2 of 3" in pager.inner_text()
    watched.evaluate("location.hash = 'a%2360'")
    watched.wait_for_function("document.querySelector('.record.current .id')?.textContent === 'a#60'")
    assert "Page 3 of 3" in pager.inner_text()
    pager.get_by_role("combobox").select_option("0")
    assert len(shown(watched)) == 60


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_accessibility_rules(page, address, scheme, size):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for hash in ("", "#a%231"):
        open_page(page, address, hash)
        found = Axe().run(page).response["violations"]
        assert not found, json.dumps([(v["id"], [n["html"] for n in v["nodes"]]) for v in found], indent=1)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


def test_by_keyboard_alone(watched, address):
    open_page(watched, address)
    watched.keyboard.press("Tab")
    assert watched.evaluate("document.activeElement.textContent") == "Skip to the records"
    watched.keyboard.press("Enter")
    for _ in range(12):
        watched.keyboard.press("Tab")
        if watched.evaluate("document.activeElement.className") == "permalink":
            break
    watched.keyboard.press("Enter")
    watched.wait_for_selector("#reader-text mark")
    assert watched.evaluate("document.activeElement.id") == "reader-title"


def test_on_a_phone_the_article_covers_the_page(watched, address):
    watched.set_viewport_size({"width": 390, "height": 844})
    open_page(watched, address)
    assert not watched.is_visible("#f-text")
    watched.locator(".permalink").first.click()
    watched.wait_for_selector("#reader-text mark")
    assert watched.locator("#reader").bounding_box()["width"] == 390
    assert watched.evaluate("document.getElementById('list').inert")
    watched.get_by_role("button", name="Close").click()
    assert not watched.evaluate("document.getElementById('list').inert")


def test_print_shows_the_records_and_no_controls(page, address):
    open_page(page, address, "#a%231")
    page.emulate_media(media="print")
    assert page.is_visible(".record blockquote")
    for control in ("#filters", "#reader", "#sort", ".buttons button"):
        assert not page.locator(control).first.is_visible(), control


def test_dates_and_outlets_are_not_offered_where_there_are_none(page, tmp_path):
    path = tmp_path / "evidence.html"
    path.write_text(evidence.page(build(ledger.coded("a", [CHARGE]))), encoding="utf-8")
    open_page(page, path.as_uri())
    assert not page.is_visible("#date-field") and not page.is_visible("#outlet-field")
    assert not re.search(r"· ·|·\s*$", page.inner_text(".record .meta"))
