"""What the witnesses call: operations with telling arguments, and stories that go on from answer to answer."""

import json
import pathlib
import time

MESH = {"ServiceMeshId": "c08ba3fd1e6484b0f8cc1ad8fe10d****"}
REGION = {"RegionId": "cn-hangzhou"}
ROLE = {"RoleArn": "acs:ram::1:role/r", "RoleSessionName": "witness"}
# What encodings stumble over.
AWKWARD = "a b+c%2F/~*'()!:é网\n\"&=;"

# Operations with members that the vendor documented once and whose later SDKs do not know.
OUTGROWN = {"GetVmMeta"}

CASES = [
    ("servicemesh", "AddClusterIntoServiceMesh", MESH | {"ClusterId": "c-1", "DiscoveryOnly": True}),
    (
        "servicemesh",
        "CreateServiceMesh",
        REGION
        | {
            "VpcId": "vpc-1",
            "VSwitches": '["vsw-1"]',
            "Name": AWKWARD,
            "Tracing": False,
            "TraceSampling": 12.5,
            "AccessLogServicePort": 9999,
            "Tag": [{"Key": "stage", "Value": AWKWARD}, {"Key": "empty", "Value": ""}],
        },
    ),
    ("servicemesh", "DeleteServiceMesh", MESH | {"Force": True}),
    ("servicemesh", "DescribeCens", MESH),
    ("servicemesh", "DescribeClusterGrafana", MESH | {"K8sClusterId": "c-1"}),
    ("servicemesh", "DescribeClustersInServiceMesh", MESH),
    ("servicemesh", "DescribeServiceMeshClusters", MESH | {"Offset": 0, "Limit": 10}),
    ("servicemesh", "DescribeServiceMeshDetail", MESH),
    ("servicemesh", "DescribeServiceMeshKubeconfig", MESH | {"PrivateIpAddress": True}),
    ("servicemesh", "DescribeServiceMeshUpgradeStatus", MESH | {"GuestClusterIds": "c-1,c-2"}),
    ("servicemesh", "DescribeUpgradeVersion", MESH),
    ("servicemesh", "GetVmAppMeshInfo", MESH),
    ("servicemesh", "RemoveClusterFromServiceMesh", MESH | {"ClusterId": "c-1"}),
    ("servicemesh", "UpdateMeshFeature", MESH | {"Tracing": True, "TraceSampling": 0.5, "Concurrency": 2}),
    ("servicemesh", "UpgradeMeshVersion", MESH | {"PreCheck": False}),
    ("cs", "DescribeTaskInfo", {"task_id": "T-5faa48fb31b6b8078d00****"}),
    ("cs", "GetUpgradeStatus", {"ClusterId": "c106f377e16f34eb1808d6b9362c9****"}),
    (
        "computenestsupplier",
        "UpgradeServiceInstance",
        REGION
        | {
            "ServiceInstanceId": "si-5cbae874da0e47xxxxxx",
            "ServiceVersion": "2",
            "DryRun": "false",
            "Parameters": {"size": 3, "name": AWKWARD, "nested": {"list": [1, True, None]}},
        },
    ),
    (
        "smartag",
        "UpdateSmartAccessGatewayVersion",
        REGION | {"SmartAGId": "sag-1", "VersionCode": "1.0.1", "VersionType": "Device"},
    ),
    ("sts", "GetCallerIdentity", {}),
    ("sts", "AssumeRole", ROLE | {"DurationSeconds": 900}),
    (
        "sts",
        "AssumeRoleWithOIDC",
        ROLE | {"OIDCProviderArn": "acs:ram::1:oidc-provider/p", "OIDCToken": "header.payload.signature"},
    ),
    (
        "sts",
        "AssumeRoleWithSAML",
        {"RoleArn": "acs:ram::1:role/r", "SAMLProviderArn": "acs:ram::1:saml-provider/p", "SAMLAssertion": "PHNhbWw+"},
    ),
    ("ecs", "DescribeRegions", {"AcceptLanguage": "en-US"}),
    ("ecs", "DescribeZones", REGION | {"Verbose": True}),
    ("ecs", "DescribeInstances", REGION | {"InstanceIds": '["i-1"]', "Tag": [{"Key": "a", "Value": AWKWARD}]}),
    ("ecs", "DescribeImages", REGION | {"PageNumber": 1, "PageSize": 10}),
    ("ecs", "DescribeDisks", REGION),
    ("ecs", "DescribePrice", REGION | {"ResourceType": "instance", "SystemDisk": {"Category": "cloud_essd", "Size": 40}}),
    (
        "ecs",
        "RunInstances",
        REGION
        | {
            "ImageId": "img-1",
            "InstanceType": "ecs.g7.large",
            "Amount": 2,
            "UserData": "IyEvYmluL3No+/==",
            "SystemDisk": {"Category": "cloud_essd", "Size": "40"},
            "DataDisk": [{"Size": 20, "Category": "cloud_essd"}, {"Size": 40, "DeleteWithInstance": True}],
            "Tag": [{"Key": "name", "Value": AWKWARD}],
            "SecurityGroupIds": ["sg-1", "sg-2"],
        },
    ),
    ("ecs", "CreateSecurityGroup", REGION | {"Description": AWKWARD}),
    ("ecs", "TagResources", REGION | {"ResourceType": "instance", "ResourceId": ["i-1"], "Tag": [{"Key": "k", "Value": AWKWARD}]}),
    ("ecs", "RunCommand", REGION | {"Type": "RunShellScript", "CommandContent": "echo", "Parameters": {"n": AWKWARD}}),
]


