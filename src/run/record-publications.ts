/** The ledger rows of what is published. */
import { homeOf, type PublicationRecord, type RunRecord, type VersionRecord } from '../ledger/records.ts';
import { replaceVersions, writePublications, writeVersions } from '../ledger/write-ledger.ts';
import { adoptedVersion } from './adopted-version.ts';
import type { FileText } from './commit-files.ts';
import type { RunContext } from './context.ts';
import { keyOf } from './follow-views.ts';
import type { Progress } from './progress.ts';
import type { Publication } from './publish.ts';

/** Ledger rows of the publications, and of reused versions whose fingerprints moved on. */
export function records(
  context: RunContext,
  progress: Progress,
  publications: readonly Publication[],
  renamed: readonly VersionRecord[],
): readonly FileText[] {
  const now = context.now().toISOString();
  const followed = publications.filter((publication) => !progress.built.has(publication.version.node));
  const refreshed = [...progress.refreshed.values()].filter((version) => {
    const before = context.state.versions.get(version.relation)?.find((known) => known.version === version.version);
    return (
      before &&
      (before.node !== version.node ||
        before.code_fingerprint !== version.code_fingerprint ||
        JSON.stringify(before.inputs) !== JSON.stringify(version.inputs))
    );
  });
  const published = publications.map(
    ({ version }): PublicationRecord => ({
      run_id: context.run.run_id,
      sequence: context.run.sequence,
      target: context.run.target,
      node: version.node,
      relation: version.relation,
      version: version.version,
      published_at: now,
      untested:
        context.displaced.has(version.relation) && !progress.built.has(version.node)
          ? (context.state.published.get(version.relation)?.untested ?? true)
          : !context.tested || followed.some((other) => other.version === version),
    }),
  );
  const { adopted, stood } = adoptions(context.run, publications, now);
  // A view over real tables is written with the names they have from now on, whatever else is said of it.
  const written = new Map(
    [...adopted, ...publications.map((publication) => publication.version), ...refreshed].map((version) => [
      keyOf(version),
      version,
    ]),
  );
  for (const version of renamed)
    written.set(keyOf(version), { ...(written.get(keyOf(version)) ?? version), physical: version.physical });
  const isNew = (version: VersionRecord) => progress.unrecorded.has(keyOf(version));
  const all = new Map([...progress.unrecorded, ...written]);
  return ledgerTexts([...all.values()], [...stood, ...published], [], isNew);
}

/** What somebody else put where these are shown, and that readers saw it until now. */
export function adoptions(
  run: RunRecord,
  publications: readonly Publication[],
  now: string,
): { readonly adopted: readonly VersionRecord[]; readonly stood: readonly PublicationRecord[] } {
  const adopted = publications.flatMap(({ version, adopts }) => {
    if (adopts === null) return [];
    const first = adoptedVersion({ ...version, run_id: run.run_id, built_at: now }, adopts);
    return [version.physical.kind === 'copied' ? { ...first, physical: version.physical } : first];
  });
  const stood = adopted.map(
    ({ node, relation, version }): PublicationRecord => ({
      run_id: run.run_id,
      sequence: run.sequence - 1,
      target: run.target,
      node,
      relation,
      version,
      published_at: run.started_at,
      untested: true,
    }),
  );
  return { adopted, stood };
}

/**
 * Versions and publications go into the ledgers of the files that their rows are in.
 * @param others versions of published relations that are not written anew
 * @param isNew true for versions that no ledger has a record of
 */
export function ledgerTexts(
  versions: readonly VersionRecord[],
  publications: readonly PublicationRecord[],
  others: readonly VersionRecord[] = [],
  isNew: (version: VersionRecord) => boolean = () => false,
): readonly FileText[] {
  const homes = new Map([...others, ...versions].map((version) => [version.relation, homeOf(version)]));
  return [...new Set(homes.values())].map((database) => {
    const here = versions.filter((version) => homeOf(version) === database);
    return {
      database,
      sql: [
        replaceVersions(
          database,
          here.filter((version) => !isNew(version)),
        ),
        writeVersions(database, here.filter(isNew)),
        writePublications(
          database,
          publications.filter(({ relation }) => homes.get(relation) === database),
        ),
      ].join('\n'),
    };
  });
}

/** A published delta has nothing pending any more. */
export const keptRecord = (version: VersionRecord): VersionRecord => ({
  ...version,
  state: 'kept',
  physical: version.physical.kind === 'delta' ? { ...version.physical, pending: undefined } : version.physical,
});
