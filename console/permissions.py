"""Who may do what: one table, and nothing is allowed that is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a user is to the platform."""

    OPERATOR = "operator"  # 综治中心值班员
    SHIFT_LEADER = "shift_leader"  # 值班长, street and city centre
    PROPERTY = "property"  # 物业
    FIELD = "field"  # 网格员, 楼栋长, 微型消防站, 志愿者, 社区民警: their own orders
    DEVELOPER = "developer"  # tries rules and reads devices; touches no case
    # three separate administrators: an account is one of them or none, and stays what it is
    SYSTEM_ADMIN = "system_admin"  # 系统管理员: devices, channels, rules; sees no audit and makes no account
    SECURITY_ADMIN = "security_admin"  # 安全管理员: accounts, roles, scopes; sees no case and no audit
    AUDITOR = "auditor"  # 审计管理员: reads the record of who did what, and touches nothing


ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


_ACCOUNTS = frozenset(Role)  # whoever has a login
_EVERYONE = _ACCOUNTS - {Role.AUDITOR, Role.SECURITY_ADMIN}  # who keeps accounts or records works on no case
_AUDIT = frozenset({Role.AUDITOR})  # nor another administrator: whoever is watched does not watch
_SECURITY = frozenset({Role.SECURITY_ADMIN})
_ALL = _EVERYONE - {Role.FIELD}  # field staff see their orders, not the whole desk
_CENTRE = frozenset({Role.OPERATOR, Role.SHIFT_LEADER, Role.SYSTEM_ADMIN})
_WATCH = frozenset({Role.OPERATOR, Role.SHIFT_LEADER})  # who sends help
_MANAGERS = frozenset({Role.PROPERTY, Role.SYSTEM_ADMIN})
_LEADERS = frozenset({Role.SHIFT_LEADER, Role.SYSTEM_ADMIN})
_STAFFERS = _LEADERS | _MANAGERS  # who keeps people, hours and plans, each in their own places
_DESK = _CENTRE | _MANAGERS  # who works with cases at a desk
_MAKERS = _MANAGERS | {Role.DEVELOPER}
_REGISTER = frozenset({Role.SHIFT_LEADER, Role.AUDITOR})  # who reads the register of cameras' pictures
_BUILDERS = frozenset({Role.DEVELOPER, Role.SYSTEM_ADMIN})

