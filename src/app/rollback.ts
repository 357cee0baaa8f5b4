import { type Diagnostic, DqlError } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { NodeId } from '../core/node-id.ts';
import { fileStore } from '../disk/file-store.ts';
import type { Connection, Warehouse } from '../engine/engine.ts';
import { lostVersions, withLost } from '../ledger/lost.ts';
import { readPublications, readRuns } from '../ledger/read-ledger.ts';
import {
  type LedgerState,
  type PublicationRecord,
  publishedVersion,
  type RunRecord,
  type VersionRecord,
} from '../ledger/records.ts';
import { endedWith } from '../ledger/write-ledger.ts';
import {
  descendantsToo,
  isMissing,
  leftInconsistent,
  type MissingVersion,
  type Return,
  returnTo,
  shownAfter,
} from '../plan/rollback.ts';
import type { Project } from '../project/project.ts';
import { planReturn, takenAway } from '../run/publish-return.ts';
import type { CommonOptions, Hooks, RollbackAnswer, RollbackOptions, UseCases } from './contract.ts';
import { commitCalled } from './opening/git-facts.ts';
import { nameInId } from './opening/name-in-id.ts';
import { settingsOfTarget } from './opening/read-settings.ts';
import { stateInLedger } from './opening/state-manifest.ts';
import { findRun } from './running/find-run.ts';
import { moveReaders } from './running/move-readers.ts';
import { newRun } from './running/new-run.ts';
import { lookBack } from './running/open-past.ts';
import { openedState } from './running/opened-state.ts';
import { ownExports } from './running/own-exports.ts';
import { readToday } from './running/read-today.ts';
import { nothingBuilt, openToWrite, warehousePath } from './warehouse/open-target.ts';
import { serveCopy } from './warehouse/serve-copy.ts';

type Options = CommonOptions & RollbackOptions;

/** Where to go: the version of each relation, null for those that did not exist then. */
interface Destination {
  readonly versions: ReadonlyMap<string, number | null>;
  /** `run 2f61c0`, `before run 2f61c0`, `orders@3`. */
  readonly to: string;
  readonly gitSha: string | null;
}

/**
 * Publishes earlier versions again in one transaction. It is a run of its own and can be undone like any other. Works from the ledger
 * alone: the day models do not compile is a day to go back.
 */
export const rollback: UseCases['rollback'] = async (options, hooks) => {
  const project = await settingsOfTarget(options, hooks);
  if (options.dryRun)
    return lookBack(project, options, hooks, ({ warehouse, connection, state }) =>
      goBack(warehouse, connection, state, project, options, hooks),
    );
  if (warehousePath(project) === ':memory:' || !fileStore.exists(warehousePath(project)))
    throw new DqlError([nothingBuilt(project)]);
  const warehouse = await openToWrite(project, options, hooks);
  const connection = await warehouse.connect();
  try {
    const known = await openedState(warehouse, connection, project.target.name);
    const state = withLost(known, await lostVersions(connection, known));
    const answer = await goBack(warehouse, connection, state, project, options, hooks);
    const unserved = await serveCopy(project, warehouse, connection);
    if (unserved && answer.run_id !== null) await connection.run(endedWith(warehouse.database, answer.run_id, 1));
    return { ...answer, unserved: unserved?.message ?? null };
  } finally {
    connection.close();
    await warehouse.close();
  }
};

