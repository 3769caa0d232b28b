from expectations import docs


def test_a_failed_expectation_is_on_its_page_as_text(good, validate_frames, page):
    train, test = good
    validation = validate_frames(train.replace({"label": {"neutral": "<b>angry</b> $styling"}}), test)
    html = page(validation).read_text()
    assert "expect_column_values_to_be_in_set on" in html
    assert "&lt;b&gt;angry&lt;/b&gt; &#36;styling" in html
    assert "<b>angry" not in html


def test_the_front_page_leads_to_every_result_and_suite(good, validate_frames, page, settings, spec):
    front = settings.home / "docs" / "index.html"
    results = [validate_frames(*good), validate_frames(*good)]
    for file in (*map(page, results), settings.home / "docs" / "expectations" / f"{spec.name}.html"):
        assert spec.name in file.read_text()
        assert f'href="{file.relative_to(front.parent)}"' in front.read_text()


def test_no_page_reaches_for_a_network(good, validate_frames, settings):
    train, test = good
    validate_frames(train, test)
    validate_frames(train.drop(columns="label"), test)
    pages = list((settings.home / "docs").rglob("*.html"))
    assert len(pages) == 4
    assert [file for file in pages if "://" in file.read_text()] == []


def test_no_message_is_copied_into_the_state(good, validate_frames, settings):
    train, test = good
    validate_frames(train.assign(text="My secret is long. " * 1_000), test)
    written = [file for file in settings.home.rglob("*") if file.suffix in (".html", ".json")]
    assert len(written) > 3
    assert [file for file in written if "secret" in file.read_text()] == []


def test_only_the_last_results_of_each_model_are_kept(good, validate_frames, page, settings, spec, monkeypatch):
    monkeypatch.setattr(docs, "KEPT_RESULTS", 2)
    other = validate_frames(*good, spec.model_copy(update={"name": "other"}))
    pages = [page(validate_frames(*good)) for _ in range(3)]
    assert [file.exists() for file in (*pages, page(other))] == [False, True, True, True]
    assert len(list((settings.home / "gx").rglob("corpus-*.json"))) == 3


def test_validation_talks_to_nobody(good, validate_frames, monkeypatch, capfd, caplog):
    def refuse(*_):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    assert validate_frames(*good).success
    assert (*capfd.readouterr(), caplog.text) == ("", "", "")
