/** `dql source freshness`: how old the newest row of each source is, against what its YAML allows. Writes sources.json (v3). */

import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { allOf, utc } from '../checks/expressions.ts';
import type { FreshnessThreshold, SourceNode } from '../compile/manifest.ts';
import { EngineError } from '../core/engine-error.ts';
import type { Json } from '../core/node-id.ts';
import { writeTarget } from '../disk/write-target.ts';
import type { Connection } from '../engine/engine.ts';
import { minute } from '../report/amounts.ts';
import { maskSecrets, secretsIn } from '../report/secrets.ts';
import { toldMessage } from '../run/told-error.ts';
import { runMetadata } from './artifacts/run-metadata.ts';
import type { FreshnessResult, FreshnessResults, UseCases } from './contract.ts';
import { chooseNodes } from './opening/choose-nodes.ts';
import { openProject } from './opening/open-project.ts';
import { type Looking, whileLooking } from './running/looking.ts';
import { tellLogs } from './running/tell-logs.ts';
import { filesOf } from './warehouse/outside.ts';

export const sourceFreshness: UseCases['sourceFreshness'] = async (options, hooks) => {
  const startedAt = performance.now();
  const opened = await openProject(options, 'freshness', hooks);
  const chosen = chooseNodes(opened, options, ['source']);
  const sources = [...chosen.ids]
    .flatMap((id) => opened.manifest.sources[id] ?? [])
    .filter(hasFreshness)
    .sort((left, right) => (left.unique_id < right.unique_id ? -1 : 1));
  const measured = await whileLooking(opened, options, hooks, chosen, async (looking) => {
    const results: FreshnessResult[] = [];
    for (const source of sources) {
      if (hooks.signal.aborted) break;
      const found = await judged(source, options.now, () => newest(source));
      const told = found.error === null ? null : toldMessage(found.error, opened.manifest, [source.unique_id]);
      results.push({ ...found, error: told });
    }
    return results;

    async function newest(source: SourceNode): Promise<Newest> {
      const { loaded_at_query: query, loaded_at_field: field } = source;
      if (query !== null)
        return { at: await timeOf(await rendered(looking, query), (await looking.look()).connection) };
      if (field !== null) return newestOf(source, field, looking, options.now);
      const files = filesOf(source, opened.project.folder);
      if (files === null) throw new Unmeasurable('it has no `loaded_at_field`, so nobody knows how old its rows are');
      return { at: newestFile(files) };
    }

    async function rendered(from: Looking, text: string): Promise<string> {
      const outcome = await from.answering('loaded_at_query', (answers, relationOf) =>
        opened.compiler.compileInline(text, { answers, relationOf }),
      );
      if (outcome.kind !== 'compiled')
        throw new Unmeasurable(
          outcome.kind === 'failed' ? outcome.diagnostics.map(({ message }) => message).join('\n') : 'no query',
        );
      tellLogs(outcome.logs, null, hooks, options);
      return outcome.sql;
    }
  });
  const answer: FreshnessResults = {
    metadata: runMetadata(opened, options, options.now.toISOString(), 'sources/v3'),
    results: measured,
    elapsed_time: (performance.now() - startedAt) / 1000,
  };
  const secrets = [...secretsIn(options.environment), ...opened.project.secrets];
  const text = maskSecrets(JSON.stringify({ ...answer, results: answer.results.map(documented) }, null, 1), secrets);
  if (options.writeJson) writeTarget(opened.targetFolder, [{ path: 'sources.json', text }]);
  if (options.to !== undefined)
    writeTarget(dirname(options.to), [{ path: options.to.slice(dirname(options.to).length + 1), text }]);
  return answer;
};

const NEVER = '0001-01-01T00:00:00Z';

/** dbt's sources.json has fewer keys where nothing could be measured, and no error where something was. */
function documented({ error, ...result }: FreshnessResult): Partial<FreshnessResult> {
  const { unique_id, status, max_loaded_at, snapshotted_at } = result;
  if (status === 'runtime error') return { unique_id, error, status };
  if (max_loaded_at !== null) return result;
  // As in dbt, rows that are not there were loaded when the calendar began.
  const ago = (Date.parse(snapshotted_at ?? '') - Date.parse(NEVER)) / 1000;
  return { ...result, max_loaded_at: NEVER, max_loaded_at_time_ago_in_s: ago };
}

/** The time of the newest row, null when there is none, and what else is to be known of it. */
interface Newest {
  readonly at: Date | null;
  readonly note?: string;
}

/** A source whose age cannot be told, in words for the user. */
class Unmeasurable extends Error {}

/** `freshness: null`, or no threshold at all, means that nobody wants to know. */
const hasFreshness = ({ freshness }: SourceNode): boolean =>
  freshness !== null && (isSet(freshness.warn_after) || isSet(freshness.error_after));

