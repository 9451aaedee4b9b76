"""Calls the gateway through the vendor's own SDKs and says what came of it.

The SDKs are used as they come: only endpoint, protocol, keys and region are configured. A call counts
when the gateway verified its signature, answered with success, and the SDK decoded every member of the
answer into a value of the type its own model declares.
"""

import argparse
import importlib
import inspect
import json
import re
import sys
import typing
import urllib.request

from alibabacloud_tea_openapi.utils_models import Config

import cases
from arguments import arguments

PACKAGES = {
    "computenestsupplier": "alibabacloud_computenestsupplier20210521",
    "cs": "alibabacloud_cs20151215",
    "ecs": "alibabacloud_ecs20140526",
    "servicemesh": "alibabacloud_servicemesh20200111",
    "smartag": "alibabacloud_smartag20180313",
    "sts": "alibabacloud_sts20150401",
}

# How calls are signed: the SDK's setting, and whether with temporary credentials.
SIGNATURES = {
    "acs3": (None, False),
    "acs3+sts": (None, True),
    "v2": ("v2", False),
    "v2+sts": ("v2", True),
}

# What the gateway calls the schemes, by SDK setting and by style of the API.
SCHEMES = {(None, "rpc"): "ACS3-HMAC-SHA256", (None, "roa"): "ACS3-HMAC-SHA256"}
SCHEMES |= {("v2", "rpc"): "RPC HMAC-SHA1", ("v2", "roa"): "ROA HMAC-SHA1"}


class Refusal(Exception):
    """The gateway, or what the SDK made of its answer, is not as it should be."""


class Gateway:
    """One running gateway, and what it says about itself."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def exchange(self, request_id):
        """The exchange that was answered with this request id, as the gateway recorded it."""
        with urllib.request.urlopen(f"{self.endpoint}/_mock/requests?requestId={request_id}") as reply:
            for exchange in json.load(reply):
                return exchange
        raise Refusal(f"the gateway knows no request {request_id}")


class Witness:
    """The SDK of one product, configured for a gateway and one way to sign."""

    def __init__(self, product, gateway, signature, keys):
        self.product, self.gateway, self.signature = product, gateway, signature
        algorithm, temporary = SIGNATURES[signature]
        self.algorithm = algorithm
        identity, secret, token = keys if temporary else ("testid", "testsecret", None)
        config = Config(
            access_key_id=identity,
            access_key_secret=secret,
            security_token=token,
            signature_algorithm=algorithm,
            endpoint=gateway.endpoint.removeprefix("http://"),
            protocol="HTTP",
            region_id="cn-hangzhou",
        )
        package = PACKAGES[product]
        self.module = importlib.import_module(package + ".client")
        self.models = importlib.import_module(package + ".models")
        self.client = self.module.Client(config)

    def method(self, operation):
        return getattr(self.client, snake(operation + "WithOptions"), None)

    def call(self, operation, parameters):
        """Calls an operation with parameters under their names on the wire."""
        method = self.method(operation)
        if method is None:
            raise Refusal("the SDK does not have the operation")
        rest = {snake(name): value for name, value in parameters.items()}
        runtime = getattr(self.module, "RuntimeOptions", None) or self.module.util_models.RuntimeOptions
        given = []
        for name in inspect.signature(method).parameters:
            if name == "runtime":
                given.append(runtime(autoretry=False))
            elif name == "headers":
                given.append({})
            elif name in ("request", "tmp_req"):
                request = getattr(self.models, operation + "Request")()
                given.append(request.from_map(parameters))
            else:
                given.append(rest[name])
        return method(*given)


def snake(name):
    """Names as the SDKs spell them: `ClusterId` is `cluster_id`, and `OIDCToken` is `oidctoken`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def decoded(value, hint, at):
    """Counts the values in a decoded model; each has to be of the type that the model declares."""
    if value is None:
        return 0
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        expect(isinstance(value, list), at, hint, value)
        return sum(decoded(item, inner[0], f"{at}[{index}]") for index, item in enumerate(value))
    if origin is dict:
        expect(isinstance(value, dict), at, hint, value)
        return sum(decoded(item, inner[1], f"{at}.{key}") for key, item in value.items())
    if hasattr(value, "to_map"):
        hints = typing.get_type_hints(type(value).__init__)
        return sum(decoded(getattr(value, name), hint, f"{at}.{name}") for name, hint in hints.items())
    if hint in (typing.Any, dict):
        return leaves(value)
    # JSON does not tell 1.0 from 1 and has no bytes, and Python's booleans are integers.
    wanted = {float: (int, float), bytes: (bytes, str)}.get(hint, hint)
    expect(isinstance(value, wanted) and isinstance(value, bool) == (hint is bool), at, hint, value)
    return 1


def expect(holds, at, hint, value):
    if not holds:
        raise Refusal(f"{at}: the SDK declares {getattr(hint, '__name__', hint)}, and got {value!r}")


