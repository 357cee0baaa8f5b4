/** Relations that are published still although the project makes them no more: their models were removed, renamed, disabled or moved. */
import type { Manifest } from '../../compile/manifest.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { relationKey } from '../../ledger/names.ts';
import { type LedgerState, publishedVersion, type VersionRecord } from '../../ledger/records.ts';
import { makesRelation, relationOf } from '../../plan/plan-run.ts';
import type { Project } from '../../project/project.ts';
import { nameInId } from '../opening/name-in-id.ts';

type Opened = { readonly project: Project; readonly manifest: Manifest };

/** Told by name; of more only how many. */
const TOLD = 5;

/**
 * By schema and name. Left out is what may be another's: other targets, other projects in the same warehouse, other schemas than this
 * project's (every developer may have one), and what this project reads as a source by now.
 */
export function orphans({ project, manifest }: Opened, state: LedgerState): readonly VersionRecord[] {
  const { target, packages } = project;
  const made = Object.values(manifest.nodes).filter(({ unique_id: id }) => makesRelation(manifest, id));
  const sources = Object.values(manifest.sources).map(({ database, schema, identifier: alias }) =>
    relationKey({ database, schema, alias }),
  );
  const claimed = new Set([...made.map(relationOf), ...sources]);
  const schemas = new Set([target.schema, ...made.map(({ schema }) => schema)].map((name) => name.toLowerCase()));
  const names = new Set(packages.map(({ name }) => name));
  // Of a package that is no more among them, the ledger knows whose it was.
  const isOurs = ({ node, run_id }: VersionRecord) =>
    names.has(node.split('.')[1] ?? '') || state.projects.get(run_id) === project.root.name;
  return [...state.published.keys()]
    .flatMap((relation) => publishedVersion(state, relation) ?? [])
    .filter(
      (version) =>
        version.target === target.name &&
        !claimed.has(version.relation) &&
        isOurs(version) &&
        // The last model of a schema may be the one that is gone.
        (schemas.has(version.schema.toLowerCase()) ||
          (!(version.node in manifest.nodes) &&
            version.schema.toLowerCase().startsWith(`${target.schema.toLowerCase()}_`))),
    )
    .sort((left, right) => (left.relation < right.relation ? -1 : 1));
}

/** The warning of a run that leaves them as they are. */
export function orphansStand(found: readonly VersionRecord[]): readonly Diagnostic[] {
  if (found.length === 0) return [];
  const told = found.slice(0, TOLD).map(({ schema, alias, node }) => {
    const name = nameInId(node);
    return `\`${schema}.${alias}\`${name === alias ? '' : ` (of \`${name}\`)`}`;
  });
  const more = found.length > TOLD ? ` and ${found.length - TOLD} more` : '';
  const [are, them] = found.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return [
    {
      code: 'plan/orphaned-relations',
      severity: 'warning',
      message: `${told.join(', ')}${more} ${are} still published, and nothing in the project makes ${them} any more`,
      hint: `\`dql clean --orphans\` removes ${them}, and \`dql rollback\` brings ${them} back`,
    },
  ];
}