const isSet = (threshold: FreshnessThreshold | null | undefined): boolean =>
  typeof threshold?.count === 'number' && threshold.period !== null;

/** Rows from the future do not make old data fresh; a source with only such rows has no age. */
async function newestOf(source: SourceNode, field: string, looking: Looking, now: Date): Promise<Newest> {
  const { connection } = await looking.look();
  const relation = looking.publicName(source.unique_id)?.rendered ?? source.relation_name;
  const filter = source.freshness?.filter ?? null;
  const [column] = await connection.describe(`select ${field} as loaded_at from ${relation}`);
  const time = utc(field, column?.type);
  const until = `timestamp '${now.toISOString().replace('T', ' ').replace('Z', '')}'`;
  const within = filter === null ? null : `(${filter})`;
  const at = await timeOf(
    `select max(${time}) from ${relation} where ${allOf(within, `${time} <= ${until}`)}`,
    connection,
  );
  const { rows } = await connection.query(
    `select count(*), epoch_ms(max(${time})) from ${relation} where ${allOf(within, `${time} > ${until}`)}`,
  );
  const [future, last] = rows[0] ?? [];
  const count = Number(future ?? 0);
  if (count === 0) return { at };
  const says = `${count === 1 ? 'one row says it is' : `${count} rows say they are`} of the future, up to ${minute(new Date(Number(last)).toISOString())}, and did not count`;
  return { at, note: says };
}

/** The one time a query answers. */
async function timeOf(query: string, connection: Connection): Promise<Date | null> {
  const [column] = await connection.describe(query);
  if (!column) return null;
  const { rows } = await connection.query(
    `select epoch_ms(${utc('newest', column.type)}) from (\n${query}\n) as answer(newest)`,
  );
  const milliseconds = rows[0]?.[0];
  return milliseconds === null || milliseconds === undefined ? null : new Date(Number(milliseconds));
}

/** A source that is read from files and has no column of times is as new as its newest file. */
function newestFile(files: readonly string[]): Date | null {
  const times = files.map((file) => {
    const facts = statSync(file, { throwIfNoEntry: false });
    if (!facts) throw new Unmeasurable(`the file ${file} is not there`);
    return facts.mtimeMs;
  });
  return times.length === 0 ? null : new Date(Math.max(...times));
}

const SECONDS = { minute: 60, hour: 3600, day: 86_400 } as const;

async function judged(source: SourceNode, now: Date, newest: () => Promise<Newest>): Promise<FreshnessResult> {
  const startedAt = Date.now();
  const { freshness } = source;
  const criteria: Readonly<Record<string, Json>> | null =
    freshness === null
      ? null
      : {
          warn_after: { ...freshness.warn_after },
          error_after: { ...freshness.error_after },
          filter: freshness.filter,
        };
  const common = () => ({
    unique_id: source.unique_id,
    criteria,
    adapter_response: {},
    timing: [
      {
        name: 'execute',
        started_at: new Date(startedAt).toISOString(),
        completed_at: new Date().toISOString(),
      },
    ],
    thread_id: 'Thread-1',
    execution_time: (Date.now() - startedAt) / 1000,
  });
  try {
    const { at: loaded, note } = await newest();
    // No row at all is older than any limit, as in dbt.
    const age = loaded === null ? Number.POSITIVE_INFINITY : (now.getTime() - loaded.getTime()) / 1000;
    const exceeds = (limit: FreshnessThreshold | null | undefined): boolean =>
      limit?.count != null && limit.period !== null && age > limit.count * SECONDS[limit.period];
    // Neither fresh nor old: nobody loads rows of the future.
    const ahead = age < 0 ? `its newest row is of the future (${minute(loaded?.toISOString() ?? '')})` : undefined;
    const said = note ?? ahead;
    return {
      ...common(),
      ...(said === undefined ? {} : { meta: { dql: { note: said } } }),
      status: exceeds(freshness?.error_after)
        ? 'error'
        : exceeds(freshness?.warn_after) || ahead !== undefined
          ? 'warn'
          : 'pass',
      max_loaded_at: loaded?.toISOString() ?? null,
      snapshotted_at: now.toISOString(),
      max_loaded_at_time_ago_in_s: loaded === null ? null : age,
      error: null,
    };
  } catch (error) {
    if (!(error instanceof EngineError || error instanceof Unmeasurable)) throw error;
    if (error instanceof EngineError && error.kind === 'interrupted') throw error;
    return {
      ...common(),
      status: 'runtime error',
      max_loaded_at: null,
      snapshotted_at: null,
      max_loaded_at_time_ago_in_s: null,
      error: error.message,
    };
  }
}
