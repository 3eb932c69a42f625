#!/bin/sh
# payloads: what real systems write comes in through the connectors that are shipped, or is refused
# with a sentence that says why. The counts and facts were read from the payloads themselves. They
# are no part of the project: without them there is nothing to test.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"

# Forms that the recorded payloads do not show.
cat >"$here/cmdb.json" <<'T'
{"result": [
  {"sys_id": {"value": "s1", "display_value": "s1"}, "name": {"value": "pc1", "display_value": "PC 1"},
   "fqdn": {"value": "", "display_value": ""}, "sys_updated_on": {"value": "2026-01-02 03:04:05"},
   "install_status": {"value": "1", "display_value": "Installed"}},
  {"sys_id": {"value": "s2"}, "name": {"value": "pc2", "display_value": "pc2"}, "fqdn": {"value": "pc2.example"},
   "sys_updated_on": {"value": "2026-01-02 03:04:05"}, "install_status": {"value": "7"}}]}
T
ok 'ServiceNow with display values is read' "$aright" import servicenow-computers "$here/cmdb.json"
is '… a name stands in for no host name, and what is retired is gone from use' "$(csv query "SELECT
    hostname, deleted_at FROM device ORDER BY id" | tr '\n' ';')" 'PC 1,;pc2.example,2026-01-02T03:04:05Z;'
cat >"$here/sps.json" <<'T'
{"value": [{"appId": "a1", "displayName": "A", "servicePrincipalType": "Application"},
  {"appId": "a2", "displayName": "M", "servicePrincipalType": "ManagedIdentity"}, {"appId": "a3"}]}
T
ok 'service principals are read' "$aright" import graph-service-principals "$here/sps.json"
is '… of which managed identities are no applications' "$(csv query "SELECT id FROM app ORDER BY id" |
    tr '\n' ' ')" 'a1 a3 '
printf '%s' '{"bomFormat":"CycloneDX","metadata":{"component":{"name":"shop"}},"components":[' \
    '{"name":"x","version":"1","components":[{"name":"y","version":"2"}]}]}' >"$here/bom.json"
ok 'a bill of materials without references is read' "$aright" import cyclonedx-components "$here/bom.json"
is '… its components under the application' "$(csv query "SELECT id FROM package ORDER BY id" |
    tr '\n' ' ')" 'shop/x@1 shop/y@2 '

printf '%s' '[{"resourceType":"AWS::S3::Bucket","arn":"arn:1"},{"resourceType":"AWS::S3::Bucket",' \
    '"arn":"arn:2"}]' >"$here/config.json"
ok 'items of AWS Config are read when nothing is around their list' "$aright" import aws-config "$here/config.json"
is '… each of them' "$(csv query "SELECT id FROM cloud_resource ORDER BY id" | tr '\n' ' ')" 'arn:1 arn:2 '

# says WHOM CONNECTOR: what standard input tells of the owners of its first item.
says() {
    whom=$1 connector=$2
    cat >"$here/owned.json"
    is "$connector tells whose a thing is" "$("$aright" connector try \
        "$ARIGHT_SOURCE/connectors/$connector.yaml" "$here/owned.json" --format json 2>"$here/err" |
        python3 -c 'import json, sys
print(*(r["value"] for r in json.load(sys.stdin) if r["column"] == "owners"))')" "$whom"
}
says 'kim@example.org (owner), Build (owner)' graph-applications <<'T'
{"value": [{"appId": "a", "owners": [{"userPrincipalName": "kim@example.org"}, {"displayName": "Build"}]}]}
T
says 'kim@example.org (owner)' graph-service-principals <<'T'
{"value": [{"appId": "a", "owners": [{"userPrincipalName": "kim@example.org"}]}]}
T
says 'Team Web (owner), kim@example.org (creator, 2026-01-02T03:04:05Z), 4711 (cost_centre)' azure-resources <<'T'
{"value": [{"id": "/subscriptions/s/resourceGroups/g/providers/p/r", "tags": {"Owner": "Team Web", "CostCenter": "4711"},
  "systemData": {"createdBy": "kim@example.org", "createdAt": "2026-01-02T03:04:05Z"}}]}
