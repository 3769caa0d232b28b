"""The examples of the OpenAPI description work in the running service."""

import pytest
from jsonschema import Draft202012Validator

PATH = {"model": "sentiment", "version": "3", "number": "3", "before": "3", "after": "3", "picture": "confusion"}
VERSION = "/v1/models/sentiment/versions/3"
PLAIN = ("/metrics", "/ping", "/version", f"{VERSION}/pictures/confusion", f"{VERSION}/card")  # not in JSON
ADMIN = [{"key": ["admin"]}]


@pytest.fixture(scope="module")
def description(service):
    return service.sign_in().http.get("/openapi.json").json()


def operations(description):
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield path.format(**PATH), method, operation


def valid(value, schema, description):
    Draft202012Validator({**schema, "components": description["components"]}).validate(value)


def resolved(schema, description):
    name = schema.get("$ref", "").rpartition("/")[2]
    return description["components"]["schemas"][name] if name else schema


def requests(operation, description):
    media = operation["requestBody"]["content"]["application/json"]
    named = [one["value"] for one in media.get("examples", {}).values()]
    return named or resolved(media["schema"], description)["examples"]


def known(body, service):
    """The body with ids that exist: feedback needs a prediction, and its withdrawal needs feedback."""
    if "feedback" in body:
        said = {"prediction": service.first()["id"], "rating": 5}
        return {"feedback": service.http.post("/v1/feedback", json=said).json()["id"]}
    return body | {"prediction": service.first()["id"]} if "prediction" in body else body


def test_every_example_of_a_request_is_answered_as_described(service, description):
    tried = 0
    for path, method, operation in operations(description):
        if operation.get("security") == ADMIN:  # starts a command: tried where there is something to decide
            continue
        for body in requests(operation, description) if "requestBody" in operation else ():
            answer = service.http.request(method, path, json=known(body, service))
            assert answer.status_code in (200, 201), (path, body, answer.text)
            schema = operation["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
            valid(answer.json(), schema, description)
            tried += 1
    assert tried == 13


def test_every_question_without_a_body_is_answered_as_described(service, description):
    for file in ("scorecards/sentiment/3/confusion.png", "cards/sentiment/3.html"):
        (service.home / file).parent.mkdir(parents=True)
        (service.home / file).touch()
    for path, method, operation in operations(description):
        if method == "get":
            answer = service.http.get(path)
            assert answer.status_code == 200, path
            if path not in PLAIN:
                valid(
                    answer.json(), operation["responses"]["200"]["content"]["application/json"]["schema"], description
                )


def test_every_example_fits_its_own_schema(description):
    shown = {name: schema for name, schema in description["components"]["schemas"].items() if "examples" in schema}
    assert {"PredictRequest", "FeedbackRequest", "PredictResponse", "ModelInfo", "ErrorResponse"} <= set(shown)
    assert {"InferRequest", "InferResponse", "InvocationResponse"} <= set(shown)
    for schema in shown.values():
        for example in schema["examples"]:
            valid(example, schema, description)


def test_every_request_of_the_api_shows_an_example(description):
    for path, _, operation in operations(description):
        if "requestBody" in operation:
            assert requests(operation, description), path


def test_the_protocols_describe_their_own_refusals(description):
    for path, _, operation in operations(description):
        if path.startswith("/v2") or path == "/invocations":
            assert "422" not in operation["responses"], path
            refusal = operation["responses"]["4XX"]["content"]["application/json"]["schema"]
            assert set(resolved(refusal, description)["properties"]) in ({"error"}, {"error_code", "message"})