async function goBack(
  warehouse: Warehouse,
  connection: Connection,
  state: LedgerState,
  project: Project,
  options: Options,
  hooks: Hooks,
): Promise<RollbackAnswer> {
  const startedAt = performance.now();
  const target = project.target.name;
  if (state.versions.size === 0) throw new DqlError([nothingToUndo(target)]);
  const runs = await readRuns(connection, warehouse.database, Number.MAX_SAFE_INTEGER);
  const publications = (await readPublications(connection, state.ledgers)).filter((record) => record.target === target);
  const commit =
    options.toGit === undefined
      ? undefined
      : lastOfCommit(runs, target, await commitAsked(project, options.toGit, runs));
  const destination = destinationOf(options, state, target, runs, publications, commit);
  const run = await newRun({
    command: 'rollback',
    args: {
      models: [...options.models],
      to: options.toRun ?? null,
      to_git: options.toGit ?? null,
      with_descendants: options.withDescendants,
    },
    project,
    warehouse,
    state,
    options,
  });
  const known = (await stateInLedger(connection, warehouse.database, { target }))?.manifest;
  const isOwn = ownExports({ manifest: known, project });
  const when = { run_id: run.run_id, now: options.now };
  const wanted = [...destination.versions].flatMap(([relation, version]) =>
    version === null ? [] : [returnTo(state, relation, version, when)],
  );
  // A version of an exported file lives as long as its file.
  const missing = wanted.flatMap((each): readonly MissingVersion[] => {
    if (each === undefined || isMissing(each)) return each ? [each] : [];
    const { relation, node, to } = each;
    const isGone = to.physical.kind === 'external' && !(fileStore.exists(to.physical.file) && isOwn(to.physical.file));
    return isGone ? [{ relation, node, version: to.version }] : [];
  });
  if (missing.length > 0) throw new DqlError(missing.map((each) => noLongerKept(each, destination.to)));
  const asked = wanted.filter((each): each is Return => each !== undefined && !isMissing(each));
  const gone = [...destination.versions].flatMap(([relation, version]) => {
    const shown = version === null ? publishedVersion(state, relation) : undefined;
    return shown ? [shown] : [];
  });
  const returns = options.withDescendants
    ? descendantsToo(
        state,
        asked,
        gone.map(({ node }) => node),
        when,
      )
    : asked;
  const latest = new Map(publications.map((record) => [`${record.relation}@${record.version}`, record]));
  const { texts, followed } = await planReturn(connection, {
    state,
    returns,
    gone,
    settled: new Set([...destination.versions.keys()].flatMap((each) => publishedVersion(state, each)?.node ?? [])),
    run,
    database: warehouse.database,
    taking: takenAway(destination.to),
    to: destination.to,
    untested: (version) => latest.get(`${version.relation}@${version.version}`)?.untested ?? false,
    nodeOf: (id) => known?.nodes[id],
    now: () => new Date(options.now.getTime() + (performance.now() - startedAt)),
    dryRun: options.dryRun,
  });
  if (!options.dryRun) {
    if (hooks.signal.aborted) throw new DqlError([interrupted]);
    await moveReaders(warehouse, connection, texts, { returns, gone, run, isOwn });
  }
  return {
    run_id: options.dryRun ? null : run.run_id,
    to: destination.to,
    git_sha: destination.gitSha,
    moved: [
      ...returns.map(({ node, from, wanted: { version } }) => ({
        node,
        name: nameInId(node),
        from_version: from?.version ?? null,
        to_version: version,
      })),
      ...gone.map(({ node, version }) => ({ node, name: nameInId(node), from_version: version, to_version: null })),
    ],
    unserved: null,
    inconsistent: inconsistentNow(state, returns, gone, new Set(followed.map(({ version }) => version.node))),
    of_today: readingToday(state, returns),
    with_descendants: options.withDescendants,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

const readingToday = (state: LedgerState, returns: readonly Return[]): RollbackAnswer['of_today'] =>
  returns.flatMap(({ node, from, wanted }) => {
    const changed = from ? readToday({ state, version: wanted }, { state, version: from }) : [];
    if (changed.length === 0) return [];
    const sources = changed.map((input) => `\`${nameInId(input)}\``).join(', ');
    return [{ node, name: nameInId(node), reason: `reads ${sources}, which has changed since` }];
  });

function inconsistentNow(
  state: LedgerState,
  returns: readonly Return[],
  gone: readonly VersionRecord[],
  followed: ReadonlySet<NodeId>,
): RollbackAnswer['inconsistent'] {
  const contents = new Map<NodeId, string | undefined>(gone.map(({ node }) => [node, undefined]));
  for (const each of returns) contents.set(each.node, each.to.content_id);
  const found = leftInconsistent(state, contents);
  const all = new Set(found.map(({ node }) => node));
  return found
    .filter(({ node }) => !followed.has(node))
    .map(({ node, inputs }) => {
      const parents = Object.keys(inputs).filter(
        (input) => all.has(input) || (contents.has(input) && contents.get(input) !== inputs[input]),
      );
      return {
        node,
        name: nameInId(node),
        reason: `was built from other rows of ${parents.map((parent) => `\`${nameInId(parent)}\``).join(', ')}`,
      };
    });
}

function destinationOf(
  options: Options,
  state: LedgerState,
  target: string,
  runs: readonly RunRecord[],
  publications: readonly PublicationRecord[],
  ofCommit: RunRecord | undefined,
): Destination {
  if (options.models.length > 0) return modelsAsked(options.models, state, target, publications);
  const run = options.toRun === undefined ? ofCommit : findRun(runs, options.toRun);
  if (run) {
    if (run.target !== target)
      throw new DqlError([
        {
          code: 'rollback/other-target',
          severity: 'error',
          message: `run ${run.run_id} built target \`${run.target}\`, not \`${target}\``,
          hint: `dql rollback --to ${run.run_id.slice(0, 8)} -t ${run.target}`,
        },
      ]);
    const shown = shownAfter(publications, run.sequence);
    const everything = new Set(publications.map(({ relation }) => relation));
    return {
      versions: new Map([...everything].map((relation) => [relation, shown.get(relation)?.version ?? null])),
      to: `run ${run.run_id}${ofCommit?.git_dirty ? ', which had changes beside that commit' : ''}`,
      gitSha: run.git_sha,
    };
  }
  const last = publications.reduce((most, { sequence }) => Math.max(most, sequence), 0);
  const undone = runs.find((run) => run.sequence === last);
  if (!undone) throw new DqlError([nothingToUndo(target)]);
  const shown = shownAfter(publications, last - 1);
  const before = [...runs].find((run) => run.sequence < last && run.target === target);
  return {
    versions: new Map(
      publications
        .filter(({ sequence }) => sequence === last)
        .map(({ relation }) => [relation, shown.get(relation)?.version ?? null]),
    ),
    to: `before run ${undone.run_id}`,
    gitSha: before?.git_sha ?? null,
  };
}