class Broken(Exception):
    """A call of the story went wrong; it is in the table already."""


def stories(client):
    """Stories with resources that remember; `client` gives a product's caller."""
    for story, product in ((mesh, "servicemesh"), (instances, "ecs")):
        try:
            story(client(product))
        except Broken:
            pass


def mesh(call):
    created = call("CreateServiceMesh", REGION | {"VpcId": "vpc-1", "VSwitches": '["vsw-1"]'})
    it = {"ServiceMeshId": created.service_mesh_id}
    call(
        "DescribeServiceMeshDetail",
        it,
        lambda body: body.service_mesh.service_mesh_info.service_mesh_id == created.service_mesh_id,
    )
    call("DescribeUpgradeVersion", it, lambda body: body.version.istio_version)
    call("UpgradeMeshVersion", it)
    call("DescribeServiceMeshUpgradeStatus", it, lambda body: body.upgrade_detail.mesh_status)
    call("DeleteServiceMesh", it)


def instances(call):
    wanted = REGION | {"ImageId": "img-1", "InstanceType": "ecs.g7.large", "Amount": 3}
    wanted |= {"Tag": [{"Key": "story", "Value": AWKWARD}]}
    ids = call("RunInstances", wanted, lambda body: len(body.instance_id_sets.instance_id_set) == 3)
    ids = ids.instance_id_sets.instance_id_set

    def is_page(body):
        page = body.instances.instance
        tag = page[0].tags.tag[0]
        return body.total_count == 3 and len(page) == 2 and page[0].instance_id in ids and tag.tag_value == AWKWARD

    every = REGION | {"InstanceIds": json.dumps(ids)}
    call("DescribeInstances", every | {"PageSize": 2, "PageNumber": 1}, is_page)
    until(call, REGION | {"InstanceId": ids}, "Running")
    call("StopInstances", REGION | {"InstanceId": ids[:2]})
    until(call, REGION | {"InstanceId": ids[:2]}, "Stopped")
    call("DeleteInstances", REGION | {"InstanceId": ids, "Force": True})
    call("DescribeInstances", every, lambda body: body.total_count == 0)


def until(call, which, status):
    """Asks until all of these instances have a status."""
    for _ in range(20):
        found = call("DescribeInstanceStatus", which).instance_statuses.instance_status
        if len(found) == len(which["InstanceId"]) and all(item.status == status for item in found):
            return
        time.sleep(0.5)
    raise Broken(f"no {status} in time")


def spec(folder, product):
    """The spec of a product; each of these has one version."""
    (path,) = pathlib.Path(folder, product).glob("*.json")
    return json.loads(path.read_text(encoding="utf-8"))
