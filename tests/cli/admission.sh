# What an API server of Kubernetes asks a gate, and what it is told.
mkdir -p -m 700 "$ARIGHT_HOME" && mkdir "$ARIGHT_HOME/standards"
standard() { # ID MODE PASS
    cat >"$ARIGHT_HOME/standards/$1.yaml" <<T
id: $1
class: standard
title: $4
statement: $4.
pillar: engineering
kind: cloud_resource
where: kind IN ('Pod', 'Deployment')
pass: $3
right: $5
risk: 3
owner: team:platform
explain: [name, kind]
stay: {gate: [cluster.admit], mode: $2, on_error: closed, needs: row}
get: {due: 30d, action: mend}
waiver: {max: 90d, approver: domain}
tests:
  pass: [{kind: Pod, name: shop/web}]
  fail: [{kind: Pod, name: default/web}]
  unknown: [{kind: Pod}]
T
}
standard XX-1 deny "name NOT LIKE 'default/%'" 'Nothing runs in the default namespace' 'Give it a namespace of its team.'
standard XX-2 warn "name LIKE 'shop/%'" 'Everything runs in the shop' 'Move it to the shop.'
# ask OPERATION FIELD NAMESPACE [MORE]
ask() {
    cat <<T
{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": {"uid": "r-1",
 "operation": "$1", "namespace": "$3", "name": "web"${4-}, "$2": {"apiVersion": "apps/v1", "kind": "${5-Pod}",
 "metadata": {"name": "web", "namespace": "$3"${6-, \"uid\": \"u-$3\"}}}}}
T
}
decide() { show aright gate decide --gate cluster.admit - "$@"; }
echo "# created, and denied, warned of, or let in"
ask CREATE object default | decide
ask CREATE object blog | decide --format csv
ask CREATE object shop | decide --format json
ask CREATE object shop '' Deployment '' | decide
ask CREATE object shop '' Service | decide
echo "# changed, and removed: what goes misses nothing"
ask UPDATE object default | decide
ask DELETE oldObject default | decide
echo "# the same columns as an import, also without the question around it"
echo '{"kind": "Pod", "metadata": {"uid": "u-1", "name": "web", "namespace": "default"}}' >pod.json
show aright gate decide --gate cluster.admit --connector kubernetes-objects pod.json
echo '{"items": [{"metadata": {"uid": "1"}}, {"metadata": {"uid": "2"}}]}' | decide --connector kubernetes-objects
echo '{"items": []}' | decide --connector kubernetes-objects
show aright gate decide --gate app.create --connector kubernetes-objects pod.json
show aright gate decide --gate cluster.admit --connector kubernets pod.json
echo '{"kind": "Pod", "metadata": {"uid": "u-1", "creationTimestamp": "soon"}}' | decide --connector kubernetes-objects
echo "# what cannot be answered is refused"
ask CREATE object shop | sed 's|admission.k8s.io/v1"|admission.k8s.io/v1beta1"|' | decide
ask CREATE object shop | sed 's/"uid": "r-1"/"uid": ""/' | decide
ask CREATE object shop | sed 's/"uid": "r-1",//' | decide
ask CONNECT object shop | decide
ask CREATE object shop ', "subResource": "eviction"' | decide
ask DELETE object shop | decide
echo '{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "response": {"uid": "r"}}' | decide
echo "# every decision is kept"
aright gate cost --format csv | cut -d, -f 1-4