interface CommitAsked {
  /** What was typed. */
  readonly name: string;
  /** It, or the beginning of it. */
  readonly sha: string;
}

/** A commit that runs know, by the beginning of its id, or what git calls by that name: a branch, a tag, `HEAD~1`. */
async function commitAsked({ folder }: Project, name: string, runs: readonly RunRecord[]): Promise<CommitAsked> {
  const begun = name.toLowerCase();
  if (runs.some(({ git_sha }) => git_sha?.startsWith(begun))) return { name, sha: begun };
  return { name, sha: (await commitCalled(folder, name)) ?? begun };
}

/** The newest run of the target that was made at a commit; one that had nothing beside it, where there is one. */
function lastOfCommit(runs: readonly RunRecord[], target: string, { name, sha }: CommitAsked): RunRecord {
  // What a rollback left was made by another commit than the one it was typed at.
  const made = runs.filter((run) => run.target === target && run.command !== 'rollback' && run.git_sha !== null);
  const found = sha === '' ? [] : made.filter((run) => run.git_sha?.startsWith(sha));
  const wrong = (code: string, message: string, hint: string) =>
    new DqlError([{ code, severity: 'error', message, hint }]);
  const commits = [...new Set(found.flatMap((run) => run.git_sha ?? []))];
  if (commits.length > 1)
    throw wrong('rollback/ambiguous-commit', `\`${name}\` begins ${commits.length} commits`, commits.join(', '));
  const run = found.find(({ git_dirty }) => git_dirty === false) ?? found[0];
  if (run) return run;
  const known = [...new Set(made.flatMap((each) => each.git_sha?.slice(0, 8) ?? []))];
  const called = sha.startsWith(name.toLowerCase()) ? `\`${name}\`` : `\`${name}\` (${sha.slice(0, 8)})`;
  throw wrong(
    'rollback/unknown-commit',
    `no run of target \`${target}\` was made at commit ${called}`,
    known.length === 0
      ? 'no run knows its commit: the project is not in a git repository'
      : `there are runs of ${known.slice(0, 4).join(', ')}`,
  );
}