T
says 'web (owner), 4711 (cost_centre)' aws-config <<'T'
{"configurationItems": [{"resourceType": "AWS::S3::Bucket", "resourceId": "b",
  "tags": {"owner": "web", "cost-center": "4711"}}]}
T
says 'web (owner)' kubernetes-objects <<'T'
{"items": [{"kind": "Pod", "metadata": {"uid": "u", "name": "n", "labels": {"team": "web"}}}]}
T
says 'Kim (register)' netbox-devices <<'T'
{"results": [{"id": 1, "name": "sw1", "custom_fields": {"owner": "Kim"}}]}
T
says 'Kim (register), Sam (register), Lee (register), Web (cost_centre)' servicenow-computers <<'T'
{"result": [{"sys_id": {"value": "s"}, "owned_by": {"display_value": "Kim"}, "managed_by": {"display_value": "Sam"},
  "assigned_to": {"display_value": "Lee"}, "cost_center": {"display_value": "Web"}}]}
T

unpack=${ARIGHT_SOURCE:?}/../shared/data/unpack
if [ ! -x "$unpack" ] || ! data=$("$unpack" estate); then
    skip 'payloads of real systems are read' 'they are not here'
    done_testing
    exit
fi

# Each line: the connector, the payload, how many rows come, and what they hold: a column of the
# kind, a value, and how many rows have it.
n=0
while read -r connector payload rows kind column wanted having; do
    n=$((n + 1))
    got=$("$aright" import "$connector" "$data/$payload" --source "p$n" --format csv \
        2>"$here/err" | tail -n +2 | tr -d '\r' | cut -d , -f 2,4,5)
    is "$connector reads $payload" "$got" "ok,$kind,$rows"
    [ "$got" = "ok,$kind,$rows" ] || head -n 3 "$here/err" | note
    [ -z "$column" ] || is "… of which $having with $column $wanted" "$(csv query "SELECT count(*)
        FROM $kind WHERE list_contains(string_split(source, ','), 'p$n')
        AND CAST($column AS VARCHAR) LIKE '$wanted'")" "$having"
