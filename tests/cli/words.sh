# What is typed wrongly is answered with what would be right.
show aright version
show aright --version
show aright statsu
show aright config
show aright config shw
show aright zzz
show aright status --fromat json
show aright status --home
show aright status extra
show aright status -x
show aright status --format xml
show aright status --asof soon
show aright backup --to=
show aright query
show aright query 'SELECT 1 AS a' --format=csv
show aright --format csv query 'SELECT 2 AS a'
show aright query --format csv -- 'SELECT 3 AS a'
show aright query -- --format
show aright help --frobnicate
show aright help confg show
show aright help asset-of-mine
show aright config show --help
show aright config --help
ARIGHT_FORMAT=yaml show aright config show
show aright config check nowhere.yaml
show aright status --home ''
show aright restore nowhere