/** `orders@3` is that version, `orders` the one that was shown before the present one. */
function modelsAsked(
  models: readonly string[],
  state: LedgerState,
  target: string,
  publications: readonly PublicationRecord[],
): Destination {
  const problems: Diagnostic[] = [];
  const relations = relationsByName(state, target);
  const versions = new Map<string, number | null>();
  const labels: string[] = [];
  for (const asked of models) {
    const [, name = asked, number] = /^(.+)@(\d+)$/.exec(asked) ?? [];
    const relation = relations.get(name);
    if (relation === undefined) {
      const hint = didYouMean(name, relations.keys());
      problems.push({
        code: 'rollback/unknown-model',
        severity: 'error',
        message: `target \`${target}\` never published a model \`${name}\``,
        ...(hint === undefined ? {} : { hint }),
      });
      continue;
    }
    const shown = state.published.get(relation)?.version ?? null;
    const before = publications.filter((record) => record.relation === relation && record.version !== shown).at(-1);
    if (number === undefined && before?.version == null) {
      problems.push({
        code: 'rollback/no-earlier-version',
        severity: 'error',
        message: `\`${name}\` has no earlier version than ${shown === null ? 'the one taken away' : shown}`,
        hint: `\`dql versions ${name}\` lists what is kept`,
      });
      continue;
    }
    const version = number === undefined ? (before?.version ?? null) : Number(number);
    versions.set(relation, version);
    labels.push(`${name}@${version}`);
  }
  if (problems.length > 0) throw new DqlError(problems);
  const commits = new Set(
    [...versions].map(
      ([relation, version]) => state.versions.get(relation)?.find((kept) => kept.version === version)?.git_sha ?? null,
    ),
  );
  return { versions, to: labels.join(', '), gitSha: commits.size === 1 ? ([...commits][0] ?? null) : null };
}

/** Names people may type: the node's, its unique id, and `schema.alias`. A node that got another alias is the relation it published last. */
function relationsByName(state: LedgerState, target: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const published = [...state.published.values()].sort((left, right) => left.sequence - right.sequence);
  for (const { relation } of published)
    for (const { node, schema, alias, target: of } of state.versions.get(relation) ?? [])
      if (of === target)
        for (const name of [`${schema}.${alias}`, node, node.split('.').slice(2).join('.')]) names.set(name, relation);
  return names;
}

const nothingToUndo = (target: string): Diagnostic => ({
  code: 'rollback/nothing-published',
  severity: 'error',
  message: `no run has published anything in target \`${target}\` yet`,
  hint: '`dql history` lists the runs',
});

const noLongerKept = ({ relation, node, version }: MissingVersion, to: string): Diagnostic => ({
  code: 'rollback/no-longer-kept',
  severity: 'error',
  message: `${to} is out of reach: version ${version ?? '?'} of \`${node === relation ? relation : nameInId(node)}\` is not kept`,
  hint: '`dql versions` lists what is kept; `retention:` in project.yml says how long',
});

const interrupted: Diagnostic = {
  code: 'rollback/interrupted',
  severity: 'error',
  message: 'interrupted before anything was changed',
};
