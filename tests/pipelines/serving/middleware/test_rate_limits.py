import time

import pytest

from pipelines.serving.middleware.request_limits import MAX_CALLERS, RateLimits


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def granted(rates, who="one", tries=100):
    return sum(rates.wait(who) == 0 for _ in range(tries))


def test_a_full_bucket_holds_two_seconds_worth(clock):
    assert granted(RateLimits(10, clock)) == 20


def test_a_bucket_fills_with_time_and_does_not_overflow(clock):
    rates = RateLimits(10, clock)
    granted(rates)
    clock.now += 0.5
    assert granted(rates) == 5
    clock.now += 3600
    assert granted(rates) == 20


def test_whoever_has_to_wait_is_told_how_long(clock):
    rates = RateLimits(10, clock)
    granted(rates)
    wait = rates.wait("one")
    assert 0 < wait <= 0.1
    clock.now += wait + 1e-9
    assert rates.wait("one") == 0


def test_one_caller_does_not_wait_for_another(clock):
    rates = RateLimits(10, clock)
    granted(rates)
    assert rates.wait("other") == 0


def test_less_than_one_request_a_second_is_a_rate(clock):
    rates = RateLimits(0.1, clock)
    assert granted(rates) == 1
    clock.now += 10.001
    assert granted(rates) == 1


def test_no_rate_is_no_limit(clock):
    assert granted(RateLimits(0, clock), tries=10_000) == 10_000


def test_many_strangers_do_not_fill_the_memory_nor_empty_a_bucket_that_was_just_used(clock):
    rates = RateLimits(1, clock)
    for number in range(MAX_CALLERS * 3):
        rates.wait(f"stranger-{number}")
        clock.now += 1e-6
    granted(rates, "busy")
    assert rates.callers <= MAX_CALLERS + 1
    assert rates.wait("busy") > 0


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def test_a_caller_who_asks_too_often_is_told_to_wait_and_others_are_not(tmp_path, start):
    with start(tmp_path, NEEDLOOP_RATE="2") as service:
        one, other = (bearer(service.store.create_key(name, ["predict"])) for name in ("one", "other"))
        answers = [service.http.get("/v1/models", headers=one) for _ in range(8)]
        (late, *_) = [answer for answer in answers if answer.status_code == 429]
        assert [answer.status_code for answer in answers[:4]] == [200] * 4
        assert int(late.headers["retry-after"]) == 1
        assert service.http.get("/v1/models", headers=other).status_code == 200
        assert {service.http.get("/healthz").status_code for _ in range(20)} == {200}
        time.sleep(1)
        assert service.http.get("/v1/models", headers=one).status_code == 200


def test_those_who_guess_are_slowed_down_and_do_not_slow_down_the_others(tmp_path, start):
    with start(tmp_path, NEEDLOOP_RATE="2") as service:
        good = bearer(service.store.create_key("web", ["predict"]))
        wrong = [service.http.get("/v1/models", headers=bearer("wrong")).status_code for _ in range(8)]
        assert wrong[:4] == [401] * 4
        assert 429 in wrong
        assert service.http.get("/v1/models", headers=good).status_code == 200


def test_an_open_service_counts_by_address(tmp_path, start):
    with start(tmp_path, NEEDLOOP_RATE="2") as service:
        assert 429 in [service.http.get("/v1/models").status_code for _ in range(8)]


def test_a_service_that_others_may_reach_has_a_rate_without_being_told(tmp_path, start):
    with start(tmp_path, "--host", "0.0.0.0") as service:
        wrong, begun, statuses = bearer("wrong"), time.monotonic(), []
        while 429 not in statuses and time.monotonic() - begun < 20:
            statuses.append(service.http.get("/v1/models", headers=wrong).status_code)
        assert 429 in statuses