done <<'T'
graph-applications entra/graph_applications_list.json 1 app multi_tenant false 1
graph-service-principals entra/graph_servicePrincipals_list.json 1 app sign_in_enabled true 1
graph-credentials entra/graph_servicePrincipals_list.json 0 credential
graph-sign-ins entra/graph_signIns_list.json 1 app last_sign_in_at 2020-03-13%19:15:41% 1
graph-sign-ins-accounts entra/graph_signIns_list.json 1 account name testaccount1@contoso.com 1
graph-devices entra/graph_devices_list.json 1 device os linux 1
graph-organization entra/graph_organization_list.json 1 tenant default_domain Contoso.onmicrosoft.com 1
graph-role-assignments entra/graph_roleAssignments_list.json 3 role_grant privileged true 3
graph-registration-details entra/graph_userRegistrationDetails_list.json 3 account weak_method_count 3 1
scuba-tenant entra/scubagear_tenant_details.json 1 tenant created_at 2021-02-18%20:14:04% 1
scuba-conditional-access entra/scubagear_conditional_access_policies.json 7 policy controls block 5
scuba-authentication-methods entra/scubagear_authentication_method.json 12 policy kind authentication_method 12
scuba-authorization entra/scubagear_authorization_policies.json 5 policy state enabled 3
scuba-domains entra/scubagear_domain_settings.json 1 policy password_days 2147483647 1
scuba-privileged entra/scubagear_privileged_users.json 13 role_grant name John%Public 8
scuba-privileged entra/scubagear_privileged_service_principals.json 3 role_grant role Exchange%Administrator 3
scuba-roles entra/scubagear_privileged_roles.json 11 role_grant role Global%Administrator 7
scuba-applications entra/scubagear_risky_applications.json 2 app secret_count 3 1
scuba-applications entra/scubagear_risky_third_party_service_principals.json 1 app multi_tenant true 1
scuba-applications entra/scubagear_MockApplications.json 3 app secret_count 3 1
scuba-applications entra/scubagear_MockServicePrincipals.json 6 app tenant_id 11100000-% 1
scuba-credentials entra/scubagear_risky_applications.json 9 credential not_before 2012-04-27%10:31:18% 2
scuba-credentials entra/scubagear_MockApplications.json 5 credential not_after 2100-01-01% 5
scuba-credentials entra/scubagear_MockServicePrincipals.json 9 credential
scuba-federated-credentials entra/scubagear_MockFederatedCredentials.json 2 credential issuer_boundary_id https://token.issuer.domain.com 2
scuba-action-plan entra/scubagear_ActionPlan.csv 14 external_check rule MS.AAD.7.2v1 1
azure-resources azure/resourcegraph_basic_query.json 3 cloud_resource region westus 2
azure-resources azure/c7n_ArmResourceTest.common.json 8 cloud_resource kind microsoft.compute/disks 2
azure-resources azure/c7n_KeyVaultKeyTest.test_key_vault_keys_rotation.json 2 cloud_resource region centralus 2
azure-vault-keys azure/c7n_KeyVaultKeyTest.test_key_vault_keys_rotation.json 2 signing_key extractable false 2
azure-resources azure/c7n_KeyVaultTest.common.json 1 cloud_resource name cckeyvault1yghq6zt4ewg2e 1
azure-resources azure/c7n_NetworkSecurityGroupTest.test_cidr_only_match.json 1 cloud_resource name c7n-nsg 1
aws-iam-roles aws/iam_ListRoles.json 1 account used_by config.amazonaws.com 1
aws-config aws/config_item_s3.json 1 cloud_resource region us-east-2 1
aws-config aws/config_item_rds_cluster.json 1 cloud_resource encrypted true 1
aws-compliance aws/config_GetComplianceDetailsByConfigRule.json 1 external_check ok false 1
aws-volumes aws/ec2_DescribeVolumes.json 3 cloud_resource encrypted false 3
kubernetes-objects kubernetes/c7n_RoleTest.yaml 14 cloud_resource kind Role 14
kubernetes-objects kubernetes/c7n_TestKube.test_kube_cache.yaml 5 cloud_resource name kube-system 1
osquery-hosts osquery/results_event.ndjson 1 device checked_in_at 2014-10-01%00:37:30% 1
osquery-hosts osquery/results_snapshot.json 1 device hostname hostname.local 1
osquery-hosts osquery/results_batch.json 1 device hostname hostname.local 1
osquery-processes osquery/results_event.ndjson 2 process deleted_at 2014-10-01%00:37:30% 1
osquery-processes osquery/results_snapshot.json 4 process device_id hostname.local 4
osquery-processes osquery/results_batch.json 2 process deleted_at 2014-10-01%00:37:30% 1
netbox-devices netbox/netbox-demo-v3.6-subset.json 40 netdev site DM-Akron 4
netbox-virtual-machines netbox/netbox-demo-v3.6-subset.json 20 device
netbox-prefixes netbox/netbox-demo-v3.6-subset.json 60 vnet name 10.112.0.0/15 1
netbox-contacts netbox/netbox-demo-v3.6-subset.json 3 person name Michael%Scott 1
cyclonedx-components cyclonedx/sbom_cern-lhc-vdm-editor.json 43 package version 1.19.0 1
cyclonedx-components cyclonedx/obom.json 1 package app_id Keycloak 1
cyclonedx-components cyclonedx/saasbom.json 0 package
cyclonedx-services cyclonedx/saasbom.json 6 service authenticated false 1
cyclonedx-crypto cyclonedx/cbom_certificate.json 2 credential algorithm SHA512withRSA 1
cyclonedx-crypto cyclonedx/cbom_key.json 1 credential bits 2048 1
github-repositories github/fixture_get-repository_normalized-fixture.json 1 repo default_branch master 1
github-repositories github/fixture_get-repository_raw-fixture.json 1 repo name hello-world 1
github-repositories github/fixture_branch-protection_raw-fixture.json 1 repo default_branch main 1
github-organizations github/fixture_get-organization_normalized-fixture.json 1 tenant mfa_required false 1
github-organizations github/fixture_get-organization_raw-fixture.json 1 tenant name octokit-fixture-org 1
github-branch-protection github/fixture_branch-protection_normalized-fixture.json 1 repo min_reviewers 1 1
github-branch-protection github/fixture_branch-protection_raw-fixture.json 1 repo prod_branch_protected true 1
github-branch-protection-events github/webhook_branch_protection_rule_created.1.payload.json 1 repo min_reviewers 1 1
github-deploy-keys github/webhook_deploy_key_created.payload.json 1 credential algorithm ssh-rsa 1
github-members github/webhook_member_added.payload.json 1 role_grant principal_id github:hacktocat 1
github-repository-events github/webhook_push_1.payload.json 1 repo last_commit_at 2019-05-15%15:20:57% 1
github-repository-events github/webhook_repository_created.payload.json 1 repo last_commit_at 2019-05-15%15:20:33% 1
github-secret-alerts github/webhook_secret_scanning_alert_reopened.payload.json 1 credential name adafruit_io_key 1
github-workflow-runs github/webhook_workflow_run_completed.payload.json 1 pipeline last_run_at 2020-10-05%16:33:49% 1
servicenow-computers servicenow/cmdb_ci_computer.json 1 device hostname ThinkStation%S20 1
T

