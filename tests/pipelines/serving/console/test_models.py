import pytest

SENTIMENT = "/v1/models/sentiment"


def test_the_history_tells_what_became_of_each_version(console):
    found = console.get(f"{SENTIMENT}/history")
    assert (found["champion"], found["back"]) == (3, 1)
    assert [(one["version"], one["state"]) for one in found["versions"]] == [
        (3, "champion"),
        (2, "refused"),
        (1, "previous"),
    ]
    assert found["versions"][0]["macro_f1"] == {"value": 0.76, "low": 0.74, "high": 0.78}
    assert [one["event"] for one in found["entries"]] == ["promote", "refuse", "promote"]
    assert "29 lost" in found["entries"][1]["reasons"][0]


def test_a_declared_model_that_nobody_judged_has_an_empty_history(console):
    assert console.get("/v1/models/intent/history")["versions"] == []


def test_an_unknown_model_has_no_history(console):
    answer = console.ask("GET", "/v1/models/nothing/history")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "no such model; choose from intent, sentiment"}


def test_a_version_shows_the_scorecard_it_was_decided_on(console):
    found = console.get(f"{SENTIMENT}/versions/3")
    assert found["scorecard"]["rows"] == 2928
    assert found["scorecard"]["challenger"]["macro_f1"]["value"] == 0.76
    (measure,) = [one for one in found["scorecard"]["measures"] if one["name"] == "test.macro_f1"]
    assert (measure["value"], measure["limit"], measure["direction"], measure["held"]) == (0.76, 0.7, "at least", True)
    assert measure["reason"] == "macro-F1 0.760 reaches the floor 0.700"
    assert found["pictures"] == ["confusion", "reliability"]
    assert found["version"]["faults"] == []


def test_a_picture_is_given_by_its_name_alone(console):
    assert console.ask("GET", f"{SENTIMENT}/versions/3/pictures/confusion").content.startswith(b"\x89PNG")
    for path in ("versions/4/pictures/confusion", "versions/3/pictures/secret.key", "versions/3/pictures/..%2F..%2Fa"):
        assert console.ask("GET", f"{SENTIMENT}/{path}").status_code in (404, 422)
    assert console.ask("GET", "/v1/models/..%2F..%2Fhome/versions/3/pictures/confusion").status_code == 404
    assert console.ask("GET", f"{SENTIMENT}/versions/3/pictures/confusion", "predict").status_code == 403


def test_a_model_card_is_a_file_to_be_kept_that_runs_nothing(console):
    assert console.get(f"{SENTIMENT}/versions/3")["card"]
    given = console.ask("GET", f"{SENTIMENT}/versions/3/card")
    assert given.text == "<h1>sentiment 3</h1>"
    assert given.headers["content-disposition"] == 'attachment; filename="sentiment-3.html"'
    assert "default-src 'none'" in given.headers["content-security-policy"]
    assert not console.get(f"{SENTIMENT}/versions/1")["card"]
    assert "needloop explain" in console.ask("GET", f"{SENTIMENT}/versions/1/card").json()["detail"]
    for path, scope, status in (("versions/9/card", "admin", 404), ("versions/3/card", "predict", 403)):
        assert console.ask("GET", f"{SENTIMENT}/{path}", scope).status_code == status


@pytest.mark.parametrize(
    ("before", "after", "flips"),
    [
        (1, 2, [("so late again", "neutral", "negative", "lost"), ("bad food", "neutral", "negative", "gained")]),
        (2, 3, [("so so", "neutral", "negative", "lost"), ("so late again", "negative", "neutral", "gained")]),
        (3, 3, []),
    ],
    ids=["beside the champion", "of two decisions", "the same"],
)
def test_what_changed_between_two_versions_is_shown_by_text(console, before, after, flips):
    found = console.get(f"{SENTIMENT}/changes/{before}/{after}")
    assert [(one["text"], one["before"], one["after"], one["change"]) for one in found["flips"]] == flips
    assert (found["texts"], found["why"]) == (4, "")
    assert (found["lost"], found["gained"], found["neither"]) == (len(flips) // 2, len(flips) // 2, 0)


def test_an_unknown_version_is_told(console):
    assert console.ask("GET", f"{SENTIMENT}/versions/9").status_code == 404
    assert console.ask("GET", f"{SENTIMENT}/changes/1/9").status_code == 404


def test_evidence_that_was_altered_is_not_shown(tmp_path, start):
    from tests.pipelines.serving.console.furniture import decided

    decided(tmp_path)
    cards = (tmp_path / "evidence" / "sentiment").glob("*.json")
    (card,) = [file for file in cards if '"uses": 3' in file.read_text()]
    card.write_text(card.read_text().replace("0.76", "0.99"))
    with start(tmp_path) as service:
        found = service.http.get(f"{SENTIMENT}/versions/3").json()
    assert found["scorecard"] is None
    assert "was altered" in found["version"]["faults"][0]


def test_a_broken_ledger_is_told_and_shown_by_no_page(tmp_path, start, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    (tmp_path / "ledger.jsonl").write_text("{}\n")
    with start(tmp_path) as service:
        answer = service.http.get(f"{SENTIMENT}/history")
    assert answer.status_code == 503
    assert "ledger" in answer.json()["detail"]