def leaves(value):
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    if isinstance(value, list):
        return sum(map(leaves, value))
    return 0 if value is None else 1


def bear(witness, operation, parameters, style, anonymous=False):
    """One call, judged; returns the answer, the verdict, and how many members were decoded."""
    answer = witness.call(operation, parameters)
    if answer.status_code != 200:
        raise Refusal(f"status {answer.status_code}")
    exchange = witness.gateway.exchange(answer.headers["x-acs-request-id"])
    if exchange["operation"] != operation:
        raise Refusal(f"taken for {exchange['operation']}")
    wanted = "anonymous" if anonymous else SCHEMES[witness.algorithm, style]
    if exchange["verdict"] != wanted:
        raise Refusal(f"verified as {exchange['verdict']} instead of {wanted}")
    # Some operations answer nothing, and their SDKs have no place for it.
    hints = typing.get_type_hints(type(answer).__init__)
    count = decoded(getattr(answer, "body", None), hints.get("body", typing.Any), "body")
    sent = said(exchange["replyBody"])
    if count != sent and operation not in cases.OUTGROWN:
        raise Refusal(f"the SDK decoded {count} of {sent} members")
    return answer, exchange["verdict"], f"{count}/{sent}"


def said(body):
    """How many values a body has; one that is not JSON is one value."""
    if not body:
        return 0
    try:
        return leaves(json.loads(body))
    except json.JSONDecodeError:
        return 1


class Table:
    """What is printed, and what the run comes to."""

    def __init__(self):
        self.calls, self.refused, self.operations = 0, [], set()
        print(f"{'operation':42} {'SDK':20} {'signed':9} {'status':8} {'verified as':17} members")

    def row(self, witness, operation, bearing):
        """Makes a call and prints how it went; returns the answer, if it was as it should be."""
        self.calls += 1
        answer, verdict, members, status, why = None, "", "", "ok", None
        try:
            answer, verdict, members = bearing()
            self.operations.add((witness.product, operation))
        except Exception as error:  # Whatever an SDK raises is a finding.
            status, why = "REFUSED", f"{type(error).__name__}: {error}"
            self.refused.append((operation, why))
        print(f"{operation:42} {witness.product:20} {witness.signature:9} {status:8} {verdict:17} {members}")
        if why:
            print(f"    {why}")
        return answer


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--specs", required=True, help="folder of the specs the gateways serve")
    options.add_argument("--plain", required=True, help="endpoint of a gateway that answers from the specs")
    options.add_argument("--state", required=True, help="endpoint of a gateway that remembers resources")
    options.add_argument("--all", action="store_true", help="every operation that specs and SDKs share")
    options = options.parse_args()

    plain, table = Gateway(options.plain), Table()
    sts = Witness("sts", plain, "acs3", None)
    role = {"RoleArn": "acs:ram::123456789012****:role/witness", "RoleSessionName": "witness"}
    answer = table.row(sts, "AssumeRole", lambda: bear(sts, "AssumeRole", role, "rpc"))
    if answer is None:
        return 1
    assumed = answer.body.credentials
    keys = (assumed.access_key_id, assumed.access_key_secret, assumed.security_token)

    specs = {product: cases.spec(options.specs, product) for product in PACKAGES}
    for signature in SIGNATURES:
        witnesses = {product: Witness(product, plain, signature, keys) for product in PACKAGES}
        for product, operation, parameters in chosen(specs, witnesses, options.all):
            witness, spec = witnesses[product], specs[product]
            anonymous = spec["operations"][operation].get("auth") == "anonymous"
            table.row(
                witness, operation, lambda: bear(witness, operation, parameters, spec["style"], anonymous)
            )
    state = Gateway(options.state)
    for signature in ("acs3", "v2"):
        cases.stories(lambda product: Told(Witness(product, state, signature, None), specs[product], table))

    print(f"\n{table.calls} calls of {len(table.operations)} operations, {len(table.refused)} refused")
    return 1 if table.refused else 0


def chosen(specs, witnesses, everything):
    yield from cases.CASES
    if everything:
        for product, spec in specs.items():
            if product == "sts":
                continue  # Its double looks into the arguments, and the table has them all.
            for name, operation in spec["operations"].items():
                if witnesses[product].method(name):
                    yield product, name, arguments(spec, operation)


class Told:
    """A witness in a story: calls are judged and printed, and the story goes on with their answers."""

    def __init__(self, witness, spec, table):
        self.witness, self.spec, self.table = witness, spec, table

    def __call__(self, operation, parameters, holds=lambda body: True):
        def bearing():
            found = bear(self.witness, operation, parameters, self.spec["style"])
            if not holds(found[0].body):
                raise Refusal(f"not what the story so far makes of it: {found[0].body.to_map()}")
            return found

        answer = self.table.row(self.witness, operation, bearing)
        if answer is None:
            raise cases.Broken
        return answer.body


if __name__ == "__main__":
    sys.exit(main())
