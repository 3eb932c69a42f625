-- signing_key: hsm_backed AND NOT extractable AND never_extractable AND attested_at > :asof - INTERVAL 30 DAY
"a"."hsm_backed" AND (NOT "a"."extractable") AND "a"."never_extractable" AND ((CASE WHEN "a"."attested_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."attested_at" END) > TIMESTAMP '2024-01-30 12:00:00');
-- signing_key: rotated_by = 'auto' AND human_touch_count = 0 AND last_rotated_at > :asof - INTERVAL rotation_period_days DAY
("a"."rotated_by" = 'auto') AND ("a"."human_touch_count" = 0) AND ((CASE WHEN "a"."last_rotated_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."last_rotated_at" END) > (CASE WHEN (CAST(1709208000000000 AS NUMERIC) - CAST("a"."rotation_period_days" AS NUMERIC) * 86400000000) BETWEEN -62135596800000000 AND 253402300799999999 THEN TIMESTAMP '1970-01-01 00:00:00' + make_interval(days => CAST(div((CAST(1709208000000000 AS NUMERIC) - CAST("a"."rotation_period_days" AS NUMERIC) * 86400000000), 86400000000) AS INTEGER), secs => CAST(mod((CAST(1709208000000000 AS NUMERIC) - CAST("a"."rotation_period_days" AS NUMERIC) * 86400000000), 86400000000) / 1000000 AS DOUBLE PRECISION)) END));
-- account: is_service OR (proofing_level >= 2 AND NOT shared_password_used)
"a"."is_service" OR (("a"."proofing_level" >= 2) AND (NOT "a"."shared_password_used"));
-- account: is_service OR (pr_enrolled AND pr_enforced AND weak_method_count = 0)
"a"."is_service" OR ("a"."pr_enrolled" AND "a"."pr_enforced" AND ("a"."weak_method_count" = 0));
-- app: secret_count = 0 AND auth_kind IN ('managed','federated')
("a"."secret_count" = 0) AND ("a"."auth_kind" IN ('managed', 'federated'));
-- content_store: dlp_enforced AND open_secret_findings = 0
"a"."dlp_enforced" AND ("a"."open_secret_findings" = 0);
-- service: tokens_validated_30d = 0 OR tokens_validated_std_30d = tokens_validated_30d
("a"."tokens_validated_30d" = 0) OR ("a"."tokens_validated_std_30d" = "a"."tokens_validated_30d");
-- client_app: NOT core OR auth_lib = 'standard'
(NOT "a"."core") OR ("a"."auth_lib" = 'standard');
-- service: token_log_enabled AND ledger_check_enabled
"a"."token_log_enabled" AND "a"."ledger_check_enabled";
-- tenant: created_via = 'governed' AND owner_id IS NOT NULL AND (class <> 'ephemeral' OR expires_at <= created_at + INTERVAL 90 DAY) AND (deleted_at IS NOT NULL OR last_activity_at > :asof - INTERVAL 90 DAY)
("a"."created_via" = 'governed') AND (NOT ("a"."owner_id" IS NULL)) AND (("a"."class" <> 'ephemeral') OR ((CASE WHEN "a"."expires_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."expires_at" END) <= (CASE WHEN "a"."created_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-10-02 23:59:59.999999' THEN "a"."created_at" + INTERVAL '90 DAY' END))) AND ((NOT ((CASE WHEN "a"."deleted_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."deleted_at" END) IS NULL)) OR ((CASE WHEN "a"."last_activity_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."last_activity_at" END) > TIMESTAMP '2023-12-01 12:00:00'));
-- cloud_resource: api_generation <> 'legacy'
"a"."api_generation" <> 'legacy';
-- app: baseline_ok AND (NOT multi_tenant OR access_pattern_id IS NOT NULL) AND (last_sign_in_at > :asof - INTERVAL 90 DAY OR created_at > :asof - INTERVAL 30 DAY)
"a"."baseline_ok" AND ((NOT "a"."multi_tenant") OR (NOT ("a"."access_pattern_id" IS NULL))) AND (((CASE WHEN "a"."last_sign_in_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."last_sign_in_at" END) > TIMESTAMP '2023-12-01 12:00:00') OR ((CASE WHEN "a"."created_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."created_at" END) > TIMESTAMP '2024-01-30 12:00:00'));
-- app: owner_id IS NOT NULL AND emergency_contact IS NOT NULL AND ir_record_at IS NOT NULL
(NOT ("a"."owner_id" IS NULL)) AND (NOT ("a"."emergency_contact" IS NULL)) AND (NOT ((CASE WHEN "a"."ir_record_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."ir_record_at" END) IS NULL));
-- tenant: inventoried AND owner_id IS NOT NULL AND emergency_contact IS NOT NULL
"a"."inventoried" AND (NOT ("a"."owner_id" IS NULL)) AND (NOT ("a"."emergency_contact" IS NULL));
-- credential: boundary_id IS NOT NULL AND issuer_boundary_id = boundary_id AND used_boundary_count <= 1
(NOT ("a"."boundary_id" IS NULL)) AND ("a"."issuer_boundary_id" = "a"."boundary_id") AND ("a"."used_boundary_count" <= 1);
-- content_store: kind <> 'crash_dump' OR (boundary_id IS NOT NULL AND access_group_jit AND scrubbed)
("a"."kind" <> 'crash_dump') OR ((NOT ("a"."boundary_id" IS NULL)) AND "a"."access_group_jit" AND "a"."scrubbed");
-- role_grant: NOT privileged OR (grant_kind = 'eligible' AND max_duration_h <= 8 AND justification IS NOT NULL)
(NOT "a"."privileged") OR (("a"."grant_kind" = 'eligible') AND ("a"."max_duration_h" <= 8) AND (NOT ("a"."justification" IS NULL)));
-- account: is_service OR device_policy_enforced
"a"."is_service" OR "a"."device_policy_enforced";
-- device: NOT prod_access OR (locked_down AND compliant AND checked_in_at > :asof - INTERVAL 7 DAY AND exception_tools = 0)
(NOT "a"."prod_access") OR ("a"."locked_down" AND "a"."compliant" AND ((CASE WHEN "a"."checked_in_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."checked_in_at" END) > TIMESTAMP '2024-02-22 12:00:00') AND ("a"."exception_tools" = 0));
-- netdev: inventoried AND owner_id IS NOT NULL AND firmware = firmware_baseline AND NOT firmware_eol
"a"."inventoried" AND (NOT ("a"."owner_id" IS NULL)) AND ("a"."firmware" = "a"."firmware_baseline") AND (NOT "a"."firmware_eol");
-- netdev: cred_rotated_at > :asof - INTERVAL 90 DAY AND central_auth AND acl_hash = acl_baseline_hash
((CASE WHEN "a"."cred_rotated_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."cred_rotated_at" END) > TIMESTAMP '2023-12-01 12:00:00') AND "a"."central_auth" AND ("a"."acl_hash" = "a"."acl_baseline_hash");
-- netdev: topology_reviewed_at > :asof - INTERVAL 90 DAY
(CASE WHEN "a"."topology_reviewed_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."topology_reviewed_at" END) > TIMESTAMP '2023-12-01 12:00:00';
-- service: service_tag IS NOT NULL AND firewall_policy_id IS NOT NULL
(NOT ("a"."service_tag" IS NULL)) AND (NOT ("a"."firewall_policy_id" IS NULL));
-- flow_source: service_tag IS NOT NULL AND owner_id IS NOT NULL
(NOT ("a"."service_tag" IS NULL)) AND (NOT ("a"."owner_id" IS NULL));
-- service: perimeter_mode = 'enforced' AND NOT default_outbound AND least_privilege_reviewed_at > :asof - INTERVAL 365 DAY
("a"."perimeter_mode" = 'enforced') AND (NOT "a"."default_outbound") AND ((CASE WHEN "a"."least_privilege_reviewed_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."least_privilege_reviewed_at" END) > TIMESTAMP '2023-03-01 12:00:00');
-- vnet: NOT backend OR (NOT peered_corp AND least_priv AND security_review_at IS NOT NULL)
(NOT "a"."backend") OR ((NOT "a"."peered_corp") AND "a"."least_priv" AND (NOT ((CASE WHEN "a"."security_review_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."security_review_at" END) IS NULL)));
-- service: NOT customer_facing OR edge_layer_count >= 2
(NOT "a"."customer_facing") OR ("a"."edge_layer_count" >= 2);
-- vnet: admin_rules AND created_via = 'template' AND NOT default_outbound
"a"."admin_rules" AND ("a"."created_via" = 'template') AND (NOT "a"."default_outbound");
-- cloud_resource: NOT critical OR (NOT public_access AND perimeter_mode = 'enforced')
(NOT "a"."critical") OR ((NOT "a"."public_access") AND ("a"."perimeter_mode" = 'enforced'));
-- repo: inventoried AND owner_id IS NOT NULL AND inventoried_at <= created_at + INTERVAL 1 DAY
"a"."inventoried" AND (NOT ("a"."owner_id" IS NULL)) AND ((CASE WHEN "a"."inventoried_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."inventoried_at" END) <= (CASE WHEN "a"."created_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-30 23:59:59.999999' THEN "a"."created_at" + INTERVAL '1 DAY' END));
-- repo: push_protection AND open_secrets = 0
"a"."push_protection" AND ("a"."open_secrets" = 0);
-- repo: prod_branch_protected AND presence_required AND presence_bypass_30d = 0 AND min_reviewers >= 1
"a"."prod_branch_protected" AND "a"."presence_required" AND ("a"."presence_bypass_30d" = 0) AND ("a"."min_reviewers" >= 1);
-- pat: expires_at <= created_at + INTERVAL 7 DAY
(CASE WHEN "a"."expires_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."expires_at" END) <= (CASE WHEN "a"."created_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-24 23:59:59.999999' THEN "a"."created_at" + INTERVAL '7 DAY' END);
-- repo: NOT ssh_enabled
NOT "a"."ssh_enabled";
-- role_grant: NOT (role IN ('collection_admin','project_admin') AND grant_kind <> 'eligible') AND (member_target IS NULL OR member_count <= member_target)
(NOT (("a"."role" IN ('collection_admin', 'project_admin')) AND ("a"."grant_kind" <> 'eligible'))) AND (("a"."member_target" IS NULL) OR ("a"."member_count" <= "a"."member_target"));
-- role_grant: last_reviewed_at > :asof - INTERVAL 180 DAY
(CASE WHEN "a"."last_reviewed_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."last_reviewed_at" END) > TIMESTAMP '2023-09-02 12:00:00';
-- pipeline: NOT prod_deploy OR (template_governed AND template_version >= template_latest - 1)
(NOT "a"."prod_deploy") OR ("a"."template_governed" AND ("a"."template_version" >= (CASE WHEN (CAST("a"."template_latest" AS NUMERIC) - CAST(CAST(1 AS BIGINT) AS NUMERIC)) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST((CAST("a"."template_latest" AS NUMERIC) - CAST(CAST(1 AS BIGINT) AS NUMERIC)) AS BIGINT) END)));
-- build_env: NOT route_to_prod AND NOT shared_identity AND internet_egress IN ('none','allowlist')
(NOT "a"."route_to_prod") AND (NOT "a"."shared_identity") AND ("a"."internet_egress" IN ('none', 'allowlist'));
-- pipeline: NOT prod_deploy OR (network_isolated AND provenance)
(NOT "a"."prod_deploy") OR ("a"."network_isolated" AND "a"."provenance");
-- asset: EXISTS log_sources WHERE last_event_at > :asof - INTERVAL 1 DAY AND schema_ok
EXISTS (SELECT 1 FROM "log_source" AS "a_link" WHERE "a_link"."asset_id" = "a"."id" AND "a_link"."asset_kind" = "a"."kind" AND (((CASE WHEN "a_link"."last_event_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a_link"."last_event_at" END) > TIMESTAMP '2024-02-28 12:00:00') AND "a_link"."schema_ok"));
-- netdev: log_source_id IS NOT NULL AND log_last_at > :asof - INTERVAL 1 DAY AND log_retention_days >= 730
(NOT ("a"."log_source_id" IS NULL)) AND ((CASE WHEN "a"."log_last_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."log_last_at" END) > TIMESTAMP '2024-02-28 12:00:00') AND ("a"."log_retention_days" >= 730);
-- service: audit_lib = 'standard' AND audit_events_24h > 0
("a"."audit_lib" = 'standard') AND ("a"."audit_events_24h" > 0);
-- log_source: retention_days >= 730 AND locked AND sealed
("a"."retention_days" >= 730) AND "a"."locked" AND "a"."sealed";
-- log_source: class <> 'identity' OR (covers_key_lifecycle AND retention_days >= 730)
("a"."class" <> 'identity') OR ("a"."covers_key_lifecycle" AND ("a"."retention_days" >= 730));
-- ttp: detection_count > 0 AND last_drill_at > :asof - INTERVAL 90 DAY AND last_drill_detected
("a"."detection_count" > 0) AND ((CASE WHEN "a"."last_drill_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."last_drill_at" END) > TIMESTAMP '2023-12-01 12:00:00') AND "a"."last_drill_detected";
-- signing_key: page_on_touch AND audit_log_id IS NOT NULL
"a"."page_on_touch" AND (NOT ("a"."audit_log_id" IS NULL));
-- cloud_resource: NOT critical OR anomalous_auth_detection
(NOT "a"."critical") OR "a"."anomalous_auth_detection";
-- service: NOT customer_facing OR (customer_log_api AND customer_log_days >= 180)
(NOT "a"."customer_facing") OR ("a"."customer_log_api" AND ("a"."customer_log_days" >= 180));
-- log_source: customer_visible_days IS NULL OR NOT customer_tier_gate
("a"."customer_visible_days" IS NULL) OR (NOT "a"."customer_tier_gate");
-- log_source: access_request_p50_min <= 15
"a"."access_request_p50_min" <= 15;
-- vcase: severity <> 'critical' OR coalesce(mitigated_at, :asof) <= due_at
("a"."severity" <> 'critical') OR (coalesce((CASE WHEN "a"."mitigated_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."mitigated_at" END), TIMESTAMP '2024-02-29 12:00:00') <= (CASE WHEN "a"."due_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."due_at" END));
-- vcase: coalesce(mitigated_at, :asof) <= due_at OR (at_risk_signalled_at < due_at AND miss_reason IS NOT NULL)
(coalesce((CASE WHEN "a"."mitigated_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."mitigated_at" END), TIMESTAMP '2024-02-29 12:00:00') <= (CASE WHEN "a"."due_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."due_at" END)) OR (((CASE WHEN "a"."at_risk_signalled_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."at_risk_signalled_at" END) < (CASE WHEN "a"."due_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."due_at" END)) AND (NOT ("a"."miss_reason" IS NULL)));
-- vcase: tracker_id IS NOT NULL
NOT ("a"."tracker_id" IS NULL);
-- vcase: severity <> 'critical' OR mitigated_at IS NULL OR (cve_id IS NOT NULL AND cwe_id IS NOT NULL AND cpe_count > 0 AND published_at IS NOT NULL)
("a"."severity" <> 'critical') OR ((CASE WHEN "a"."mitigated_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."mitigated_at" END) IS NULL) OR ((NOT ("a"."cve_id" IS NULL)) AND (NOT ("a"."cwe_id" IS NULL)) AND ("a"."cpe_count" > 0) AND (NOT ((CASE WHEN "a"."published_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."published_at" END) IS NULL)));
-- incident: first_notice_at <= notice_due_at AND notice_approved_by IS NOT NULL
((CASE WHEN "a"."first_notice_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."first_notice_at" END) <= (CASE WHEN "a"."notice_due_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."notice_due_at" END)) AND (NOT ("a"."notice_approved_by" IS NULL));
-- vcase: reporter IS NOT NULL AND (mitigated_at IS NULL OR cwe_id IS NOT NULL)
(NOT ("a"."reporter" IS NULL)) AND (((CASE WHEN "a"."mitigated_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."mitigated_at" END) IS NULL) OR (NOT ("a"."cwe_id" IS NULL)));
-- work_item: owner_id IS NOT NULL
NOT ("a"."owner_id" IS NULL);
-- person: NOT active OR (security_priority AND review_has_security)
(NOT "a"."active") OR ("a"."security_priority" AND "a"."review_has_security");
-- person: NOT is_senior_leader OR comp_tied
(NOT "a"."is_senior_leader") OR "a"."comp_tied";
-- person: NOT active OR training_done >= training_due
(NOT "a"."active") OR ("a"."training_done" >= "a"."training_due");
-- review: kind <> 'team_discussion' OR held_at IS NOT NULL
("a"."kind" <> 'team_discussion') OR (NOT ((CASE WHEN "a"."held_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."held_at" END) IS NULL));
-- review: kind <> 'weekly' OR (held_at <= due_at AND snapshot_hash IS NOT NULL)
("a"."kind" <> 'weekly') OR (((CASE WHEN "a"."held_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."held_at" END) <= (CASE WHEN "a"."due_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."due_at" END)) AND (NOT ("a"."snapshot_hash" IS NULL)));
-- review: kind <> 'quarterly' OR (held_at <= due_at AND snapshot_hash IS NOT NULL)
("a"."kind" <> 'quarterly') OR (((CASE WHEN "a"."held_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."held_at" END) <= (CASE WHEN "a"."due_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."due_at" END)) AND (NOT ("a"."snapshot_hash" IS NULL)));
-- domain: council_member AND deputy_active
"a"."council_member" AND "a"."deputy_active";
-- domain: deputy_ciso IS NOT NULL AND reports_to IS NOT NULL
(NOT ("a"."deputy_ciso" IS NULL)) AND (NOT ("a"."reports_to" IS NULL));
-- obligation: standard_count > 0 AND evidence_at > :asof - INTERVAL 90 DAY
("a"."standard_count" > 0) AND ((CASE WHEN "a"."evidence_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."evidence_at" END) > TIMESTAMP '2023-12-01 12:00:00');
-- review: chair IS NOT NULL AND actions_open_overdue = 0
(NOT ("a"."chair" IS NULL)) AND ("a"."actions_open_overdue" = 0);
-- service: design_review_at IS NOT NULL
NOT ((CASE WHEN "a"."design_review_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."design_review_at" END) IS NULL);
-- service: secure_defaults_waived = 0
"a"."secure_defaults_waived" = 0;
-- standard: retired_at IS NOT NULL OR next_review_at > :asof
(NOT ((CASE WHEN "a"."retired_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."retired_at" END) IS NULL)) OR ((CASE WHEN "a"."next_review_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."next_review_at" END) > TIMESTAMP '2024-02-29 12:00:00');
-- service: threat_model_at >= change_at
(CASE WHEN "a"."threat_model_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."threat_model_at" END) >= (CASE WHEN "a"."change_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."change_at" END);
-- service: usability_test_at IS NOT NULL
NOT ((CASE WHEN "a"."usability_test_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."usability_test_at" END) IS NULL);
-- service: last_sec_test_at > :asof - INTERVAL 90 DAY
(CASE WHEN "a"."last_sec_test_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."last_sec_test_at" END) > TIMESTAMP '2023-12-01 12:00:00';
-- ttp: intel_ref IS NOT NULL
NOT ("a"."intel_ref" IS NULL);
-- service: ir_plan_exercised_at > :asof - INTERVAL 365 DAY
(CASE WHEN "a"."ir_plan_exercised_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."ir_plan_exercised_at" END) > TIMESTAMP '2023-03-01 12:00:00';
-- service: mfa_integrated
"a"."mfa_integrated";
-- service: auto_update
"a"."auto_update";
-- service: audit_lib = 'standard'
"a"."audit_lib" = 'standard';
-- service: settings_doc_ok
"a"."settings_doc_ok";
-- incident: post_review_at IS NULL OR learnings_to_standard > 0
((CASE WHEN "a"."post_review_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."post_review_at" END) IS NULL) OR ("a"."learnings_to_standard" > 0);
-- standard: actionable_kind IS NOT NULL AND get_query IS NOT NULL
(NOT ("a"."actionable_kind" IS NULL)) AND (NOT ("a"."get_query" IS NULL));
-- standard: endurance_plan IS NOT NULL AND stay_gate IS NOT NULL AND start_artifact IS NOT NULL
(NOT ("a"."endurance_plan" IS NULL)) AND (NOT ("a"."stay_gate" IS NULL)) AND (NOT ("a"."start_artifact" IS NULL));
-- asset: owner_id IS NOT NULL AND owner_source <> 'default'
(NOT ("a"."owner_id" IS NULL)) AND ("a"."owner_source" <> 'default');
-- work_item: owner_id IS NOT NULL AND (closed_at IS NULL OR closed_by_evidence) AND (closed_at IS NOT NULL OR due_at > :asof OR escalated)
(NOT ("a"."owner_id" IS NULL)) AND (((CASE WHEN "a"."closed_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."closed_at" END) IS NULL) OR "a"."closed_by_evidence") AND ((NOT ((CASE WHEN "a"."closed_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."closed_at" END) IS NULL)) OR ((CASE WHEN "a"."due_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."due_at" END) > TIMESTAMP '2024-02-29 12:00:00') OR "a"."escalated");
-- asset: created_at < :asof - INTERVAL 7 DAY OR inventoried_at <= created_at + INTERVAL 1 DAY
((CASE WHEN "a"."created_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."created_at" END) < TIMESTAMP '2024-02-22 12:00:00') OR ((CASE WHEN "a"."inventoried_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."inventoried_at" END) <= (CASE WHEN "a"."created_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-30 23:59:59.999999' THEN "a"."created_at" + INTERVAL '1 DAY' END));
-- asset: last_seen > :asof - INTERVAL 1 DAY
(CASE WHEN "a"."last_seen" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."last_seen" END) > TIMESTAMP '2024-02-28 12:00:00';
-- asset: source_count >= 1
"a"."source_count" >= 1;
-- standard: target_pct = 100
(CASE WHEN "a"."target_pct" > CAST('-Infinity' AS DOUBLE PRECISION) AND "a"."target_pct" < CAST('Infinity' AS DOUBLE PRECISION) THEN "a"."target_pct" END) = CAST('100.0' AS DOUBLE PRECISION);
-- standard: risk_rank IS NOT NULL
NOT ("a"."risk_rank" IS NULL);
-- standard: paved_path IS NOT NULL
NOT ("a"."paved_path" IS NULL);
-- standard: dev_impact_minutes <= 0 OR dev_satisfaction >= 3.5
((CASE WHEN "a"."dev_impact_minutes" > CAST('-Infinity' AS DOUBLE PRECISION) AND "a"."dev_impact_minutes" < CAST('Infinity' AS DOUBLE PRECISION) THEN "a"."dev_impact_minutes" END) <= CAST('0.0' AS DOUBLE PRECISION)) OR ((CASE WHEN "a"."dev_satisfaction" > CAST('-Infinity' AS DOUBLE PRECISION) AND "a"."dev_satisfaction" < CAST('Infinity' AS DOUBLE PRECISION) THEN "a"."dev_satisfaction" END) >= CAST('3.5' AS DOUBLE PRECISION));
-- pipeline: builds_30d >= 0
"a"."builds_30d" >= 0;
-- service: awareness_material
"a"."awareness_material";
-- service: sdl_version >= sdl_required
"a"."sdl_version" >= "a"."sdl_required";
-- work_item: priority_rank IS NOT NULL
NOT ("a"."priority_rank" IS NULL);
-- waiver: expires_at IS NOT NULL AND expires_at <= created_at + INTERVAL 180 DAY AND approver IS NOT NULL
(NOT ((CASE WHEN "a"."expires_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."expires_at" END) IS NULL)) AND ((CASE WHEN "a"."expires_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN "a"."expires_at" END) <= (CASE WHEN "a"."created_at" BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-07-04 23:59:59.999999' THEN "a"."created_at" + INTERVAL '180 DAY' END)) AND (NOT ("a"."approver" IS NULL));
-- ttp: detection_count > 0
"a"."detection_count" > 0;
-- service: token_lib = 'standard'
"a"."token_lib" = 'standard';
-- tenant: class <> 'unsanctioned'
"a"."class" <> 'unsanctioned';
-- vnet: env_mix_count <= 1
"a"."env_mix_count" <= 1;
-- repo: open_secrets = 0
"a"."open_secrets" = 0;
-- log_source: agent_managed AND schema_ok
"a"."agent_managed" AND "a"."schema_ok";
-- vcase: miss_reason IS NULL OR miss_reason <> 'deployment_delay'
("a"."miss_reason" IS NULL) OR ("a"."miss_reason" <> 'deployment_delay');
