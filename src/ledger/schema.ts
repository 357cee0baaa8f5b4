/** The ledger's tables and the views people read it by. Each migration is applied once, in order, in one transaction. */

/** The newest ledger this code understands. */
export const LEDGER_VERSION = 6;

/** `migrations[n]` brings a ledger from version n to n + 1. `$schema` stands for the quoted schema. */
export const migrations: readonly string[] = [
  `create schema if not exists $schema;
   create table $schema.ledger_meta (version integer, dql_version varchar, migrated_at timestamp);
   create table $schema.ledger_runs (
     run_id varchar, sequence bigint, command varchar, args varchar, target varchar, git_sha varchar, git_dirty boolean,
     "user" varchar, dql_version varchar, engine_version varchar, started_at timestamp, ended_at timestamp,
     exit_code integer, status varchar);
   create table $schema.ledger_node_runs (
     run_id varchar, target varchar, node varchar, status varchar, reason varchar, message varchar, attempts integer,
     "rows" bigint, bytes bigint, seconds double, code_fingerprint varchar, version integer, published boolean, held_reason varchar);
   create table $schema.ledger_test_runs (
     run_id varchar, target varchar, test varchar, node varchar, status varchar, verdict varchar, failures bigint,
     considered bigint, message varchar, value varchar, sample varchar, fingerprint varchar, executed_at timestamp, seconds double);
   create table $schema.ledger_versions (
     target varchar, node varchar, relation varchar, database varchar, schema varchar, alias varchar, version integer,
     run_id varchar, materialized varchar, physical varchar, code_fingerprint varchar, inputs varchar, reads varchar,
     content_id varchar, content_hash varchar, "rows" bigint, bytes bigint, columns varchar, state varchar,
     built_at timestamp, git_sha varchar);
   create table $schema.ledger_publications (
     run_id varchar, sequence bigint, target varchar, node varchar, relation varchar, version integer,
     published_at timestamp, untested boolean);
   create table $schema.ledger_inputs (input varchar, mark varchar, content_id varchar, seen_at timestamp);
   create table $schema.ledger_intervals (
     target varchar, node varchar, relation varchar, version integer, starts_at timestamp, ends_at timestamp, run_id varchar);
   create table $schema.ledger_states (run_id varchar, sequence bigint, target varchar, manifest_id varchar);
   create table $schema.ledger_manifests (manifest_id varchar, content varchar);
   create view $schema.runs as select * from $schema.ledger_runs order by sequence desc;
   create view $schema.node_runs as
     select r.sequence, r.started_at, n.* from $schema.ledger_node_runs n join $schema.ledger_runs r using (run_id);
   create view $schema.test_runs as
     select r.sequence, r.started_at, t.* from $schema.ledger_test_runs t join $schema.ledger_runs r using (run_id);
   create view $schema.published as
     select * from $schema.ledger_publications
     qualify row_number() over (partition by relation order by sequence desc, published_at desc) = 1;
   create view $schema.versions as
     select v.*, p.version is not null as is_published, p.published_at
     from $schema.ledger_versions v
     left join $schema.published p on p.relation = v.relation and p.version = v.version;
   create view $schema.schema_records as
     select v.relation, v.node, v.version, v.built_at, c.key::integer + 1 as position,
            c.value ->> 'name' as column_name, c.value ->> 'type' as column_type
     from $schema.ledger_versions v, json_each(v.columns) c;
   insert into $schema.ledger_meta values (1, '', now()::timestamp);`,
  // A publication over several files: what is to be committed where, and, in each file but the first, that it was.
  `create table $schema.ledger_intents (intent varchar, run_id varchar, position integer, database varchar, sql varchar);
   create table $schema.ledger_commits (intent varchar, committed_at timestamp);
   create table $schema.ledger_copies (relation varchar, version integer, copied_at timestamp);
   insert into $schema.ledger_meta values (2, '', now()::timestamp);`,
  // Passes that the clock ends.
  `alter table $schema.ledger_test_runs add column holds_until timestamp;
   create or replace view $schema.test_runs as
     select r.sequence, r.started_at, t.* from $schema.ledger_test_runs t join $schema.ledger_runs r using (run_id);
   insert into $schema.ledger_meta values (3, '', now()::timestamp);`,
  // Views that answer by whatever name their file is opened.
  `create or replace view $schema.runs as select * from _dql.ledger_runs order by sequence desc;
   create or replace view $schema.node_runs as
     select r.sequence, r.started_at, n.* from _dql.ledger_node_runs n join _dql.ledger_runs r using (run_id);
   create or replace view $schema.test_runs as
     select r.sequence, r.started_at, t.* from _dql.ledger_test_runs t join _dql.ledger_runs r using (run_id);
   create or replace view $schema.published as
     select * from _dql.ledger_publications
     qualify row_number() over (partition by relation order by sequence desc, published_at desc) = 1;
   create or replace view $schema.versions as
     select v.*, p.version is not null as is_published, p.published_at
     from _dql.ledger_versions v
     left join _dql.published p on p.relation = v.relation and p.version = v.version;
   create or replace view $schema.schema_records as
     select v.relation, v.node, v.version, v.built_at, c.key::integer + 1 as position,
            c.value ->> 'name' as column_name, c.value ->> 'type' as column_type
     from _dql.ledger_versions v, json_each(v.columns) c;
   insert into $schema.ledger_meta values (4, '', now()::timestamp);`,
  // Other contents of the inputs that a version was found to be right for.
  `alter table $schema.ledger_versions add column former_inputs varchar;
   create or replace view $schema.versions as
     select v.*, p.version is not null as is_published, p.published_at
     from _dql.ledger_versions v
     left join _dql.published p on p.relation = v.relation and p.version = v.version;
   insert into $schema.ledger_meta values (5, '', now()::timestamp);`,
  // The project that a run was of: several may share a warehouse.
  `alter table $schema.ledger_runs add column project varchar;
   create or replace view $schema.runs as select * from _dql.ledger_runs order by sequence desc;
   insert into $schema.ledger_meta values (6, '', now()::timestamp);`,
];