PERMISSIONS: Mapping[str, frozenset[Role]] = MappingProxyType(
    {
        # routes, by name
        "logout": _ACCOUNTS,
        "me": _ACCOUNTS,
        "catalogue": _EVERYONE,
        "places": _EVERYONE,
        "wall": _ALL,
        "map_body": _ALL,
        "map_devices": _ALL,
        "map_tile": _ALL,
        "set_anchor": _STAFFERS,
        "list_floor_plans": _EVERYONE,  # field staff on their phones, in their places
        "floor_plan_picture": _EVERYONE,
        "put_floor_plan": _MANAGERS,
        "drop_floor_plan": _MANAGERS,
        "put_pin": _MANAGERS,
        "drop_pin": _MANAGERS,
        # one's own account
        "account": _ACCOUNTS,
        "change_own_password": _ACCOUNTS,
        "begin_second_factor": _ACCOUNTS,
        "confirm_second_factor": _ACCOUNTS,
        "drop_second_factor": _ACCOUNTS,
        "mint_token": _ACCOUNTS,
        "revoke_token": _ACCOUNTS,
        "end_session": _ACCOUNTS,
        # other people's accounts
        "users": _SECURITY,
        "add_user": _SECURITY,
        "change_user": _SECURITY,
        "reset_password": _SECURITY,
        "reset_second_factor": _SECURITY,
        "devices": _ALL,
        "add_device": _MANAGERS,
        "device": _ALL,
        "change_device": _MANAGERS,
        "move_device": _MANAGERS,
        "device_history": _ALL,
        "device_records": _ALL,
        "add_record": _MANAGERS,
        "use_place": _MANAGERS,
        "device_callees": _DESK,  # who; the number needs a reason
        "set_device_callees": _MANAGERS,
        "place_callees": _DESK,
        "set_place_callees": _MANAGERS,
        "preview_import": _MANAGERS,
        "import_devices": _MANAGERS,
        "import_template": _ALL,
        "export_devices": _ALL,
        "device_credentials": _ALL,
        "mint_credentials": _MANAGERS,
        "revoke_credentials": _MANAGERS,
        "certificate_authority": _ALL,
        "device_models": _ALL,
        "device_config": _ALL,
        "configure_device": _MANAGERS,
        "device_groups": _ALL,
        "device_group": _ALL,
        "add_group": _MANAGERS,
        "change_group": _MANAGERS,
        "drop_group": _MANAGERS,
        "rollouts": _ALL,
        "rollout": _ALL,
        "begin_rollout": _MANAGERS,
        "act_on_rollout": _MANAGERS,
        "command_device": _DESK,  # operators open doors too
        "device_commands": _ALL,
        "command": _ALL,
        "enrolments": _MANAGERS,
        "enrolment_labels": _MANAGERS,
        "make_labels": _MANAGERS,
        "read_label": _MANAGERS,
        "register_label": _MANAGERS,
        "approve_enrolment": _MANAGERS,
        "reject_enrolment": _MANAGERS,
        "devices_health": _ALL,
        "device_health": _ALL,
        "communities_health": _ALL,
        "alerts": _ALL,
        "alert": _ALL,
        "act_on_alert": _CENTRE,
        "acknowledge_alerts": _CENTRE,
        "alert_history": _ALL,
        "alert_cameras": _ALL,  # which there are; a picture needs a reason, below
        "alert_residents": _WATCH,  # how many and by which entrance; where they live needs a reason
        "reveal_residents": _WATCH,
        "list_holds": _ALL,
        "hold_alert": _CENTRE,
        "release_alert": _CENTRE,
        "queue_views": _ALL,
        "add_queue_view": _ALL,
        "drop_queue_view": _ALL,  # one's own
        "queue_view.share": _LEADERS,
        "alert_groups": _ALL,
        "hushes": _ALL,
        "ask_for_quiet": _ALL,
        "end_quiet": _ALL,
        "quiet.life_safety": _CENTRE,  # a silence over what is about life
        "thresholds_of": _ALL,
        "set_threshold": _MANAGERS,
        "drop_threshold": _MANAGERS,
        "confirm_alert": _DESK | {Role.FIELD},  # calling it off: the centre, below
        "set_lateness": _MANAGERS,
        "incidents": _ALL,
        "report_incident": _DESK | {Role.FIELD},
        "incident": _EVERYONE,
        "show_reporter": _DESK | {Role.FIELD},  # whoever goes there may have to call back
        "act_on_incident": _DESK | {Role.FIELD},  # and by the kind of action, below
        "attach": _DESK | {Role.FIELD},
        "attachments": _EVERYONE,
        "attachment": _EVERYONE,
        "audit_rows": _AUDIT,
        "verify_audit": _AUDIT,
        "deletion_proofs": _AUDIT,
        "verify_deletions": _AUDIT,
        "my_orders": _EVERYONE,
        "act_on_order": _DESK | {Role.FIELD},
        "live": _ALL,
        "kpi": _ALL,
        "selfcheck": _ALL,
        # dossiers, indicators, ratings, repairs, points
        "dossier": _CENTRE,
        "check_dossier": _CENTRE,
        "verify_dossier": _CENTRE,
        "case_hold": _DESK,
        "hold_case": _LEADERS,  # legal hold: retention spares the case
        "dossier.personal": _LEADERS,  # a copy with personal data in it
        "links": _CENTRE,
        "make_link": _CENTRE,
        "revoke_link": _CENTRE,
        "rate_incident": _CENTRE,
        "ratings": _ALL,
        "repairs": _ALL,
        "today": frozenset({Role.PROPERTY}),
        "act_on_repair": _DESK,
        "hints": _ALL,
        "verdicts": _ALL,
        "needs_me": _ALL,
        "points_rules": _EVERYONE,
        "set_points_rule": _LEADERS,
        "points_entries": _ALL,
        "points_csv": _ALL,
        "points_totals": _ALL,
        "propose_points": _DESK | {Role.FIELD},
        "review_points": _DESK,
        "correct_points": _DESK,
        "points.publish": _LEADERS,
        "kpi_board": _ALL,
        "kpi_board_csv": _ALL,
        "kpi_report": _ALL,
        "set_target": _LEADERS,
        "targets": _ALL,
        "drop_target": _LEADERS,
        "coverage_points": _ALL,
        "add_coverage_point": _LEADERS,
        "change_coverage_point": _LEADERS,
        "drop_coverage_point": _LEADERS,
        # delivery: channels, letters, tests, cascade
        "channels": _DESK,
        "add_channel": frozenset({Role.SYSTEM_ADMIN}),
        "change_channel": frozenset({Role.SYSTEM_ADMIN}),
        "letters": _DESK,
        "letter": _DESK,
        "act_on_letter": _CENTRE,
        "channel_tests": _DESK,
        "begin_channel_test": _CENTRE,
        "channel_test_plans": _DESK,
        "add_test_plan": frozenset({Role.SYSTEM_ADMIN}),
        "drop_test_plan": frozenset({Role.SYSTEM_ADMIN}),
        "contacts": _LEADERS,
        "set_contact": _LEADERS,
        "cascade_links": _DESK,
        "order_below": _CENTRE,
        "quarantine": _MAKERS,
        "inspector": _MAKERS,
        "simulation": _BUILDERS,
        "steer_simulation": _BUILDERS,
        "quarantine_folded": _MAKERS,
        "set_aside": _MAKERS,
        "read_again": _MANAGERS,  # it may raise an alert
        "snapshot": _EVERYONE,
        "live_view": _CENTRE,
        "snapshot_state": _EVERYONE,
        "hold_snapshot": frozenset({Role.SHIFT_LEADER, Role.SYSTEM_ADMIN}),
        "picture_access": _REGISTER,  # who looked, and why
        "picture_grants": _REGISTER,
        "grant_pictures": frozenset({Role.SHIFT_LEADER}),  # to another unit, for a while
        "withdraw_grant": frozenset({Role.SHIFT_LEADER}),
        "list_picture_exports": _REGISTER,
        "export_picture": frozenset({Role.SHIFT_LEADER}),
        "list_organ_requests": _REGISTER | {Role.OPERATOR},
        "take_organ_request": frozenset({Role.OPERATOR, Role.SHIFT_LEADER}),
        "decide_organ_request": frozenset({Role.SHIFT_LEADER}),  # another one than who took it
        "grants_to_us": _EVERYONE,
        "granted_pictures": _EVERYONE,  # of a grant to one's own unit
        "explain_alert": _ALL,
        "why_device": _ALL,
        "engine_state": _ALL,
        "rules": _ALL,
        "rule": _ALL,
        "validate_rule": _ALL,
        "backtest_rule": _MAKERS,
        "draft_rule": _MAKERS,
        "act_on_rule": frozenset({Role.SYSTEM_ADMIN}),  # and nobody whose view is a part of the tree
        # people
        "organisation": _ALL,
        "grids": _ALL,
        "add_grid": _LEADERS,
        "change_grid": _LEADERS,
        "end_grid": _LEADERS,
        "move_boundary": _LEADERS,
        "people": _DESK,
        "person": _DESK | {Role.FIELD},  # their own
        "add_person": _STAFFERS,
        "change_person": _STAFFERS,
        "reveal_phone": _DESK,
        "reveal_officers": _REGISTER - {Role.AUDITOR},
        "reveal_plate": _DESK,
        "reveal_sheet": _STAFFERS,
        "read_reveal": _DESK | {Role.FIELD},  # one's own, and for minutes
        "data_requests": _DESK,
        "ask_for_data": _DESK,
        "answer_data_request": _STAFFERS,
        "copy_of_person": _STAFFERS,
        "consents": _STAFFERS,
        "give_consent": _STAFFERS,
        "withdraw_consent": _STAFFERS,
        "people_template": _DESK,
        "export_people": _STAFFERS,
        "preview_people": _STAFFERS,
        "import_people": _STAFFERS,
        "set_responder": _DESK | {Role.FIELD},  # their own; anybody's for the centre
        "check_in": _DESK | {Role.FIELD},
        "put_position": _DESK | {Role.FIELD},
        "roster": _DESK,
        "duty": _DESK,
        "add_post": _STAFFERS,
        "change_post": _STAFFERS,
        "end_post": _STAFFERS,
        "add_shift": _STAFFERS,
        "act_on_shift": _DESK,
        "add_leave": _STAFFERS,
        "cancel_leave": _STAFFERS,
        "resources": _ALL,
        "nearest": _ALL,
        "nearest_people": _DESK,
        "add_resource": _STAFFERS,
        "correct_resource": _STAFFERS,
        "retire_resource": _STAFFERS,
        "change_resource": _DESK,
        "recommended_for_incident": _DESK,
        "recommended_for_alert": _DESK,
        "list_plans": _ALL,
        "plan": _ALL,
        "validate_plan": _ALL,
        "save_plan": _STAFFERS,
        "act_on_plan": _STAFFERS,
        "incident_plan": _DESK,
        "alert_plan": _DESK,
        "run_plan": _CENTRE,
        "run_alert_plan": _CENTRE,
        # kinds of incident actions
        "incident.centre": _CENTRE,  # judge, send, verify, close
        "incident.lead": _LEADERS,  # supervise, decide what came back twice
        "incident.grade": _LEADERS,  # the legal grade (法定分级): a person's word, never a rule's
        "incident.field": _DESK | {Role.FIELD},  # sign for it, go there, handle it, report back
    }
)

