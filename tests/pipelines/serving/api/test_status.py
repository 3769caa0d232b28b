def test_the_models_are_listed_with_their_labels(service):
    (model,) = service.http.get("/v1/models").json()["models"]
    assert model.pop("since")
    assert model == {
        "model": "sentiment",
        "version": 3,
        "kind": "classification",
        "labels": ["negative", "neutral", "positive"],
        "threshold": 0.0,
    }


def test_a_service_with_all_champions_is_alive_and_ready(service):
    assert service.http.get("/healthz").status_code == 200
    ready = service.http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"ready": True, "models": {"sentiment": 3}, "problems": {}, "access": "open"}


def test_a_home_without_champions_is_ready(tmp_path, start):
    with start(tmp_path / "empty") as service:
        assert service.http.get("/readyz").json() == {"ready": True, "models": {}, "problems": {}, "access": "open"}
        assert service.predict("so").status_code == 404


def test_metrics_count_by_route_and_never_by_path(service):
    service.predict("bad")
    service.http.get("/xyzzy-42")
    service.http.post("/v1/models/xyzzy-42/predict", json={"texts": ["so"]})
    text = service.http.get("/metrics").text
    assert 'needloop_predictions_total{label="negative",model="sentiment",version="3"}' in text
    assert 'route="/v1/models/{model}/predict",status="200"' in text
    assert 'route="/v1/models/{model}/predict",status="404"' in text
    assert 'needloop_champion_version{model="sentiment"} 3.0' in text
    assert "xyzzy-42" not in text
