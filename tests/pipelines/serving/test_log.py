from tests.pipelines.store.unlogged import predictions


def test_a_service_that_runs_writes_its_log_into_the_database(service, until, tmp_path):
    before = predictions(service.home, tmp_path)
    assert service.http.post("/v1/models/sentiment/predict", json={"texts": ["so good"]}).is_success
    until(lambda: predictions(service.home, tmp_path) > before, seconds=20)