# The recorded report names one account twice; without the second row it is one of twenty accounts.
report=$here/report.csv
awk -F , '!seen[$2]++' "$data/aws/iam_credential_report.csv" >"$report"
ok 'a credential report is read' "$aright" import aws-credential-report "$report"
is 'not_supported is nothing, not false' "$(value account login_enabled "name = '<root_account>'")" ''
is 'ten of the twenty have a second factor' "$(value account mfa_capable \
    "source = 'aws-credential-report'" | sort | uniq -c | tr -s ' \n' ' ')" ' 10 false 10 true '
printf '{"ReportFormat":"text/csv","Content":"%s"}' "$(base64 -w 0 "$report")" >"$here/report.json"
is 'as the API wraps it in base64 it says the same' "$("$aright" import aws-credential-report \
    "$here/report.json" --format csv | tail -n +2 | tr -d '\r' | cut -d , -f 2,5-8)" ok,20,0,0,0
ok 'and its access keys' "$aright" import aws-access-keys "$report"

# What is no list of assets says why.
refuses() { fails "$1 refuses $2" 2 "$3" "$aright" import "$1" "$data/$2"; }
while IFS='|' read -r connector payload words; do refuses "$connector" "$payload" "$words"; done <<'T'
aws-credential-report|aws/iam_credential_report.csv|user/christopher' is there twice
scuba-roles|entra/scubagear_MockServicePrincipalAppRoleAssignments.json|without who holds them
kubernetes-objects|kubernetes/admissionreview_create_pod.json|it asks a gate
kubernetes-objects|kubernetes/admissionreview_create_policyreport.json|it asks a gate
osquery-hosts|osquery/pack_it-compliance.conf|it holds no results
cyclonedx-components|netbox/netbox-demo-v3.6-subset.json|no bill of materials
graph-applications|netbox/netbox-demo-v3.6-subset.json|no list at 'value'
kubernetes-objects|oscal/examples/example-component-definition.json|column 'id': it is empty
T

# What a cluster asks before it is so is judged by the columns of an import.
for asked in pod policyreport; do
    review=$data/kubernetes/admissionreview_create_$asked.json
    "$aright" gate decide --gate cloud_resource.create "$review" >"$here/answer" 2>"$here/err"
    is "a review of a $asked is answered by its uid" "$(python3 -c 'import json, sys
asked, said = (json.load(open(f)) for f in sys.argv[1:])
print(said["response"]["uid"] == asked["request"]["uid"], said["response"]["allowed"])' \
        "$review" "$here/answer")" 'True False'
done

# A list of Graph or AWS that says that there is more is no whole snapshot.
ok 'a page of several is taken' "$aright" import aws-iam-roles "$data/aws/iam_ListRoles.json"
is '… and nothing is gone because of it' "$("$aright" import aws-iam-roles \
    "$data/aws/iam_ListRoles.json" 2>&1 | grep -c 'has more: nothing is declared gone')" 1
is 'every payload is spoken of here' "$(find "$data/entra" "$data/azure" "$data/aws" \
    "$data/kubernetes" "$data/github" "$data/osquery" "$data/netbox" "$data/cyclonedx" \
    "$data/servicenow" -type f | while read -r file; do
    grep -qF "${file#"$data/"}" "$0" || echo "${file#"$data/"}"
done)" ''
done_testing
