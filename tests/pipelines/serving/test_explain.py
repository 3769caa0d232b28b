PREDICT = "/v1/models/sentiment/predict"


def why(service, *texts):
    return [one["why"] for one in service.predict(*texts, explain=True).json()["predictions"]]


def test_the_word_that_decided_comes_first_with_what_the_answer_loses_without_it(service):
    answer, without = service.first("bad so bad this flight", explain=True), service.first("so bad this flight")
    strongest = answer["why"][0]
    assert strongest["word"] == "bad"
    assert strongest["weight"] == round(answer["score"] - without["scores"]["negative"], 4) > 0.3


def test_a_word_that_spoke_against_the_answer_weighs_less_than_nothing(service):
    (found,) = why(service, "bad bad so")
    assert {one["word"]: one["weight"] < 0 for one in found} == {"bad": False, "so": True}


def test_explanations_come_in_the_order_of_the_texts(service):
    assert [found[0]["word"] for found in why(service, "bad flight", "so what", "good food")] == ["bad", "so", "good"]


def test_what_is_masked_stays_masked_in_the_explanation(service):
    answer = service.predict("so mail jane.roe@somewhere.org", explain=True)
    assert answer.json()["predictions"][0]["why"][0]["word"] == "<EMAIL>"
    assert "jane" not in answer.text


def test_without_being_asked_nothing_is_explained(service):
    assert "why" not in service.first("bad")
    assert "why" not in service.first("bad", explain=False)


def test_more_texts_than_can_be_explained_are_refused_with_the_number_that_can(service):
    assert service.predict(*["bad"] * 8, explain=True).status_code == 200
    refused = service.predict(*["bad"] * 9, explain=True)
    assert refused.status_code == 422
    assert "explain 8 texts at most" in refused.json()["detail"][0]["msg"]


def test_the_longest_texts_are_explained_in_bounded_work(service):
    (found, *others) = why(service, *["bad " * 2500] * 8)
    assert len(others) == 7
    assert len(found) <= 31