PUBLIC = frozenset(
    {
        "login",
        "open_page_session",
        "ways_in",
        "begin_oidc",
        "finish_oidc",
        "set_up",
        "healthz",
        "readyz",
        "metrics",
        "openapi",
        "page",
        "mqtt_auth",
        "mqtt_acl",
        "claim",
        "family_progress",
        "family_rating",
        "family_verdict",
        # outside systems, each with a proof of its own
        "take_receipt",
        "show_channel_test",
        "answer_channel_test",
        "cap_feed",
        "cap_alert",
        "take_cascade_move",
    }
)
"""Routes for everybody; `openapi` is the description, `page` the web page itself."""


SESSION_ONLY = frozenset(
    {
        "logout",
        "account",
        "change_own_password",
        "begin_second_factor",
        "confirm_second_factor",
        "drop_second_factor",
        "mint_token",
        "revoke_token",
        "end_session",
        "users",
        "add_user",
        "change_user",
        "reset_password",
        "reset_second_factor",
    }
)
"""What a program's personal token never opens: accounts are for people."""

OWING_MAY = frozenset(
    {"logout", "me", "account", "change_own_password", "begin_second_factor", "confirm_second_factor"}
)
"""All that is open to somebody who must first set a second factor up or change the password."""


def allows(role: Role, permission: str) -> bool:
    """Say whether a role has a permission; one that is not in the table nobody has."""
    return role in PERMISSIONS.get(permission, frozenset())
