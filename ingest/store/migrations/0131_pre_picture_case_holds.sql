-- Pictures that open and held cases rest on are spared by retention (docs/adr/045-retention.md).
-- depends: 0123_pre_retention_of_cases

CREATE TABLE picture_case_holds (
    ref         text NOT NULL,
    incident_id bigint NOT NULL REFERENCES incidents,
    device      text NOT NULL REFERENCES devices,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ref, incident_id)
);
