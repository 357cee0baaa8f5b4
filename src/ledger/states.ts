/** The project as each run understood it: the manifest, packed, kept once however many runs used it. `state:` and impact compare with it. */
import { quotedString } from '../core/quote.ts';
import type { Connection } from '../engine/engine.ts';
import { ledgerSchema } from './open-ledger.ts';
import { textOf } from './rows.ts';

export interface StateRecord {
  readonly run_id: string;
  readonly sequence: number;
  readonly target: string;
  /** Equal for equal manifests. */
  readonly manifest_id: string;
}

/** Runs whose manifest is kept, at most. */
const KEPT = 100;

/** The manifest of the last run of a target; undefined when there was none. */
export async function lastManifestId(
  connection: Connection,
  database: string,
  target: string,
): Promise<string | undefined> {
  const { rows } = await connection.query(
    `select manifest_id from ${ledgerSchema(database)}.ledger_states where target = ${quotedString(target)} order by sequence desc limit 1`,
  );
  return rows[0] && textOf(rows[0][0]);
}

/** SQL. @param content the packed manifest, when the ledger may not have it yet */
export function writeState(database: string, record: StateRecord, content: string | undefined): string {
  const schema = ledgerSchema(database);
  const id = quotedString(record.manifest_id);
  const kept =
    content === undefined
      ? []
      : [
          `insert into ${schema}.ledger_manifests select ${id}, ${quotedString(content)} where not exists (from ${schema}.ledger_manifests where manifest_id = ${id});`,
          `delete from ${schema}.ledger_states where sequence < (select coalesce(min(sequence), 0) from (select sequence from ${schema}.ledger_states order by sequence desc limit ${KEPT}));`,
          `delete from ${schema}.ledger_manifests where manifest_id <> ${id} and manifest_id not in (select manifest_id from ${schema}.ledger_states);`,
        ];
  return [
    ...kept,
    `insert into ${schema}.ledger_states values (${quotedString(record.run_id)}, ${record.sequence}, ${quotedString(record.target)}, ${id});`,
  ].join('\n');
}

export interface KeptState {
  readonly run_id: string;
  readonly target: string;
  readonly manifest_id: string;
  /** Packed. */
  readonly content: string;
}

/**
 * The newest manifest of a target's run that published something, or that of one run (the beginning of its id is enough); undefined
 * when there is none. Without a target, whatever target the newest run had.
 */
export async function readState(
  connection: Connection,
  database: string,
  wanted: { readonly target?: string | undefined; readonly run?: string | undefined },
): Promise<KeptState | undefined> {
  const schema = ledgerSchema(database);
  const conditions = [
    ...(wanted.target === undefined ? [] : [`s.target = ${quotedString(wanted.target)}`]),
    wanted.run === undefined
      ? `s.run_id in (select run_id from ${schema}.ledger_publications)`
      : `starts_with(s.run_id, ${quotedString(wanted.run)})`,
  ];
  const { rows } = await connection.query(
    `select s.run_id, s.target, s.manifest_id, m.content
from ${schema}.ledger_states as s
join ${schema}.ledger_manifests as m using (manifest_id)
where ${conditions.join(' and ')}
order by s.sequence desc
limit 1`,
  );
  const [row] = rows;
  return (
    row && { run_id: textOf(row[0]), target: textOf(row[1]), manifest_id: textOf(row[2]), content: textOf(row[3]) }
  );
}
